// One band a pupil: saved as it is chosen, with keys to go down a class. Without this
// script the page is a plain form with one button.
(function () {
  "use strict";
  const form = document.getElementById("bands");
  const { qinghe } = window;
  if (!form || form.dataset.open !== "true") return;
  const rows = [...form.querySelectorAll("tr[data-student]")];
  const radios = (row) => [...row.querySelectorAll("input[type=radio]")];
  const line = (row) => row.querySelector("input.line");
  const revision = (row) => row.querySelector("input[type=hidden]");
  const rowOf = (student) => rows.find((row) => row.dataset.student === student);
  // What the server is known to have, to go back to when it refuses.
  const kept = new Map(rows.map((row) => [row, chosen(row)]));
  const queue = qinghe.Queue("/subject/" + form.dataset.class + "/" + form.dataset.term + "/cells", taken, refused);
  form.querySelector(".keys-hint").hidden = false;

  function chosen(row) {
    const radio = radios(row).find((one) => one.checked);
    return radio ? radio.value : "";
  }

  function show(row, band) {
    radios(row).forEach((radio) => { radio.checked = radio.value === band && band !== ""; });
  }

  function send(row) {
    queue.put(row.dataset.student, {
      subject: form.dataset.subject,
      student: row.dataset.student,
      band: chosen(row) || null,
      line: line(row).value,
      revision: Number(revision(row).value),
    });
  }

  function taken(answer) {
    for (const saved of answer.saved || []) {
      const row = rowOf(saved.student);
      revision(row).value = saved.revision;
      if (queue.has(saved.student)) queue.revise(saved.student, saved.revision); else kept.set(row, chosen(row));
    }
    const names = [];
    for (const theirs of answer.conflicts || []) {
      const row = rowOf(theirs.student);
      queue.drop(theirs.student);
      revision(row).value = theirs.revision;
      kept.set(row, theirs.theirs || "");
      show(row, theirs.theirs || "");
      names.push(row.querySelector("th").textContent);
    }
    if (names.length) qinghe.tell(names.join("、") + "：别处刚改过，已换成最新的，您刚才改的没有存。");
  }

  function refused(changes) {
    for (const change of changes) {
      const row = rowOf(change.student);
      if (!queue.has(change.student)) show(row, kept.get(row));
    }
  }

  function go(row, by) {
    const next = rows[rows.indexOf(row) + by];
    if (!next) return;
    (radios(next).find((one) => one.checked) || radios(next)[0]).focus();
  }

  form.addEventListener("change", (event) => {
    const row = event.target.closest("tr[data-student]");
    if (row) send(row);
  });

  form.addEventListener("keydown", (event) => {
    const row = event.target.closest("tr[data-student]");
    if (!row || event.target.type !== "radio" || event.ctrlKey || event.metaKey || event.altKey) return;
    const radio = radios(row).find((one) => one.dataset.key && "Key" + one.dataset.key === event.code);
    if (radio) {
      show(row, radio.value);
      send(row);
      go(row, 1);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      go(row, event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      show(row, "");
      send(row);
    } else {
      return;
    }
    event.preventDefault();
  });
})();
