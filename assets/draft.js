// What a pupil or guardian writes lies on their own phone until it has arrived: under
// the account, for at most seven days, and no longer than until they sign out. With no
// signal it is sent by itself when the line is back; its id, made with the form, makes
// that it arrives once. The teachers' pages do not load this script.
(function () {
  "use strict";
  const DAYS = 7 * 24 * 60 * 60 * 1000;
  const AGAIN = 15000;
  let form = null;
  let timer = 0;
  let sending = false;
  // What was pressed, once the form waits to be sent by itself.
  let pressedOnce = "";

  const store = {
    open() {
      return new Promise((done, failed) => {
        const asked = indexedDB.open("qinghe", 1);
        asked.onupgradeneeded = () => asked.result.createObjectStore("drafts", { keyPath: "id" });
        asked.onsuccess = () => done(asked.result);
        asked.onerror = () => failed(asked.error);
      });
    },
    async run(mode, work) {
      const db = await store.open();
      try {
        return await new Promise((done, failed) => {
          const act = db.transaction("drafts", mode);
          const asked = work(act.objectStore("drafts"));
          act.oncomplete = () => done(asked && asked.result);
          act.onerror = act.onabort = () => failed(act.error);
        });
      } finally {
        db.close();
      }
    },
    all: () => store.run("readonly", (drafts) => drafts.getAll()),
    put: (draft) => store.run("readwrite", (drafts) => drafts.put(draft)),
    drop: (id) => store.run("readwrite", (drafts) => drafts.delete(id)),
    clear: () => store.run("readwrite", (drafts) => drafts.clear()),
  };

  function say(text, address, action) {
    let line = document.getElementById("draft-said");
    const main = document.getElementById("main");
    if (!line && !main) return;
    if (!line) {
      line = document.createElement("p");
      line.id = "draft-said";
      line.className = "ban";
      line.setAttribute("role", "status");
      main.insertBefore(line, main.firstChild);
    }
    line.hidden = !text;
    line.textContent = "";
    const words = document.createElement("span");
    words.textContent = text || "";
    line.appendChild(words);
    if (address) {
      const link = document.createElement("a");
      link.href = address;
      link.textContent = action;
      words.appendChild(link);
    }
    return line;
  }

  const photosOf = (form) => form.querySelector("input[data-photos]");

  function written(state, act) {
    const fields = [];
    new FormData(form).forEach((value, name) => {
      if (typeof value === "string" && name !== "csrf" && name !== "act") fields.push([name, value]);
    });
    if (act) fields.push(["act", act]);
    const input = photosOf(form);
    return {
      id: form.elements.id.value,
      account: form.getAttribute("data-draft"),
      page: location.pathname,
      door: form.getAttribute("action"),
      title: form.elements.title.value,
      fields,
      photos: input ? [...input.files] : [],
      state,
      at: Date.now(),
    };
  }

  function keepSoon() {
    clearTimeout(timer);
    timer = setTimeout(keepNow, 300);
  }
  function keepNow() {
    clearTimeout(timer);
    timer = 0;
    if (form && !sending) return store.put(written(pressedOnce ? "waiting" : "typed", pressedOnce)).catch(() => {});
    return Promise.resolve();
  }

  function fill(draft) {
    [...form.elements].forEach((field) => {
      if (!field.name || field.name === "csrf" || field.type === "file" || field.tagName === "BUTTON") return;
      const said = draft.fields.filter((one) => one[0] === field.name).map((one) => one[1]);
      if (field.type === "checkbox" || field.type === "radio") field.checked = said.indexOf(field.value) >= 0;
      else if (said.length) field.value = said[0];
      if (said.length && field.value) {
        const more = field.closest("details");
        if (more) more.open = true;
      }
    });
  }

  // One draft to the server: "sent", "refused", "offline", "busy", or "out".
  async function send(draft) {
    let page, answer;
    try {
      page = await fetch(draft.page, { headers: { accept: "text/html" } });
    } catch (offline) {
      return { how: "offline" };
    }
    if (new URL(page.url).pathname === "/sign-in") return { how: "out" };
    const there = new DOMParser().parseFromString(await page.text(), "text/html").querySelector("form[data-draft]");
    if (!there || there.getAttribute("data-draft") !== draft.account) return { how: page.ok ? "out" : "busy" };
    const body = new FormData();
    body.append("csrf", there.querySelector("[name=csrf]").value);
    draft.fields.forEach((one) => body.append(one[0], one[1]));
    draft.photos.forEach((photo) => body.append("photos", photo, photo.name || "photo.jpg"));
    try {
      answer = await fetch(draft.door, { method: "POST", body, headers: { accept: "text/html" } });
    } catch (offline) {
      return { how: "offline" };
    }
    if (answer.ok && answer.redirected && new URL(answer.url).searchParams.has("saved")) {
      await store.drop(draft.id);
      return { how: "sent", address: answer.url };
    }
    if (new URL(answer.url).pathname === "/sign-in") return { how: "out" };
    if (answer.status >= 400 && answer.status < 500) return { how: "refused", text: await answer.text() };
    return { how: "busy" };
  }

  // One at a time, in all tabs together where the browser can do that.
  function alone(work) {
    return navigator.locks ? navigator.locks.request("qinghe-drafts", work) : work();
  }

  const WAITS = {
    offline: "现在没有信号。这一条存在这台手机里了，连上网会自动交上去，不用再写一遍。",
    busy: "服务器正忙。这一条存在这台手机里了，过一会儿会自动再交。",
    out: "要先登录，才能交上去。这一条存在这台手机里了。",
  };

  // What was refused is shown as the server shows it, with the photos that were chosen.
  function shown(text, draft) {
    const main = new DOMParser().parseFromString(text, "text/html").getElementById("main");
    if (!main || !main.querySelector("form[data-draft]")) {
      say(main ? main.textContent.trim().replace(/\s+/g, " ") : "没有收下，请刷新页面再交一次。");
      return;
    }
    document.getElementById("main").replaceWith(main);
    main.querySelectorAll("input[data-photos]").forEach(window.qinghePhotos);
    begin(main.querySelector("form[data-draft]"));
    if (draft.photos.length && photosOf(form).restore) photosOf(form).restore(draft.photos);
    const faults = document.getElementById("faults");
    if (faults) faults.focus();
    window.scrollTo(0, 0);
  }

  async function submit(act) {
    const input = photosOf(form);
    if (input && input.adding) await input.adding;
    clearTimeout(timer);
    sending = true;
    pressedOnce = act;
    const draft = written("waiting", act);
    try {
      await store.put(draft);
    } catch (full) {
      // No room, or a browser that keeps nothing: the form goes as any form does.
      form.submit();
      return;
    }
    const came = await alone(() => send(draft));
    if (came.how === "sent") { location.assign(came.address); return; }
    sending = false;
    if (came.how === "refused") {
      pressedOnce = "";
      await store.put({ ...draft, state: "typed" });
      shown(came.text, draft);
      return;
    }
    if (came.how === "out") say(WAITS.out, "/sign-in?next=" + encodeURIComponent(location.pathname), "去登录");
    else say(WAITS[came.how]);
  }

  // What waits is sent, also from another page.
  async function sendWaiting() {
    let drafts;
    try {
      drafts = (await store.all()).filter((draft) => draft.state === "waiting");
    } catch (none) {
      return;
    }
    for (const draft of drafts) {
      const here = form && form.elements.id.value === draft.id;
      // Another tab may have sent it while this one waited for its turn.
      const came = await alone(async () => ((await store.all()).some((one) => one.id === draft.id && one.state === "waiting") ? send(draft) : { how: "gone" }));
      if (came.how === "sent" && here) { location.assign(came.address); return; }
      if (came.how === "sent") say("“" + draft.title + "”交上去了。", came.address, "去看看");
      if (came.how === "refused") {
        await store.put({ ...draft, state: "typed" });
        if (here) { pressedOnce = ""; shown(came.text, draft); } else say("“" + draft.title + "”没有交上去，有地方要改。", draft.page, "去改");
      }
    }
  }

  async function restore() {
    const drafts = await store.all();
    const old = drafts.filter((draft) => draft.at < Date.now() - DAYS);
    for (const draft of old) await store.drop(draft.id);
    if (!form) return;
    const mine = drafts.filter((draft) => old.indexOf(draft) < 0 && draft.account === form.getAttribute("data-draft") && draft.door === form.getAttribute("action") && draft.page === location.pathname);
    const typed = mine.filter((draft) => draft.state === "typed").sort((one, other) => other.at - one.at)[0];
    if (!typed || document.getElementById("faults")) return;
    fill(typed);
    if (typed.photos.length && photosOf(form).restore) await photosOf(form).restore(typed.photos);
    const line = say("上次没写完的还在，接着写就行。");
    const away = document.createElement("button");
    away.type = "button";
    away.className = "linklike";
    away.textContent = "不要了，重新写";
    away.addEventListener("click", async () => { clearTimeout(timer); sending = true; await store.drop(typed.id); location.assign(location.pathname); });
    line.appendChild(away);
  }

  function begin(there) {
    form = there;
    let pressed = "submit";
    form.addEventListener("input", keepSoon);
    form.addEventListener("change", keepSoon);
    form.addEventListener("photos", keepSoon);
    form.addEventListener("click", (event) => {
      const button = event.target.closest("button[name=act]");
      if (button) pressed = button.value;
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      submit(event.submitter && event.submitter.name === "act" ? event.submitter.value : pressed);
    });
  }

  if (!window.indexedDB) return;
  document.querySelectorAll("form[action='/sign-out']").forEach((out) => {
    out.addEventListener("submit", (event) => {
      event.preventDefault();
      form = null;
      clearTimeout(timer);
      const go = () => out.submit();
      store.clear().then(go, go);
    });
  });
  const there = document.querySelector("form[data-draft]");
  if (there) begin(there);
  document.addEventListener("visibilitychange", () => { if (document.hidden && timer) keepNow(); });
  restore().catch(() => {}).then(sendWaiting);
  window.addEventListener("online", sendWaiting);
  setInterval(sendWaiting, AGAIN);
})();
