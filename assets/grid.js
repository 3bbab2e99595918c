// The class grid: what stands in a cell, saving it, moving, choosing many, keys,
// undo, pasting. What is around the table is in grid-side.js.
(function () {
  "use strict";
  const table = document.getElementById("eg");
  if (!table) return;
  const { qinghe } = window;
  const words = JSON.parse(document.getElementById("words").textContent);
  const BANDS = words.bands; // code -> {word, key, ground, help}: the last two, whether it needs them
  const COMMENT = 5;
  const open = table.dataset.open === "true";
  const limit = Number(table.dataset.limit);
  const base = "/class/" + table.dataset.class + "/" + table.dataset.term;
  const rows = [...table.tBodies[0].rows];
  const cells = rows.map((row) => [...row.querySelectorAll(".cell, .cm")]);
  const at = { r: 0, c: 0 };
  const anchor = { r: 0, c: 0 };
  const listeners = [];
  let done = [];
  let undone = [];

  const shown = (r) => !rows[r].hidden;
  const nameOf = (r) => rows[r].dataset.name;
  const studentOf = (r) => cells[r][0].dataset.student;
  const domainOf = (c) => cells[0][c].dataset.domain;
  const keyOf = (r, c) => studentOf(r) + " " + (c < COMMENT ? domainOf(c) : "");
  const places = new Map();
  rows.forEach((row, r) => cells[r].forEach((cell, c) => places.set(keyOf(r, c), [r, c])));
  const placeOf = (change) => places.get(change.student + " " + (change.domain || ""));

  // ---- what stands in a cell -------------------------------------------------------
  function read(r, c) {
    const { v, ground, help } = cells[r][c].dataset;
    return c === COMMENT ? { text: cells[r][c].textContent } : { band: v, ground: ground || "", help: help || "" };
  }

  // "ground" or "help" where the band of a cell still wants it.
  function lackOf(r, c) {
    const { band, ground, help } = read(r, c);
    const needs = BANDS[band] || {};
    return needs.ground && !ground ? "ground" : needs.help && !help ? "help" : "";
  }

  function show(r, c, value) {
    const cell = cells[r][c];
    if (c === COMMENT) {
      cell.textContent = value.text;
      cell.classList.toggle("none", !value.text);
      cell.toggleAttribute("data-long", [...value.text].length > limit);
      return;
    }
    cell.dataset.v = value.band;
    cell.firstElementChild.textContent = value.band ? BANDS[value.band].word : "—";
    for (const part of ["ground", "help"]) {
      if (value[part]) cell.dataset[part] = value[part]; else delete cell.dataset[part];
    }
    cell.toggleAttribute("data-lacks", Boolean(lackOf(r, c)));
    label(r, c);
  }

  function label(r, c) {
    const cell = cells[r][c];
    const lack = lackOf(r, c);
    if (!cell.dataset.v) cell.setAttribute("aria-label", "未填写");
    else if (lack) cell.setAttribute("aria-label", cell.textContent + "，" + words.lacks[lack]);
    else cell.removeAttribute("aria-label");
  }

  // ---- saving ------------------------------------------------------------------------
  // What the server is known to have, to go back to when it refuses.
  const kept = new Map();
  places.forEach(([r, c], key) => kept.set(key, read(r, c)));
  const bands = qinghe.Queue(base + "/cells", taken, refused);
  const comments = qinghe.Queue(base + "/comments", taken, refused);
  const queueOf = (c) => (c === COMMENT ? comments : bands);

  function send(r, c) {
    const value = read(r, c);
    const change = { student: studentOf(r), revision: Number(cells[r][c].dataset.revision) };
    if (c === COMMENT) {
      if (cells[r][c].hasAttribute("data-long")) return comments.drop(keyOf(r, c));
      change.text = value.text;
    } else {
      change.domain = domainOf(c);
      change.band = value.band || null;
      change.ground = { text: value.ground };
      change.help = value.help;
    }
    queueOf(c).put(keyOf(r, c), change);
  }

  function taken(answer) {
    for (const saved of answer.saved || []) {
      const [r, c] = placeOf(saved);
      const [queue, key] = [queueOf(c), keyOf(r, c)];
      cells[r][c].dataset.revision = saved.revision;
      if (queue.has(key)) queue.revise(key, saved.revision); else kept.set(key, read(r, c));
    }
    const names = [];
    for (const theirs of answer.conflicts || []) {
      const [r, c] = placeOf(theirs);
      const value = c === COMMENT ? { text: theirs.theirs || "" } : { band: theirs.theirs || "", ground: theirs.ground || "", help: theirs.help || "" };
      // A newer change of ours was made without seeing theirs: it goes too.
      queueOf(c).drop(keyOf(r, c));
      cells[r][c].dataset.revision = theirs.revision;
      kept.set(keyOf(r, c), value);
      show(r, c, value);
      if (!names.includes(nameOf(r))) names.push(nameOf(r));
    }
    if (names.length) {
      qinghe.tell(names.join("、") + "：别处刚改过，已换成最新的，您刚才改的没有存。");
      say(names.join("、") + "刚在别处改过，这几格已换成最新的，您刚才改的没有存。要改请再填一次。");
    }
    changed();
  }

  function refused(changes) {
    for (const change of changes) {
      const [r, c] = placeOf(change);
      if (!queueOf(c).has(keyOf(r, c))) show(r, c, kept.get(keyOf(r, c)));
    }
    changed();
  }

  // ---- changing ----------------------------------------------------------------------
  // Each change: {r, c, before, after}. Answers how many there were.
  function apply(changes, said) {
    changes = changes.filter((x) => JSON.stringify(x.before) !== JSON.stringify(x.after));
    if (!open || !changes.length) return 0;
    remember(changes);
    put(changes, "after");
    if (said) say(said);
    return changes.length;
  }

  function remember(changes) {
    done.push(changes);
    undone = [];
  }

  function put(changes, side) {
    for (const x of changes) {
      show(x.r, x.c, x[side]);
      send(x.r, x.c);
    }
    changed();
  }

  function history(back) {
    const changes = (back ? done : undone).pop();
    if (!changes) return;
    (back ? undone : done).push(changes);
    put(changes, back ? "before" : "after");
    say((back ? "已撤销 " : "已重做 ") + changes.length + " 处");
  }

  // A band changed loses its ground: it stood on another.
  function bandChange(r, c, band) {
    const before = read(r, c);
    return { r, c, before, after: before.band === band ? before : { band, ground: "", help: "" } };
  }

  // Sets every chosen cell; answers how many were chosen.
  function setSelection(band) {
    const changes = [];
    each((r, c) => changes.push(bandChange(r, c, band)));
    const word = band ? BANDS[band].word : "空";
    const one = nameOf(at.r) + " " + (at.c < COMMENT ? words.domains[domainOf(at.c)].name : "") + " " + word;
    apply(changes, changes.length > 1 ? changes.length + " 格已设为" + word : one);
    return changes.length;
  }

  // ---- where one is ------------------------------------------------------------------
  function each(f) {
    const [r0, r1] = [Math.min(at.r, anchor.r), Math.max(at.r, anchor.r)];
    const [c0, c1] = [Math.min(at.c, anchor.c), Math.max(at.c, anchor.c)];
    for (let r = r0; r <= r1; r++) if (shown(r)) for (let c = c0; c <= Math.min(c1, COMMENT - 1); c++) f(r, c);
  }

  function paint(focus) {
    table.querySelectorAll("[aria-selected=true]").forEach((cell) => cell.setAttribute("aria-selected", "false"));
    table.querySelectorAll("[tabindex='0']").forEach((cell) => { cell.tabIndex = -1; });
    table.querySelectorAll("tr.cur").forEach((row) => row.classList.remove("cur"));
    each((r, c) => cells[r][c].setAttribute("aria-selected", "true"));
    rows[at.r].classList.add("cur");
    const here = cells[at.r][at.c];
    here.tabIndex = 0;
    if (focus !== false) here.focus();
    moved();
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

  function leap(direction, extend) {
    let r = at.r;
    for (let n = 0, next = r + direction; n < 10 && rows[next]; next += direction) if (shown(next)) { r = next; n++; }
    go(r, at.c, extend);
  }

  function chooseColumn(c) {
    const all = rows.map((row, r) => r).filter(shown);
    if (!all.length) return;
    anchor.r = all[0];
    at.r = all[all.length - 1];
    anchor.c = at.c = c;
    paint();
  }

  // ---- keys, by their place: a Chinese input method may be on --------------------------
  const codeOf = {};
  for (const code of Object.keys(BANDS)) codeOf["Key" + BANDS[code].key] = code;
  const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Enter: [1, 0], NumpadEnter: [1, 0] };

  table.addEventListener("keydown", (event) => {
    if (!event.target.matches(".cell, .cm") || event.altKey) return;
    if (act(event.code, event.shiftKey, event.ctrlKey || event.metaKey) !== false) event.preventDefault();
  });

  // Answers false when the key is none of ours.
  function act(code, shift, control) {
    if (control) {
      if (code === "KeyZ") return history(!shift);
      if (code === "KeyY") return history(false);
      return code === "KeyA" && at.c < COMMENT ? chooseColumn(at.c) : false;
    }
    if (MOVES[code]) {
      if (MOVES[code][1] === 0 && code.endsWith("Enter") && at.c === COMMENT) return ask("comment");
      return step(MOVES[code][0], MOVES[code][1], shift);
    }
    if (code === "PageDown" || code === "PageUp") return leap(code === "PageDown" ? 1 : -1, shift);
    if (code === "Home" || code === "End") return go(at.r, code === "Home" ? 0 : COMMENT, shift);
    if (!open || at.c === COMMENT) return false;
    if (code === "KeyG") return ask("ground");
    if (code === "Delete" || code === "Backspace") return void setSelection("");
    if (!codeOf[code]) return false;
    if (setSelection(codeOf[code]) === 1) step(1, 0, false);
  }

  let dragging = false;
  const placeUnder = (target) => {
    const cell = target.closest(".cell, .cm");
    const r = cell ? rows.indexOf(cell.parentNode) : -1;
    return r < 0 ? null : [r, cells[r].indexOf(cell)];
  };
  table.addEventListener("mousedown", (event) => {
    const place = event.button === 0 && placeUnder(event.target);
    if (!place) return;
    event.preventDefault();
    dragging = place[1] < COMMENT;
    go(place[0], place[1], event.shiftKey && dragging);
    if (!dragging) ask("comment");
  });
  table.addEventListener("mouseover", (event) => {
    const place = dragging && placeUnder(event.target);
    if (place && place[1] < COMMENT) go(place[0], place[1], true);
  });
  document.addEventListener("mouseup", () => { dragging = false; });
  table.querySelectorAll("thead [data-domain]").forEach((head, c) => head.addEventListener("click", () => chooseColumn(c)));

  // ---- paste a block from Excel or WPS ----------------------------------------------
  const known = {};
  for (const code of Object.keys(BANDS)) {
    for (const word of [BANDS[code].word, BANDS[code].word.charAt(0), BANDS[code].key]) known[word] = code;
  }

  // Cells between tabs, lines between line ends; a cell with either is in quotes.
  function cellsOf(text) {
    const lines = [[]];
    const piece = /(?:"((?:[^"]|"")*)"|([^\t\n]*))(\t|\n|$)/y;
    text = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
    while (piece.lastIndex <= text.length) {
      const [, quoted, plain, end] = piece.exec(text);
      lines[lines.length - 1].push((quoted === undefined ? plain : quoted.replace(/""/g, '"')).replace(/\s+/g, " ").trim());
      if (!end) break;
      if (end === "\n") lines.push([]);
    }
    return lines;
  }

  function paste(text) {
    const changes = [];
    let [unknown, marks, beyond, r] = [0, 0, 0, at.r];
    for (const line of cellsOf(text)) {
      while (rows[r] && !shown(r)) r++;
      if (!rows[r]) { beyond++; continue; }
      line.forEach((typed, n) => {
        const c = at.c + n;
        const code = known[typed] || known[typed.toUpperCase()];
        if (!typed || c > COMMENT) return;
        if (c === COMMENT) changes.push({ r, c, before: read(r, c), after: { text: typed } });
        else if (code) changes.push(bandChange(r, c, code));
        else if (/^[\d.]+$/.test(typed)) marks++;
        else unknown++;
      });
      r++;
    }
    const told = ["已粘贴 " + changes.length + " 格"];
    if (marks) told.push(marks + " 格是分数，没有收：这里只写等级，不存考试成绩");
    if (unknown) told.push("另有 " + unknown + " 格认不出，未改动");
    if (beyond) told.push("多出的 " + beyond + " 行没有学生可填");
    apply(changes);
    say(told.join("，") + "。");
    if (marks || unknown || beyond) qinghe.tell(told.join("，") + "。");
    qinghe.report();
  }
  document.addEventListener("paste", (event) => {
    if (!open || !document.activeElement.matches(".cell, .cm")) return;
    event.preventDefault();
    paste(event.clipboardData.getData("text"));
  });

  // ---- what is around the table hears of it --------------------------------------------
  const tell = (what, ...rest) => listeners.forEach((one) => one[what] && one[what](...rest));
  const changed = () => tell("changed");
  const moved = () => tell("moved");
  const ask = (box) => tell("ask", box);
  const say = (text) => tell("say", text);

  rows.forEach((row, r) => cells[r].forEach((cell, c) => { cell.tabIndex = -1; if (c < COMMENT) label(r, c); }));
  qinghe.grid = {
    BANDS, COMMENT, words, open, limit, base, table, rows, cells, at, anchor, bands, comments,
    read, show, send, lackOf, placeOf, keyOf, domainOf, studentOf, nameOf, kept,
    apply, remember, history, setSelection, each, paint, go, step, paste, changed,
    canUndo: () => done.length > 0,
    canRedo: () => undone.length > 0,
    hear: (listener) => listeners.push(listener),
  };
})();
