// Shows how far a run is without the person pressing anything; without it, the page's own link does.
"use strict";
(() => {
  const again = async () => {
    const here = document.querySelector("#main");
    if (!here.querySelector("[data-running]")) return;
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" } });
      if (answer.ok && !answer.redirected) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        here.replaceChildren(...page.querySelector("#main").children);
      }
    } catch {
      // The line is gone for a moment; the next round asks again.
    }
    setTimeout(again, 2000);
  };
  setTimeout(again, 2000);
})();
