// A form is sent only when it can arrive: with the network gone or the session ended
// the page stays as it is, with everything that was typed. Without script the form
// goes as any form does.
(function () {
  "use strict";
  const { qinghe } = window;
  document.querySelectorAll("form[data-keep]").forEach((form) => {
    const state = form.querySelector("[data-state]");
    // What was refused and shown again is not saved either.
    let dirty = form.querySelector(".esum") !== null;
    form.addEventListener("input", () => { dirty = true; });
    window.addEventListener("beforeunload", (event) => {
      if (dirty) { event.preventDefault(); event.returnValue = ""; }
    });

    function send() {
      dirty = false;
      form.submit();
    }

    // A draft saves itself when the hand rests, and when one goes to another app. What is
    // refused is told when the form is sent.
    const kept = form.hasAttribute("data-autosave") && document.querySelector("[data-kept]");
    if (kept) {
      const said = kept.lastElementChild;
      let resting, typed = 0;
      const save = async () => {
        clearTimeout(resting);
        if (!dirty) return;
        const at = typed, fields = new URLSearchParams(new FormData(form));
        fields.set("go", "stay");
        let answer = null;
        try {
          answer = await fetch(form.action, { method: "POST", body: fields, redirect: "manual", keepalive: true });
        } catch (offline) { /* told below */ }
        const saved = answer !== null && answer.type === "opaqueredirect";
        if (saved && at === typed) dirty = false;
        said.textContent = saved ? "草稿已存" : "还没有存上";
        kept.hidden = false;
      };
      form.addEventListener("input", () => {
        typed += 1;
        clearTimeout(resting);
        resting = setTimeout(save, 3000);
      });
      document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") save(); });
    }

    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const pressed = event.submitter || document.activeElement;
      if (pressed && pressed.name) {
        const chosen = form.querySelector("input[data-chosen]") || form.appendChild(document.createElement("input"));
        chosen.type = "hidden";
        chosen.dataset.chosen = "";
        chosen.name = pressed.name;
        chosen.value = pressed.value;
      }
      state.hidden = true;
      let answer;
      try {
        answer = await fetch("/desks", { headers: { accept: "application/json" } });
      } catch (offline) {
        state.hidden = false;
        state.lastElementChild.textContent = "网络断开，还没有存。请别关页面，连上后再按一次。";
        return;
      }
      if (answer.status === 401) qinghe.askPassword(send); else send();
    });
  });
})();
