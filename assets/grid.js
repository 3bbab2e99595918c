// The class grid: keyboard, ranges, column fill, paste, undo, saving cell by cell.
(function () {
  "use strict";
  const $ = (id) => document.getElementById(id);
  const table = $("eg");
  if (!table) return;
  const words = JSON.parse($("words").textContent);
  const BANDS = words.bands; // code -> [word, key, needs a ground, needs a help measure]
  const open = table.dataset.open === "true";
  const base = "/class/" + table.dataset.class + "/" + table.dataset.term;
  const rows = [...table.tBodies[0].rows];
  const cells = rows.map((row) => [...row.querySelectorAll(".cell, .cm")]);
  const COMMENT = 5;
  const at = { r: 0, c: 0 };
  const anchor = { r: 0, c: 0 };
  let undone = [];
  let done = [];

  // ---- what stands in a cell -------------------------------------------------------
  const cellOf = (r, c) => cells[r][c];
  const shown = (r) => !rows[r].hidden;
  const state = (cell) => ({ band: cell.dataset.v, ground: cell.dataset.ground || "", help: cell.dataset.help || "" });
  const studentOf = (r) => cells[r][0].dataset.student;

  function show(cell, next) {
    cell.dataset.v = next.band;
    cell.firstElementChild.textContent = next.band ? BANDS[next.band][0] : "—";
    for (const part of ["ground", "help"]) {
      if (next[part]) cell.dataset[part] = next[part]; else delete cell.dataset[part];
    }
    const band = BANDS[next.band];
    const lacks = band && ((band[2] && !next.ground) || (band[3] && !next.help));
    cell.toggleAttribute("data-lacks", Boolean(lacks));
    if (next.band) cell.removeAttribute("aria-label"); else cell.setAttribute("aria-label", "未填写");
  }

  // ---- saving ------------------------------------------------------------------------
  const queues = [];
  const key = (student, domain) => student + " " + (domain || "");
  const byKey = new Map();
  rows.forEach((row, r) => cells[r].forEach((cell) => byKey.set(key(studentOf(r), cell.dataset.domain), cell)));
  const bandQueue = window.qinghe.Queue(base + "/cells", takeBands, report);
  const commentQueue = window.qinghe.Queue(base + "/comments", takeComments, report);
  queues.push(bandQueue, commentQueue);
  function report() { window.qinghe.report(queues); }

  function takeBands(answer) {
    for (const saved of answer.saved) {
      byKey.get(key(saved.student, saved.domain)).dataset.revision = saved.revision;
      bandQueue.revise(key(saved.student, saved.domain), saved.revision);
    }
    for (const theirs of answer.conflicts) {
      const id = key(theirs.student, theirs.domain);
      const cell = byKey.get(id);
      cell.dataset.revision = theirs.revision;
      bandQueue.revise(id, theirs.revision);
      if (!bandQueue.has(id)) show(cell, { band: theirs.theirs || "", ground: "", help: "" });
    }
    tellConflicts(answer.conflicts);
    count();
  }

  function takeComments(answer) {
    for (const saved of answer.saved) {
      byKey.get(key(saved.student)).dataset.revision = saved.revision;
      commentQueue.revise(key(saved.student), saved.revision);
    }
    for (const theirs of answer.conflicts) {
      const cell = byKey.get(key(theirs.student));
      cell.dataset.revision = theirs.revision;
      commentQueue.revise(key(theirs.student), theirs.revision);
      if (!commentQueue.has(key(theirs.student))) setComment(cell, theirs.theirs || "");
    }
    tellConflicts(answer.conflicts);
    count();
  }

  function tellConflicts(conflicts) {
    if (!conflicts.length) return;
    const names = conflicts.map((one) => nameOf(one.student)).filter((name, n, all) => all.indexOf(name) === n);
    say("有人刚在别处改过" + names.join("、") + "，这几格已换成最新的，您的没有存。要改请再填一次。");
    const stateLine = $("save-state");
    stateLine.className = "saved late";
    stateLine.textContent = names.join("、") + "：别处刚改过，已换成最新的";
    stateLine.dataset.held = "1";
    panel();
  }
  const nameOf = (student) => rows[cells.findIndex((row) => row[0].dataset.student === student)].dataset.name;

  window.addEventListener("beforeunload", (event) => {
    if (queues.some((queue) => queue.count())) { event.preventDefault(); event.returnValue = ""; }
  });

  // ---- changing ----------------------------------------------------------------------
  function send(cell, next, mentioned) {
    const change = { student: cell.dataset.student, domain: cell.dataset.domain, band: next.band || null, revision: Number(cell.dataset.revision) };
    if (mentioned || next.ground) change.ground = { text: next.ground };
    if (mentioned || next.help) change.help = next.help;
    bandQueue.put(key(change.student, change.domain), change);
  }

  // Each change: {r, c, before, after}. A band changed loses its ground: it stood on another.
  function apply(changes, words) {
    changes = changes.filter((x) => JSON.stringify(x.before) !== JSON.stringify(x.after));
    if (!open || !changes.length) return;
    done.push(changes);
    undone = [];
    put(changes, "after");
    say(words);
  }

  function put(changes, side) {
    for (const x of changes) {
      const cell = cellOf(x.r, x.c);
      show(cell, x[side]);
      send(cell, x[side], true);
    }
    count();
    panel();
  }

  function history(from, to, side) {
    const changes = from.pop();
    if (!changes) return;
    to.push(changes);
    put(changes, side);
    say((side === "before" ? "已撤销 " : "已重做 ") + changes.length + " 处");
  }

  function bandChange(r, c, band) {
    const before = state(cellOf(r, c));
    const keep = before.band === band;
    return { r, c, before, after: { band, ground: keep ? before.ground : "", help: keep ? before.help : "" } };
  }

  function setSelection(band) {
    const changes = [];
    each((r, c) => changes.push(bandChange(r, c, band)));
    const word = band ? BANDS[band][0] : "空";
    const who = changes.length > 1 ? changes.length + " 格已设为" + word : rows[at.r].dataset.name + " " + words.domains[cellOf(at.r, Math.min(at.c, 4)).dataset.domain][0] + " " + word;
    apply(changes, who);
    return changes.length;
  }

  // ---- where one is ------------------------------------------------------------------
  const box = () => ({ r0: Math.min(at.r, anchor.r), r1: Math.max(at.r, anchor.r), c0: Math.min(at.c, anchor.c), c1: Math.max(at.c, anchor.c) });
  function each(f) {
    const b = box();
    for (let r = b.r0; r <= b.r1; r++) if (shown(r)) for (let c = b.c0; c <= Math.min(b.c1, 4); c++) f(r, c);
  }

  function paint(focus) {
    table.querySelectorAll("[aria-selected=true]").forEach((cell) => cell.setAttribute("aria-selected", "false"));
    table.querySelectorAll("[tabindex='0']").forEach((cell) => { cell.tabIndex = -1; });
    table.querySelectorAll("tr.cur").forEach((row) => row.classList.remove("cur"));
    let n = 0;
    each((r, c) => { cellOf(r, c).setAttribute("aria-selected", "true"); n++; });
    rows[at.r].classList.add("cur");
    const here = cellOf(at.r, at.c);
    here.tabIndex = 0;
    if (focus !== false) here.focus();
    if ($("selection")) {
      const b = box();
      const domain = (c) => words.domains[cellOf(0, c).dataset.domain][0];
      if (at.c === COMMENT && n <= 1) $("selection").textContent = rows[at.r].dataset.name + " · 评语";
      else if (n > 1) $("selection").textContent = b.c0 === b.c1 ? "已选 " + domain(b.c0) + " · " + n + " 人" : "已选 " + n + " 格";
      else $("selection").textContent = rows[at.r].dataset.name + " · " + domain(at.c);
    }
    panel();
  }

  function go(r, c, extend) {
    at.r = r;
    at.c = c;
    if (!extend) { anchor.r = r; anchor.c = c; }
    paint();
  }

  function step(dr, dc, extend) {
    let r = at.r;
    do { r += dr; } while (dr && rows[r] && !shown(r));
    go(rows[r] ? r : at.r, Math.max(0, Math.min(COMMENT, at.c + dc)), extend);
  }

  function page(direction, extend) {
    let r = at.r;
    for (let n = 0, next = r + direction; n < 10 && rows[next]; next += direction) if (shown(next)) { r = next; n++; }
    go(r, at.c, extend);
  }

  const codeOf = {};
  for (const code of Object.keys(BANDS)) codeOf["Key" + BANDS[code][1]] = code;

  table.addEventListener("keydown", (event) => {
    const cell = event.target;
    if (!cell.classList.contains("cell") && !cell.classList.contains("cm")) return;
    const modified = event.ctrlKey || event.metaKey;
    const pressed = event.key;
    if (modified) {
      if (pressed === "z" || pressed === "Z") { event.preventDefault(); return event.shiftKey ? history(undone, done, "after") : history(done, undone, "before"); }
      if (pressed === "y" || pressed === "Y") { event.preventDefault(); return history(undone, done, "after"); }
      if ((pressed === "a" || pressed === "A") && at.c < COMMENT) {
        event.preventDefault();
        anchor.r = 0; anchor.c = at.c; at.r = rows.length - 1;
        while (at.r && !shown(at.r)) at.r--;
        return paint();
      }
      return;
    }
    if (event.altKey) return;
    if (pressed === "Enter" && at.c === COMMENT) { event.preventDefault(); return $("p-comment").focus(); }
    const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Enter: [1, 0] };
    if (moves[pressed]) { event.preventDefault(); return step(moves[pressed][0], moves[pressed][1], event.shiftKey); }
    if (pressed === "PageDown" || pressed === "PageUp") { event.preventDefault(); return page(pressed === "PageDown" ? 1 : -1, event.shiftKey); }
    if (pressed === "Home" || pressed === "End") { event.preventDefault(); return go(at.r, pressed === "Home" ? 0 : COMMENT, event.shiftKey); }
    if (!open || at.c === COMMENT) return;
    if (event.code === "KeyG") { event.preventDefault(); return $("p-ground").focus(); }
    const clears = pressed === "Delete" || pressed === "Backspace";
    if (clears || codeOf[event.code]) {
      event.preventDefault();
      // By the key's place, not its letter: a Chinese input method may be on.
      const n = setSelection(clears ? "" : codeOf[event.code]);
      if (n === 1 && !clears) step(1, 0, false);
    }
  });

  let dragging = false;
  table.addEventListener("mousedown", (event) => {
    const cell = event.target.closest(".cell, .cm");
    if (!cell) return;
    dragging = cell.classList.contains("cell");
    const r = rows.indexOf(cell.parentNode);
    event.preventDefault();
    go(r, cells[r].indexOf(cell), event.shiftKey && dragging);
    if (!dragging && open) $("p-comment").focus();
  });
  table.addEventListener("mouseover", (event) => {
    const cell = dragging && event.target.closest(".cell");
    if (cell) { const r = rows.indexOf(cell.parentNode); go(r, cells[r].indexOf(cell), true); }
  });
  document.addEventListener("mouseup", () => { dragging = false; });
  table.querySelectorAll("thead [data-domain]").forEach((head, c) => {
    head.addEventListener("click", () => {
      anchor.r = rows.findIndex((row) => !row.hidden);
      anchor.c = at.c = c;
      at.r = rows.length - 1;
      while (at.r && !shown(at.r)) at.r--;
      paint();
    });
  });

  // ---- paste a block from Excel or WPS ----------------------------------------------
  const known = {};
  for (const code of Object.keys(BANDS)) {
    known[BANDS[code][0]] = code;
    known[BANDS[code][0].charAt(0)] = code;
    known[BANDS[code][1]] = code;
  }
  function paste(text) {
    const changes = [];
    let unknown = 0;
    let r = at.r;
    for (const line of text.replace(/\r/g, "").replace(/\n$/, "").split("\n")) {
      while (rows[r] && !shown(r)) r++;
      if (!rows[r]) break;
      line.split("\t").forEach((typed, n) => {
        const word = typed.trim();
        if (!word || at.c + n > 4) return;
        const code = known[word] || known[word.toUpperCase()];
        if (code) changes.push(bandChange(r, at.c + n, code)); else unknown++;
      });
      r++;
    }
    apply(changes, "已粘贴 " + changes.length + " 格" + (unknown ? "，另有 " + unknown + " 格认不出，未改动" : ""));
    if (!changes.length) say(unknown ? unknown + " 格都认不出，没有改动。只认优秀、良好、合格、待提高。" : "没有可以粘贴的内容。");
  }
  document.addEventListener("paste", (event) => {
    if (!open || !document.activeElement.classList.contains("cell")) return;
    event.preventDefault();
    paste(event.clipboardData.getData("text"));
  });

  // ---- the panel beside the table ----------------------------------------------------
  const domainAt = () => Math.min(at.c, 4);
  function panel() {
    const cell = cellOf(at.r, domainAt());
    const domain = words.domains[cell.dataset.domain];
    const standing = state(cell);
    $("p-name").textContent = rows[at.r].dataset.name;
    $("p-sub").textContent = rows[at.r].cells[0].textContent + " 号";
    $("p-domain").className = "ctx " + cell.dataset.domain;
    $("p-domain").textContent = domain[0] + " " + domain[1] + "：" + (standing.band ? BANDS[standing.band][0] : "还没有等级");
    $("p-last").textContent = cell.dataset.last ? BANDS[cell.dataset.last][0] : "无记录";
    const band = BANDS[standing.band];
    $("p-desc").textContent = band && band[3] && !(standing.ground && standing.help) ? "“待提高”要写一句事实，再写打算怎样帮。" : band && band[2] && !standing.ground ? "“优秀”要有一句事实作依据，签字前补上就行。" : "";
    if (document.activeElement !== $("p-ground")) $("p-ground").value = standing.ground;
    if (document.activeElement !== $("p-help")) $("p-help").value = standing.help;
    $("p-help-box").hidden = !(band && band[3]);
    for (const id of ["p-ground", "p-help"]) $(id).disabled = !open || !standing.band;
    const words2 = cellOf(at.r, COMMENT);
    if (document.activeElement !== $("p-comment")) $("p-comment").value = words2.textContent;
    $("p-comment").disabled = !open;
    $("p-count").textContent = [...$("p-comment").value.trim()].length;
  }

  function setComment(cell, text) {
    cell.textContent = text;
    cell.classList.toggle("none", !text);
  }

  $("p-comment").addEventListener("input", () => {
    const cell = cellOf(at.r, COMMENT);
    const text = $("p-comment").value.trim();
    const length = [...text].length;
    $("p-count").textContent = length;
    const tooLong = length > Number(table.dataset.limit);
    $("p-comment").setAttribute("aria-invalid", tooLong);
    if (tooLong) return say("评语最多 " + table.dataset.limit + " 字，现在 " + length + " 字，还没有存。");
    setComment(cell, text);
    commentQueue.put(key(studentOf(at.r)), { student: studentOf(at.r), text, revision: Number(cell.dataset.revision) });
    count();
  });
  for (const part of ["ground", "help"]) {
    $("p-" + part).addEventListener("input", () => {
      const cell = cellOf(at.r, domainAt());
      const next = state(cell);
      next[part] = $("p-" + part).value.trim();
      show(cell, next);
      send(cell, next, true);
      count();
    });
  }
  for (const id of ["p-comment", "p-ground", "p-help"]) {
    $(id).addEventListener("keydown", (event) => {
      if (event.key === "Escape") { event.preventDefault(); paint(); }
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        document.activeElement.blur();
        step(1, 0, false);
        $(id).focus();
        panel();
      }
    });
    $(id).addEventListener("blur", () => { queues.forEach((queue) => queue.flush()); });
  }
  $("p-prev").onclick = () => step(-1, 0, false);
  $("p-next").onclick = () => step(1, 0, false);

  // ---- counts, filters, finding ------------------------------------------------------
  function standingOf(r) {
    const five = cells[r].slice(0, 5);
    if (!five.every((cell) => cell.dataset.v)) return "待填写";
    if (five.some((cell) => cell.hasAttribute("data-lacks"))) return "待补依据";
    return cells[r][COMMENT].textContent ? "已完成" : "缺评语";
  }

  function count() {
    let complete = 0, comments = 0, grounds = 0;
    rows.forEach((row, r) => {
      const standing = standingOf(r);
      const lacksGround = cells[r].some((cell) => cell.hasAttribute("data-lacks"));
      const tone = standing === "已完成" ? "ok" : lacksGround ? "al" : "todo";
      row.dataset.done = standing === "已完成" ? "1" : "";
      row.dataset.ground = lacksGround ? "1" : "";
      const place = row.querySelector(".st");
      if (place.textContent !== standing || !place.firstElementChild) {
        place.innerHTML = "<span></span>";
        place.firstElementChild.textContent = standing;
      }
      place.firstElementChild.className = tone;
      if (row.dataset.done) complete++;
      if (!cells[r][COMMENT].textContent) comments++;
      if (lacksGround) grounds++;
    });
    $("done").textContent = complete;
    $("n-todo").textContent = rows.length - complete;
    $("n-comment").textContent = comments;
    $("n-ground").textContent = grounds;
    $("ring").setAttribute("stroke-dasharray", ((complete / rows.length) * 125.66).toFixed(1) + " 125.66");
    table.querySelectorAll("thead [data-domain]").forEach((head, c) => {
      const filled = cells.filter((row) => row[c].dataset.v).length;
      head.querySelector(".b").setAttribute("width", (filled / rows.length) * 100);
    });
    if ($("undo")) { $("undo").disabled = !done.length; $("redo").disabled = !undone.length; }
  }

  let filter = "all";
  function sift() {
    const typed = $("find").value.trim().toLowerCase();
    rows.forEach((row, r) => {
      const kept = filter === "todo" ? !row.dataset.done : filter === "comment" ? !cells[r][COMMENT].textContent : filter === "ground" ? row.dataset.ground : true;
      const found = !typed || row.dataset.name.includes(typed) || row.dataset.py.split(" ").some((part) => part.startsWith(typed));
      row.hidden = !(kept && found);
    });
    const first = rows.findIndex((row) => !row.hidden);
    if (first < 0) return say("没有这样的学生。");
    if (rows[at.r].hidden) { at.r = anchor.r = first; paint(false); }
  }
  document.querySelectorAll("[data-filter]").forEach((button) => {
    button.onclick = () => {
      document.querySelectorAll("[data-filter]").forEach((other) => other.setAttribute("aria-pressed", other === button));
      filter = button.dataset.filter;
      sift();
    };
  });
  $("find").addEventListener("input", sift);
  $("find").addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); paint(); } });

  // ---- buttons and dialogs -------------------------------------------------------------
  document.querySelectorAll("[data-set]").forEach((button) => {
    button.onclick = () => { if (at.c < COMMENT) setSelection(button.dataset.set); paint(); };
  });
  if ($("undo")) {
    $("undo").onclick = () => history(done, undone, "before");
    $("redo").onclick = () => history(undone, done, "after");
  }
  if ($("repeat")) {
    $("repeat").onclick = async () => {
      const wanted = [];
      each((r, c) => { const cell = cellOf(r, c); if (cell.dataset.last && !cell.dataset.v) wanted.push(cell); });
      if (!wanted.length) return say("选中的格子里，没有空着而上学期又有等级的。");
      if (queues.some((queue) => queue.count())) return say("正在保存，请稍等再点。");
      const body = wanted.map((cell) => ({ student: cell.dataset.student, domain: cell.dataset.domain, revision: Number(cell.dataset.revision) }));
      let answer;
      try {
        answer = await fetch(base + "/repeat", { method: "POST", headers: { "content-type": "application/json", accept: "application/json", "x-csrf-token": window.qinghe.csrf() }, body: JSON.stringify(body) });
      } catch (offline) { return say("网络断开，没有改动。"); }
      const told = await answer.json();
      if (!told.saved) return say(told.message);
      for (const saved of told.saved) {
        const cell = byKey.get(key(saved.student, saved.domain));
        cell.dataset.revision = saved.revision;
        show(cell, { band: saved.band, ground: "", help: "" });
      }
      count();
      panel();
      say("已按上学期填了 " + told.saved.length + " 格，请逐个看过；优秀和待提高还要补依据。");
      report();
    };
  }
  let opener = null;
  function openBox(id, first) { opener = document.activeElement; $(id).hidden = false; $(first).focus(); }
  function closeBoxes() {
    for (const id of ["keys-box", "paste-box"]) $(id).hidden = true;
    if (opener) opener.focus();
  }
  if ($("keys-open")) $("keys-open").onclick = () => { openBox("keys-box", "keys-box"); $("keys-box").querySelector("[data-close]").focus(); };
  if ($("paste-open")) $("paste-open").onclick = () => openBox("paste-box", "paste-text");
  document.querySelectorAll("[data-close]").forEach((button) => { button.onclick = closeBoxes; });
  for (const id of ["keys-box", "paste-box"]) {
    $(id).addEventListener("keydown", (event) => { if (event.key === "Escape") closeBoxes(); });
  }
  if ($("paste-do")) $("paste-do").onclick = () => { paste($("paste-text").value); $("paste-text").value = ""; closeBoxes(); paint(); };

  function say(text) { $("live").textContent = text; if ($("selection") && text) $("selection").title = text; }

  rows.forEach((row, r) => cells[r].forEach((cell) => { cell.tabIndex = -1; if (cell.classList.contains("cell") && !cell.dataset.v) cell.setAttribute("aria-label", "未填写"); }));
  count();
  paint(false);
})();
