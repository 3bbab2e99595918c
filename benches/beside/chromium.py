"""One headless Chromium that prints page after page, told over a pipe (DevTools protocol)."""

import base64
import json
import os
import select
import subprocess
import tempfile

FLAGS = """
--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
--disable-component-update --disable-sync --disable-extensions --remote-debugging-pipe
""".split()


class Browser:
    def __init__(self, profile):
        # It reads at 3 and writes at 4; messages end with a zero byte.
        read, self.tell = os.pipe()
        hear, write = os.pipe()
        self.hear, self.rest, self.number = os.fdopen(hear, "rb", 0), b"", 0

        def place():
            # Away from 3 and 4 first, lest one be closed by the other's coming.
            high = os.dup(read), os.dup(write)
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)

        self.process = subprocess.Popen(
            ["chromium", *FLAGS, f"--user-data-dir={profile}", "about:blank"],
            preexec_fn=place,
            close_fds=False,
            stderr=subprocess.DEVNULL,
        )
        os.close(read)
        os.close(write)

    def next(self):
        while b"\0" not in self.rest:
            if not select.select([self.hear], [], [], 120)[0]:
                raise TimeoutError("the browser says nothing")
            more = os.read(self.hear.fileno(), 1 << 20)
            if not more:
                raise EOFError("the browser has gone")
            self.rest += more
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def ask(self, method, session=None, until=None, **params):
        """The answer, once the event `until` has come as well."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        os.write(self.tell, json.dumps(message).encode() + b"\0")
        answer = None
        while answer is None or until:
            heard = self.next()
            if heard.get("id") == self.number:
                if "error" in heard:
                    raise RuntimeError(f"{method}: {heard['error']}")
                answer = heard["result"]
            elif heard.get("method") == until:
                until = None
        return answer


def print_all(pairs, folder):
    """Prints each page of `pairs` to its PDF in one tab; its profile is made fresh in `folder`."""
    browser = Browser(tempfile.mkdtemp(dir=folder))
    try:
        tab = browser.ask("Target.createTarget", url="about:blank")["targetId"]
        session = browser.ask("Target.attachToTarget", targetId=tab, flatten=True)["sessionId"]
        browser.ask("Page.enable", session)
        for page, pdf in pairs:
            browser.ask("Page.navigate", session, until="Page.loadEventFired", url=page.as_uri())
            printed = browser.ask(
                "Page.printToPDF", session, preferCSSPageSize=True, printBackground=True, generateTaggedPDF=False
            )
            pdf.write_bytes(base64.b64decode(printed["data"]))
        browser.ask("Browser.close")
        browser.process.wait(60)
    finally:
        browser.process.kill()
