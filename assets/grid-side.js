// What is around the class grid: the panel of one pupil, counts, filters, finding,
// buttons and dialogs.
(function () {
  "use strict";
  const { qinghe } = window;
  const grid = qinghe.grid;
  if (!grid) return;
  const { BANDS, COMMENT, words, open, limit, rows, cells, at, table } = grid;
  const $ = (id) => document.getElementById(id);
  const domainAt = () => Math.min(at.c, COMMENT - 1);
  const say = (text) => { $("live").textContent = text; };

  // ---- the panel -----------------------------------------------------------------------
  function fill(id, text) {
    // What someone is writing is not written over.
    if (document.activeElement !== $(id)) $(id).value = text;
  }

  function panel() {
    const c = domainAt();
    const cell = cells[at.r][c];
    const value = grid.read(at.r, c);
    const domain = words.domains[grid.domainOf(c)];
    const band = BANDS[value.band];
    $("p-name").textContent = grid.nameOf(at.r);
    $("p-name").href = rows[at.r].querySelector(".name a").href;
    $("p-sub").textContent = rows[at.r].cells[0].textContent + " 号";
    $("p-domain").className = "chip " + grid.domainOf(c);
    $("p-domain").firstElementChild.textContent = domain.character;
    $("p-domain").lastElementChild.textContent = domain.name;
    $("p-band").textContent = band ? band.word : "还没有等级";
    $("p-last").textContent = !besides ? "–" : cell.dataset.last ? BANDS[cell.dataset.last].word : "无记录";
    $("p-desc").textContent = band ? domain[value.band] : "";
    $("p-told").textContent = cell.dataset.told ? "任课老师那里：" + cell.dataset.told : "";
    facts(c);
    others(cell.dataset.domain);
    const lack = grid.lackOf(at.r, c);
    $("p-lack").textContent = lack ? words.asks[lack] : "";
    fill("p-ground", value.ground);
    fill("p-help", value.help);
    $("p-help-box").hidden = !(band && band.help);
    for (const id of ["p-ground", "p-help"]) $(id).disabled = !open || !band;
    fill("p-comment", grid.read(at.r, COMMENT).text);
    $("p-comment").disabled = !open;
    comment();
  }

  // The pupil's own records: at a cell those of its domain, at the comment all. A tap puts
  // one into what is being written.
  function facts(c) {
    const of = (besides && besides[grid.studentOf(at.r)]) || {};
    const shown = at.c === COMMENT ? Object.keys(of) : [grid.domainOf(c)];
    const told = [...new Set(shown.flatMap((domain) => (of[domain] && of[domain].facts) || []))];
    const here = of[grid.domainOf(c)] || {};
    $("p-facts").hidden = !besides;
    $("p-facts-word").textContent = at.c === COMMENT ? (told.length ? "" : "无") : here.evidence || "无";
    const list = $("p-facts").querySelector("ul");
    if (list.dataset.shown === told.join("|")) return;
    list.dataset.shown = told.join("|");
    list.textContent = "";
    for (const fact of told) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "linklike";
      button.textContent = fact;
      button.title = "写进去";
      button.disabled = !open;
      button.onclick = () => put(fact);
      list.appendChild(document.createElement("li")).appendChild(button);
    }
  }

  let into = "p-comment";
  for (const id of ["p-ground", "p-comment"]) $(id).addEventListener("focus", () => { into = id; });
  function put(fact) {
    const box = $(into === "p-ground" && at.c !== COMMENT && !$("p-ground").disabled ? "p-ground" : "p-comment");
    box.focus();
    box.value = (box.value.trim() ? box.value.trim() + (/[。！？；，]$/.test(box.value.trim()) ? "" : "，") : "") + fact + "。";
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function comment() {
    const length = [...$("p-comment").value.replace(/\s+/g, " ").trim()].length;
    $("p-count").textContent = length;
    $("p-comment").setAttribute("aria-invalid", length > limit);
    $("p-long").textContent = length > limit ? "长了 " + (length - limit) + " 字，这一条还没有存。" : "";
    $("p-twin").textContent = twin() || "";
  }

  // A whole sentence that another pupil's comment has too.
  function twin() {
    const sentences = $("p-comment").value.split(/[。！？；\n]/).map((part) => part.trim()).filter((part) => [...part].length >= 10);
    for (const sentence of sentences) {
      const other = cells.findIndex((row, r) => r !== at.r && row[COMMENT].textContent.includes(sentence));
      if (other >= 0) return "“" + sentence + "”在" + grid.nameOf(other) + "的评语里也有。换成只属于这一位的话更好。";
    }
  }

  // Writing in the panel is one change from the moment one begins to the moment one leaves.
  let writing = null;
  function write(id, c, change) {
    const box = $(id);
    box.addEventListener("focus", () => { writing = { r: at.r, c: c(), before: grid.read(at.r, c()) }; });
    box.addEventListener("input", () => {
      grid.show(at.r, c(), change(grid.read(at.r, c()), box.value.replace(/\s+/g, " ").trim()));
      grid.send(at.r, c());
      if (id === "p-comment") comment();
      count();
    });
    box.addEventListener("blur", () => {
      if (writing) {
        const after = grid.read(writing.r, writing.c);
        if (JSON.stringify(after) !== JSON.stringify(writing.before)) grid.remember([{ ...writing, after }]);
      }
      writing = null;
      grid.bands.flush();
      grid.comments.flush();
      count();
    });
    box.addEventListener("keydown", (event) => {
      if (event.isComposing || event.keyCode === 229) return;
      if (event.key === "Escape") { event.preventDefault(); grid.paint(); }
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        box.blur();
        grid.step(1, 0, false);
        box.focus();
        panel();
      }
    });
  }
  write("p-comment", () => COMMENT, (value, text) => ({ text }));
  write("p-ground", domainAt, (value, text) => ({ ...value, ground: text }));
  write("p-help", domainAt, (value, text) => ({ ...value, help: text }));
  $("p-prev").onclick = () => grid.step(-1, 0, false);
  $("p-next").onclick = () => grid.step(1, 0, false);

  // ---- what comes after the table -------------------------------------------------------
  async function fetched(name) {
    const answer = await fetch(grid.base + "/" + name, { headers: { accept: "application/json" } });
    if (!answer.ok) throw new Error(answer.status);
    return answer.json();
  }

  // ---- the other voices: each on its own, as they said it --------------------------------
  let voices = null;
  function others(domain) {
    const list = $("p-others");
    const told = ((voices || {})[grid.studentOf(at.r)] || {})[domain] || {};
    const lines = (told.said || []).map((one) => [one.who, one.said]);
    if (told.helped) lines.push(["上学期说好的帮扶", told.helped.help], ["后来怎样", told.helped.outcome || "还没写，点上面的名字去写"]);
    if (voices && !lines.length) lines.push(["别人", "还没有说到这一项"]);
    list.replaceChildren(...lines.map(([who, said]) => {
      const line = document.createElement("div");
      line.append(document.createElement("dt"), document.createElement("dd"));
      line.firstChild.textContent = who;
      line.lastChild.textContent = said;
      return line;
    }));
  }

  async function listen() {
    try {
      voices = await fetched("voices");
    } catch (failed) {
      return qinghe.tell("别人的评价没有读到，刷新一下就有。");
    }
    panel();
  }

  // ---- what lies beside the cells: last term, and what others tell ----------------------
  let besides = null;
  async function beside() {
    try {
      besides = await fetched("beside");
    } catch (failed) {
      rows.forEach((row) => { row.querySelector(".ev").textContent = "没读到"; });
      return qinghe.tell("上学期的等级和依据没有读到，刷新一下就有。");
    }
    rows.forEach((row, r) => {
      const told = besides[grid.studentOf(r)] || {};
      for (const cell of cells[r].slice(0, COMMENT)) {
        const { last, told: words, evidence } = told[cell.dataset.domain] || {};
        if (last) cell.dataset.last = last;
        if (words) cell.dataset.told = words;
        if (words || evidence) cell.dataset.evidence = words ? "有" : evidence;
      }
      const there = cells[r].slice(0, COMMENT).map((cell) => cell.dataset.evidence);
      row.querySelector(".ev").textContent = there.includes("有") ? "有" : there.includes("少") ? "少" : "无";
    });
    table.dataset.beside = "";
    panel();
  }

  // ---- counts --------------------------------------------------------------------------
  function standingOf(r) {
    const lack = [0, 1, 2, 3, 4].map((c) => grid.lackOf(r, c)).find(Boolean);
    if (cells[r].slice(0, COMMENT).some((cell) => !cell.dataset.v)) return ["待填写", "todo", lack];
    if (lack) return [words.lacks[lack], "al", lack];
    if (cells[r][COMMENT].hasAttribute("data-long")) return ["评语太长", "al"];
    return cells[r][COMMENT].textContent ? ["已完成", "ok"] : ["缺评语", "todo"];
  }

  function count() {
    let [complete, comments, grounds] = [0, 0, 0];
    rows.forEach((row, r) => {
      const [standing, tone, lack] = standingOf(r);
      row.dataset.done = tone === "ok" ? "1" : "";
      row.dataset.ground = lack ? "1" : "";
      const place = row.querySelector(".st").firstElementChild;
      if (place.textContent !== standing) place.textContent = standing;
      place.className = tone;
      if (row.dataset.done) complete++;
      if (!cells[r][COMMENT].textContent) comments++;
      if (lack) grounds++;
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
    if ($("undo")) { $("undo").disabled = !grid.canUndo(); $("redo").disabled = !grid.canRedo(); }
  }

  // ---- filters and finding ---------------------------------------------------------------
  let filter = "all";
  function sift() {
    const typed = $("find").value.toLowerCase().replace(/[\s']/g, "");
    rows.forEach((row, r) => {
      const kept = filter === "todo" ? !row.dataset.done : filter === "comment" ? !cells[r][COMMENT].textContent : filter === "ground" ? row.dataset.ground : true;
      const found = !typed || row.dataset.name.includes(typed) || row.dataset.py.split(" ").some((part) => part.startsWith(typed));
      row.hidden = !(kept && found);
    });
    const first = rows.findIndex((row) => !row.hidden);
    $("nobody").hidden = first >= 0;
    table.hidden = first < 0;
    if (first < 0) return say($("nobody").textContent);
    if (rows[at.r].hidden || rows[grid.anchor.r].hidden) {
      at.r = grid.anchor.r = first;
      grid.paint(false);
    }
  }
  document.querySelectorAll("[data-filter]").forEach((button) => {
    button.onclick = () => {
      document.querySelectorAll("[data-filter]").forEach((other) => other.setAttribute("aria-pressed", other === button));
      filter = button.dataset.filter;
      sift();
    };
  });
  $("find").addEventListener("input", sift);
  $("find").addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || event.key !== "Enter") return;
    event.preventDefault();
    if ($("nobody").hidden) grid.paint();
  });

  // ---- the bar below the table -----------------------------------------------------------
  function bar() {
    if (!$("selection")) return;
    let n = 0;
    grid.each(() => n++);
    const one = grid.nameOf(at.r) + " · ";
    const domain = words.domains[grid.domainOf(domainAt())].character;
    const column = at.c === grid.anchor.c;
    $("selection").textContent = at.c === COMMENT && n <= 1 ? one + "评语" : n <= 1 ? one + domain : column ? "已选 " + domain + " · " + n + " 人" : "已选 " + n + " 格";
  }
  document.querySelectorAll("[data-set]").forEach((button) => {
    button.onclick = () => {
      if (at.c < COMMENT) grid.setSelection(button.dataset.set);
      grid.paint();
    };
  });
  if ($("undo")) {
    $("undo").onclick = () => grid.history(true);
    $("redo").onclick = () => grid.history(false);
  }

  // The same as last term, for chosen cells that are empty: an act of its own.
  async function repeat() {
    const wanted = [];
    grid.each((r, c) => { if (cells[r][c].dataset.last && !cells[r][c].dataset.v) wanted.push([r, c]); });
    if (!wanted.length) return tell("选中的格子里，没有空着而上学期又有等级的。");
    if (qinghe.unsaved()) return tell("正在保存，请稍等再点。");
    const asked = wanted.map(([r, c]) => ({ student: grid.studentOf(r), domain: grid.domainOf(c), revision: Number(cells[r][c].dataset.revision) }));
    let answer, told;
    try {
      answer = await qinghe.post(grid.base + "/repeat", asked);
      told = await answer.json();
    } catch (offline) { return tell("网络断开，没有改动。请连上后再点一次。"); }
    if (answer.status === 401) return qinghe.askPassword();
    if (!told.saved) return tell(told.message);
    const changes = told.saved.map((saved) => {
      const [r, c] = grid.placeOf(saved);
      const before = grid.read(r, c);
      cells[r][c].dataset.revision = saved.revision;
      grid.show(r, c, { band: saved.band, ground: "", help: "" });
      grid.kept.set(grid.keyOf(r, c), grid.read(r, c));
      return { r, c, before, after: grid.read(r, c) };
    });
    if (changes.length) grid.remember(changes);
    grid.changed();
    tell("已按上学期填了 " + changes.length + " 格，请逐个看过；优秀和待提高还要补依据。");
  }
  function tell(text) {
    say(text);
    qinghe.tell(text);
    qinghe.report();
  }
  if ($("repeat")) $("repeat").onclick = repeat;

  // ---- dialogs ---------------------------------------------------------------------------
  $("keys-open").onclick = () => qinghe.open($("keys-box"), $("keys-box").querySelector("[data-close]"));
  if ($("paste-open")) {
    $("paste-open").onclick = () => qinghe.open($("paste-box"), $("paste-text"));
    $("paste-do").onclick = () => {
      const text = $("paste-text").value;
      $("paste-text").value = "";
      qinghe.close($("paste-box"));
      grid.paste(text);
      grid.paint();
    };
  }

  grid.hear({
    changed() { count(); panel(); },
    moved() { panel(); bar(); },
    ask(box) {
      if (open && !$("p-" + box).disabled) $("p-" + box).focus();
      else if (open) say("先选一个等级，再写依据。");
    },
    say,
  });
  // In the table one stop is enough; the panel leads to the pupil's own form too.
  table.querySelectorAll(".name a").forEach((link) => { link.tabIndex = -1; });
  document.body.classList.add("live");
  count();
  grid.paint(false);
  beside().then(listen);
})();
