// Saves what a page has changed: soon, together, once; keeps what could not be
// saved and says so; asks for the password in place when the session has ended.
// Nothing is kept on the machine: staff rooms share their computers.
(function () {
  "use strict";
  const $ = (id) => document.getElementById(id);
  const meta = document.querySelector("meta[name=csrf]");
  const SOON = 600;
  const LATEST = 15000;
  const queues = [];
  let asking = false;
  let notice = "";
  let savedAt = "";
  let leave = null;

  const unsaved = () => queues.reduce((sum, queue) => sum + queue.count(), 0);

  function clock() {
    const now = new Date();
    return now.getHours() + ":" + ("0" + now.getMinutes()).slice(-2);
  }

  // One queue of changes for one address. `taken(answer)` hears what came of them,
  // `refused(changes)` that they were refused for good.
  function Queue(address, taken, refused) {
    let waiting = new Map();
    let sending = null;
    let timer = 0;
    let delay = SOON;
    const queue = {
      // Why the last attempt failed, until one succeeds: "offline" or "busy".
      trouble: "",
      put(key, change) {
        waiting.set(key, change);
        notice = "";
        schedule(SOON);
        report();
      },
      drop: (key) => waiting.delete(key),
      // Unsaved changes, those under way among them.
      count: () => new Set([...waiting.keys(), ...(sending ? sending.keys() : [])]).size,
      flush: () => schedule(0),
      // Whether a newer change of this key waits: then an answer must not overwrite it.
      has: (key) => waiting.has(key),
      revise(key, revision) {
        if (waiting.has(key)) waiting.get(key).revision = revision;
      },
    };
    queues.push(queue);

    function schedule(after) {
      clearTimeout(timer);
      timer = setTimeout(send, after);
    }

    async function send() {
      if (sending || !waiting.size || asking) return;
      sending = waiting;
      waiting = new Map();
      report();
      let answer;
      let body = {};
      try {
        answer = await post(address, [...sending.values()]);
        if (answer.status !== 401) body = await answer.json();
      } catch (offline) {
        return putBack("offline");
      }
      if (answer.status === 401) {
        putBack("");
        return askPassword();
      }
      if (answer.status >= 500 || answer.status === 429) return putBack("busy");
      const sent = sending;
      sending = null;
      delay = SOON;
      queue.trouble = "";
      if (answer.ok || body.conflicts) {
        if (answer.ok) savedAt = clock();
        taken(body);
      } else {
        // Refused for good: say why, and do not send it again.
        tell(body.message || "没有存上，请刷新页面再试。");
        refused([...sent.values()]);
      }
      report();
      if (waiting.size) schedule(0);
    }

    function putBack(trouble) {
      for (const [key, change] of sending) if (!waiting.has(key)) waiting.set(key, change);
      sending = null;
      queue.trouble = trouble;
      report();
      if (trouble) {
        delay = Math.min(delay * 2, LATEST);
        schedule(delay);
      }
    }
    window.addEventListener("online", queue.flush);
    return queue;
  }

  function post(address, value) {
    return fetch(address, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json", "x-csrf-token": meta.content },
      body: JSON.stringify(value),
    });
  }

  // Stands beside the buttons until the next change.
  function tell(text) { notice = text; }

  // The words beside the buttons, for all queues of the page together.
  function report() {
    const state = $("save-state");
    if (!state) return;
    const count = unsaved();
    const trouble = queues.map((queue) => queue.trouble).find(Boolean);
    const late = asking || trouble || notice;
    let words = count ? "正在保存…" : savedAt && "已自动保存 " + savedAt;
    if (notice) words = (notice + " " + words).trim();
    if (trouble === "busy") words = "服务器正忙，" + count + " 处未保存。请别关页面，会自动再试。";
    if (trouble === "offline") words = "网络断开，" + count + " 处未保存。请别关页面，连上后会自动存。";
    if (asking) words = "登录到时，" + count + " 处未保存。";
    state.className = late ? "saved late" : "saved";
    const picture = state.querySelector("use");
    picture.setAttribute("href", picture.getAttribute("href").replace(/#.*/, late ? "#alert" : "#cloud"));
    if (state.lastElementChild.textContent !== words) state.lastElementChild.textContent = words;
    if (late) leave = null;
    if (leave && !count) { const go = leave; leave = null; go(); }
  }

  // Leaving with something under way: wait for it; with something stuck, ask.
  function waits(event, go) {
    if (event.defaultPrevented || !unsaved() || asking || queues.some((queue) => queue.trouble)) return;
    event.preventDefault();
    leave = go;
    queues.forEach((queue) => queue.flush());
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || link.getAttribute("href")[0] === "#") return;
    waits(event, () => { location.href = link.href; });
  });
  document.addEventListener("submit", (event) => waits(event, () => event.target.submit()));
  window.addEventListener("beforeunload", (event) => {
    if (unsaved() || document.querySelector("[data-long]")) { event.preventDefault(); event.returnValue = ""; }
  });

  // Dialogs of our own: <dialog> is too young for these browsers. The key Tab goes
  // round inside; Esc closes those with a button that does.
  let opener = null;
  function open(box, first) {
    opener = document.activeElement;
    box.hidden = false;
    first.focus();
  }
  function close(box) {
    box.hidden = true;
    if (opener) opener.focus();
  }
  document.querySelectorAll(".veil").forEach((box) => {
    const closers = box.querySelectorAll("[data-close]");
    closers.forEach((button) => { button.onclick = () => close(box); });
    box.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && closers.length) { event.preventDefault(); return close(box); }
      if (event.key !== "Tab") return;
      const stops = [...box.querySelectorAll("button, input, textarea")];
      const edge = event.shiftKey ? stops[0] : stops[stops.length - 1];
      if (document.activeElement === edge) { event.preventDefault(); (event.shiftKey ? stops[stops.length - 1] : stops[0]).focus(); }
    });
  });

  // Asks in place; `then` hears that one is signed in again.
  let entered = null;
  function askPassword(then) {
    if (asking) return;
    asking = true;
    entered = then || null;
    report();
    open($("gate-box"), $("gate-login"));
  }

  async function enter(event) {
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
    asking = false;
    close($("gate-box"));
    if (entered) entered();
    queues.forEach((queue) => queue.flush());
    report();
  }
  if ($("gate-form")) $("gate-form").addEventListener("submit", enter);

  function wrong(text) {
    $("gate-wrong").textContent = text || "没有登录上，请再试一次。";
    $("gate-wrong").hidden = false;
    $("gate-password").focus();
  }

  window.qinghe = { Queue, post, tell, report, unsaved, open, close, askPassword };
})();
