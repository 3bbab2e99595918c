"""How long wkhtmltopdf, WeasyPrint and headless Chromium take for portfolios.

Each works as one process (Chromium: one browser with one tab) over all the pages, which
are written before. Counted is the CPU of all its processes, user and system, as the
kernel has it when they have ended; what one page alone takes, start and end included,
is taken off and told apart. They make plain PDFs: no tags, no PDF/A, no attachment,
no signature; and Debian's wkhtmltopdf, built with an unpatched Qt, no page numbers.
"""

import ctypes
import json
import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import threading

import chromium
import portfolio

HERE = pathlib.Path(__file__).parent
PR_SET_CHILD_SUBREAPER = 36
# Those of templates/typst/qinghe.typ; its own WebKit does not know @page.
MARGINS = ["-T", "25mm", "-B", "24mm", "-L", "27mm", "-R", "20mm"]


def wkhtmltopdf(pairs, folder):
    lines = "".join(f"{page} {pdf}\n" for page, pdf in pairs)
    command = ["wkhtmltopdf", "-q", "--enable-local-file-access", "-s", "A4", *MARGINS]
    subprocess.run(
        [*command, "--read-args-from-stdin"],
        input=lines,
        text=True,
        check=True,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": str(folder)},
    )


LOOP = """
import sys, weasyprint
for page, pdf in zip(sys.argv[1::2], sys.argv[2::2]):
    weasyprint.HTML(page).write_pdf(pdf)
"""


def weasyprint(pairs, folder):
    paths = [str(path) for pair in pairs for path in pair]
    subprocess.run([sys.executable, "-c", LOOP, *paths], check=True, stderr=subprocess.DEVNULL)


TOOLS = {
    "wkhtmltopdf": ("wkhtmltopdf", wkhtmltopdf),
    "WeasyPrint": (sys.executable, weasyprint),
    "Chromium": ("chromium", chromium.print_all),
}


def children_of(pid):
    try:
        found = pathlib.Path(f"/proc/{pid}/task").glob("*/children")
        return [int(child) for tasks in found for child in tasks.read_text().split()]
    except OSError:
        return []


def memory_below(pid):
    """MiB of all processes below this one; what they share is counted once."""
    mib = 0
    for child in children_of(pid):
        try:
            rolled = pathlib.Path(f"/proc/{child}/smaps_rollup").read_text()
            mib += int(re.search(r"^Pss:\s+(\d+)", rolled, re.M)[1]) / 1024
        except (OSError, TypeError):
            pass
        mib += memory_below(child)
    return mib


def spent(tool, pairs, folder):
    """CPU seconds of all the tool's processes over `pairs`, and its most MiB at a time."""
    ended, most = threading.Event(), [0]

    def watch():
        while not ended.wait(0.3):
            most[0] = max(most[0], memory_below(os.getpid()))

    watching = threading.Thread(target=watch)
    watching.start()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        tool(pairs, folder)
    finally:
        ended.set()
        watching.join()
    # Orphans come to us: see main.
    while True:
        try:
            os.wait()
        except ChildProcessError:
            break
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, most[0]


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def told_of(pdfs):
    """Pages, KB and Chinese characters a file: whether all made the same."""
    pages = han = 0
    for pdf in pdfs:
        pages += int(re.search(r"^Pages:\s+(\d+)", output_of("pdfinfo", pdf), re.M)[1])
        # Some write a character as the radical that looks like it.
        han += len(re.findall("[\u2e80-\u2fdf\u4e00-\u9fff]", output_of("pdftotext", "-raw", pdf, "-")))
    size = sum(pdf.stat().st_size for pdf in pdfs)
    many = len(pdfs)
    return {"pages": round(pages / many, 1), "kb": round(size / many / 1000), "characters": round(han / many)}


def main(folder):
    # A browser's processes may outlive the one that started them: then they are ours to
    # wait for, and the kernel adds what they took.
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    sealed = sorted(folder.glob("*.json"))
    assert len(sealed) > 1, f"two sealed files at least in {folder}"
    told = {"files": len(sealed), "tools": {}}
    own = sorted(folder.glob("*.pdf"))
    if own:
        told["own"] = told_of(own)
    with tempfile.TemporaryDirectory() as made:
        made = pathlib.Path(made)
        pages = portfolio.Pages(made)
        written = [pages.write(one) for one in sealed]
        for name, (command, tool) in TOOLS.items():
            if not shutil.which(command):
                told["tools"][name] = None
                continue
            pairs = [(page, made / f"{page.stem}-{name}.pdf") for page in written]
            start, _ = spent(tool, pairs[:1], made)
            whole, mib = spent(tool, pairs, made)
            told["tools"][name] = {
                "cpu": round((whole - start) / (len(pairs) - 1), 4),
                "first": round(start, 2),
                "mib": round(mib),
                **told_of([pdf for _, pdf in pairs]),
            }
    print(json.dumps(told, ensure_ascii=False))


main(pathlib.Path(sys.argv[1]))
