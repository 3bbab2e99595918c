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
