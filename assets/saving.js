// Saves what a page has changed: soon, together, once; keeps what could not be
// saved and says so; asks for the password in place when the session has ended.
// Nothing is kept on the machine: staff rooms share their computers.
(function () {
  "use strict";
  const $ = (id) => document.getElementById(id);
  const meta = document.querySelector("meta[name=csrf]");
  let waitingForSignIn = null;

  function clock() {
    const now = new Date();
    return now.getHours() + ":" + ("0" + now.getMinutes()).slice(-2);
  }

  // One queue of changes for one address. `take(answer)` hears what came of them.
  function Queue(address, take, changed) {
    let waiting = new Map();
    let sending = null;
    let timer = 0;
    let delay = 600;
    const queue = {
      failed: false,
      put(key, change) {
        waiting.set(key, change);
        changed();
        schedule(600);
      },
      // Unsaved changes, those under way among them.
      count: () => waiting.size + (sending ? sending.size : 0),
      isSending: () => sending !== null,
      flush: () => schedule(0),
      // Whether a newer change of this key waits: then an answer must not overwrite it.
      has: (key) => waiting.has(key),
      revise(key, revision) {
        if (waiting.has(key)) waiting.get(key).revision = revision;
      },
    };

    function schedule(after) {
      clearTimeout(timer);
      timer = setTimeout(send, after);
    }

    async function send() {
      if (sending || waiting.size === 0 || waitingForSignIn) return;
      sending = waiting;
      waiting = new Map();
      changed();
      let answer = null;
      try {
        answer = await fetch(address, {
          method: "POST",
          headers: { "content-type": "application/json", accept: "application/json", "x-csrf-token": meta.content },
          body: JSON.stringify([...sending.values()]),
        });
      } catch (offline) {
        return putBack(true);
      }
      if (answer.status === 401) {
        putBack(false);
        return askPassword();
      }
      let body = null;
      try { body = await answer.json(); } catch (broken) { body = {}; }
      if (answer.ok || (answer.status === 409 && body.conflicts)) {
        const sent = sending;
        sending = null;
        delay = 600;
        queue.failed = false;
        take(body, sent);
        changed();
        if (waiting.size) schedule(0);
      } else if (answer.status >= 500 || answer.status === 429) {
        putBack(true);
      } else {
        // Refused for good: say why, and do not send it again.
        sending = null;
        queue.failed = false;
        changed();
        notice(body.message || "没有存上，请刷新页面再试。");
      }
    }

    function putBack(retry) {
      for (const [key, change] of sending) if (!waiting.has(key)) waiting.set(key, change);
      sending = null;
      queue.failed = retry;
      changed();
      if (retry) {
        delay = Math.min(delay * 2, 15000);
        schedule(delay);
      }
    }
    window.addEventListener("online", () => queue.flush());
    return queue;
  }

  function notice(text) {
    const state = $("save-state");
    if (state) { state.className = "saved late"; state.textContent = text; state.dataset.held = "1"; }
  }

  // The words beside the buttons, for all queues of the page together.
  function report(queues) {
    const state = $("save-state");
    if (!state) return;
    const count = queues.reduce((sum, queue) => sum + queue.count(), 0);
    const failed = queues.some((queue) => queue.failed);
    if (count === 0 && state.dataset.held) { delete state.dataset.held; return; }
    state.className = failed ? "saved late" : "saved";
    if (failed) state.textContent = "网络断开，" + count + " 处未保存。请别关页面，连上后会自动存。";
    else if (count) state.textContent = "正在保存…";
    else state.textContent = "已自动保存 " + clock();
  }

  function askPassword() {
    if (waitingForSignIn) return waitingForSignIn;
    const box = $("gate-box");
    const before = document.activeElement;
    box.hidden = false;
    $("gate-login").focus();
    waitingForSignIn = new Promise((resolve) => {
      $("gate-form").onsubmit = async (event) => {
        event.preventDefault();
        const form = new URLSearchParams({ login: $("gate-login").value, password: $("gate-password").value });
        try {
          const answer = await fetch("/sign-in", { method: "POST", headers: { accept: "application/json" }, body: form });
          if (!answer.ok) return wrong((await answer.json()).message);
          // The new session has a token of its own; the page itself tells it.
          const page = await fetch(location.href, { headers: { accept: "text/html" } });
          const fresh = /<meta name="csrf" content="([^"]+)"/.exec(await page.text());
          if (!page.ok || !fresh) return wrong("这个账号看不到这一页。请用原来的账号登录。");
          meta.content = fresh[1];
          document.querySelectorAll("input[name=csrf]").forEach((input) => { input.value = fresh[1]; });
        } catch (offline) {
          return wrong("网络断开，请连上后再登录。");
        }
        $("gate-password").value = "";
        $("gate-wrong").hidden = true;
        box.hidden = true;
        waitingForSignIn = null;
        if (before) before.focus();
        window.dispatchEvent(new Event("online"));
        resolve();
      };
    });
    return waitingForSignIn;
  }

  function wrong(text) {
    $("gate-wrong").textContent = text || "没有登录上，请再试一次。";
    $("gate-wrong").hidden = false;
  }

  window.qinghe = { Queue, report, csrf: () => meta.content };
})();
