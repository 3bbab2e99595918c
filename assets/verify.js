// The QR code of a printed portfolio carries its signed words after the #, which no server sees.
// They are sent in a body, checked by the county's keys, and shown to be laid beside the paper.
"use strict";
(() => {
  const jws = location.hash.slice(1);
  const box = document.querySelector("#paper");
  if (!jws || !box) return;
  const show = (kind, heading, sentence, rows) => {
    box.hidden = false;
    box.classList.add(kind);
    box.querySelector("h2").textContent = heading;
    box.querySelector("p").textContent = sentence;
    const list = box.querySelector("dl");
    for (const [name, value] of rows) {
      const [pair, dt, dd] = ["div", "dt", "dd"].map((tag) => document.createElement(tag));
      dt.textContent = name;
      dd.textContent = value;
      pair.append(dt, dd);
      list.append(pair);
    }
    box.querySelector("h2").focus();
  };
  const domains = ["德", "智", "体", "美", "劳"];
  fetch("/verify/paper", {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({ jws }),
  })
    .then(async (answer) => {
      const told = await answer.json();
      if (!answer.ok) return show("no", "签名对不上", told.message, []);
      show("yes", "签名是真的，请与纸面逐项核对", "下面每一项都应和纸上印的一样；有一项不同，纸就被改过。", [
        ["姓名", told.name],
        ["学校", told.school],
        ["入学", `${told.cohort} 级`],
        ...told.words.map((word, n) => [domains[n], word]),
        ["编号", told.code],
        ["版本", `第 ${told.version} 版`],
      ]);
    })
    .catch(() => show("no", "没有连上", "请检查网络后再扫一次。", []));
})();
