// The whole job in a real browser: the office brings its roster, the homeroom teacher
// fills her class by keyboard alone and signs, a parent reads it on a phone.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { PHONE, openBrowser, person, signIn } from "./browser.mjs";
import { House } from "./house.mjs";
import { HEADER, classRows, pupilRow } from "./roster.mjs";
import { PASSWORD, SCHOOL, linkIn } from "./school.mjs";
import { readWorkbook, workbook } from "./workbook.mjs";

const XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const PUPILS = 45;
let browser, house, office, teacher;

before(async () => {
  browser = await openBrowser();
  house = await House.empty();
  const made = await house.run("init", "--county", "石泉县", "--school", SCHOOL, "石泉镇九年一贯制学校");
  assert.equal(made.code, 0, made.err);
  await house.serve();
  office = await person(browser, house);
  await office.page.goto(linkIn(made.out));
  await setPassword(office.page);
});
after(async () => {
  await browser?.close();
  await house?.close();
});

async function setPassword(page) {
  await page.getByLabel("新密码").fill(PASSWORD);
  await page.getByLabel("再输一次").fill(PASSWORD);
  await page.getByRole("button", { name: "设好密码，进去" }).click();
}

async function bring(page, rows) {
  await page.goto("/office/roster");
  await page.getByLabel(/选一份名单/).setInputFiles({ name: "名单.xlsx", mimeType: XLSX, buffer: workbook([HEADER, ...rows]) });
  await page.getByRole("button", { name: "试跑" }).click();
  await page.getByText("试跑只看不存").waitFor();
}

// One story, told in its order; each chapter stands on the one before, so that after
// a broken one the rest are not told.
test("from the roster to the parent's phone", async (whole) => {
  let broken = null;
  const story = {
    test: (name, tell) => whole.test(name, async () => {
      if (broken) throw new Error(`after “${broken}” this cannot be told`);
      broken = name;
      await tell();
      broken = null;
    }),
  };
  const good = classRows("八年级(1)班", PUPILS);
  const bad = [
    pupilRow("八年级(1)班", 60, 201, { 出生日期: "2013.2.31" }),
    pupilRow("八年级(1)班", 61, 202, { 性别: "M" }),
    pupilRow("八年级(1)班", 62, 203, { 全国学籍号: 2.10421e17 }),
    pupilRow("8-1班", 63, 204),
  ];
  const names = good.map((row) => row[HEADER.indexOf("姓名")]);

  await story.test("a dry run says of every bad row what to mend and takes nothing", async () => {
    const { page } = office;
    await bring(page, [...good, ...bad]);
    await page.getByText("本校还没有建").waitFor();
    await page.getByRole("button", { name: "建这 1 个班" }).click();
    await bring(page, [...good, ...bad]);

    const table = page.getByRole("table");
    for (const said of ["这一天不存在", "只认“男”“女”", "被 Excel 当成数字", "认不出是哪个班"]) await table.getByText(said).waitFor();
    assert.equal(await page.getByRole("button", { name: `收下 ${PUPILS} 行` }).count(), 1);
    await page.goto("/office");
    await page.getByText("等教务导入名单").waitFor();
  });

  await story.test("the refused rows come back as a workbook with the reasons", async () => {
    const { page } = office;
    await bring(page, [...good, ...bad]);
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: "下载没收的行" }).click();
    const rows = readWorkbook(await readFile(await (await download).path()));

    assert.equal((await download).suggestedFilename(), "没收的行.xlsx");
    assert.equal(rows.length, 1 + bad.length);
    assert.match(rows[0][0], /为什么没收/);
    assert.match(rows[1][0], /这一天不存在/);
    assert.equal(rows[1][1], String(PUPILS + 2), "the line of the file it came from");
  });

  await story.test("the good rows are taken without the bad, and twice changes nothing", async () => {
    const { page } = office;
    await bring(page, [...good, ...bad]);
    await page.getByRole("button", { name: `收下 ${PUPILS} 行` }).click();
    await page.getByText(`收下了 ${PUPILS} 人`).waitFor();
    await bring(page, good);
    await page.getByText("和库里一样，不用收").waitFor();
    await page.getByText(`没变化 ${PUPILS} 人`).waitFor();
    assert.equal(await page.getByRole("button", { name: /^收下/ }).count(), 0);
  });

  await story.test("the office appoints a homeroom teacher, who gets a link of her own", async () => {
    const { page } = office;
    await page.goto("/office/classes");
    await page.getByLabel("账号", { exact: true }).fill("lin");
    await page.getByRole("button", { name: /^安排/ }).click();
    await page.getByRole("alert").getByText("新账号要写姓名").waitFor();
    assert.equal(await page.getByLabel("账号", { exact: true }).inputValue(), "lin", "what was typed is still there");
    await page.getByLabel("姓名（新账号）").fill("林静");
    await page.getByRole("button", { name: /^安排/ }).click();
    const link = await page.locator(".link code").textContent();

    teacher = await person(browser, house);
    await teacher.page.goto(link);
    await setPassword(teacher.page);
    await teacher.page.getByRole("heading", { name: "等您处理" }).waitFor();
    await teacher.page.getByRole("link", { name: /接着填/ }).click();
    await teacher.page.getByRole("heading", { name: "八年级(1)班 · 期末评价" }).waitFor();
    assert.equal(await teacher.page.locator("#eg tbody tr").count(), PUPILS);
  });

  await story.test("she fills the class by keyboard alone", async () => {
    const { page } = teacher;
    const keys = page.keyboard;
    const cell = (r, c) => page.locator("#eg tbody tr").nth(r).locator(".cell, .cm").nth(c);
    const word = (r, c) => cell(r, c).textContent();
    const press = async (...all) => { for (const key of all) await keys.press(key); };
    const focused = () => page.evaluate(() => {
      const here = document.activeElement;
      return here.closest("tr") ? [[...here.closest("tbody").rows].indexOf(here.closest("tr")), [...here.parentNode.querySelectorAll(".cell, .cm")].indexOf(here)] : here.id;
    });

    // Into the table: the skip link, then one stop.
    await page.reload();
    await press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "跳到正文");
    await press("Enter", "Tab");
    assert.deepEqual(await focused(), [0, 0]);

    // One key sets one cell and moves on; by the key's place, whatever the input method makes of it.
    await press("y", "KeyL", "h", "d");
    assert.deepEqual(await Promise.all([0, 1, 2, 3].map((r) => word(r, 0))), ["优秀", "良好", "合格", "待提高"]);
    assert.deepEqual(await focused(), [4, 0]);
    await cell(4, 0).evaluate((here) => {
      here.dispatchEvent(new KeyboardEvent("keydown", { key: "Process", code: "KeyY", keyCode: 229, bubbles: true, cancelable: true }));
    });
    assert.equal(await word(4, 0), "优秀", "with a Chinese input method on");

    // Delete, undo, redo.
    await press("ArrowUp", "Delete");
    assert.equal(await word(4, 0), "—");
    await press("Control+z");
    assert.equal(await word(4, 0), "优秀");
    await press("Control+z", "Control+y", "Control+Shift+z");
    assert.equal(await word(4, 0), "—", "undone and done again");

    // A range with Shift, then one key.
    await press("ArrowRight", "Shift+ArrowDown", "Shift+ArrowDown", "Shift+ArrowRight", "l");
    for (const r of [4, 5, 6]) for (const c of [1, 2]) assert.equal(await word(r, c), "良好");
    assert.equal(await page.locator("#selection").textContent(), "已选 6 格");
    await press("Control+z");
    assert.equal(await word(5, 2), "—", "a range is one change");

    // Whole columns, five times.
    await press("Home", "Control+a", "l");
    for (let c = 1; c < 5; c++) await press("ArrowRight", "Control+a", "l");
    const all = await page.locator("#eg .cell").allTextContents();
    assert.deepEqual(all, Array(PUPILS * 5).fill("良好"));
    await press("PageUp", "PageUp", "PageUp", "PageUp", "PageUp", "Home");
    assert.deepEqual(await focused(), [0, 0]);

    // The exceptions, with what they stand on. 待提高 also says what will be done to help.
    await press("y", "ArrowUp");
    assert.match(await page.locator("#p-lack").textContent(), /要写一句事实/);
    await press("g");
    await keys.type("带小组种出校园菜地第一茬青菜。");
    await press("Escape");
    assert.deepEqual(await focused(), [0, 0]);
    await press("ArrowDown", "d", "ArrowUp", "g");
    await keys.type("常忘带学具。");
    await press("Tab");
    assert.equal(await focused(), "p-help");
    await keys.type("同桌每天放学前提醒一次。");
    await press("Escape");
    assert.equal(await page.locator("#eg [data-lacks]").count(), 0);

    // Undo takes a sentence back as one change, and the band has its ground again.
    await press("Control+z", "Control+z", "Control+z", "Control+y", "Control+y", "Control+y");
    assert.equal(await cell(1, 0).getAttribute("data-help"), "同桌每天放学前提醒一次。");

    // Comments: Enter writes, Ctrl+Enter goes to the next, Esc comes back.
    await press("ArrowUp", "End", "Enter");
    await keys.type("做事有头有尾，值日从不用提醒。");
    await press("Control+Enter");
    assert.equal(await page.locator("#p-name").textContent(), names[1]);
    await keys.type("愿意帮人，话不多。下学期愿你在课上多开口。");
    await press("Escape");
    assert.deepEqual(await focused(), [1, 5]);
    assert.equal(await word(0, 5), "做事有头有尾，值日从不用提醒。");
    assert.match(await page.locator("#done").textContent(), /^2$/);

    // A comment that is too long is kept on the page and said not to be saved.
    await press("Enter");
    await keys.insertText("长".repeat(140));
    await page.getByText("这一条还没有存").waitFor();
    await press("Control+z", "Escape");
    assert.equal(await word(1, 5), "愿意帮人，话不多。下学期愿你在课上多开口。");

    // A block from Excel or WPS: bands and the comment beside them; a mark is refused.
    await press("ArrowDown", "Home");
    const comments = names.slice(2).map((name, n) => `${name}这学期第 ${n + 1} 次值日最认真。`);
    const block = comments.map((comment, n) => (n === 0 ? `98\t良\t待定\t良好\t良好\t${comment}` : `良好\t良\tL\t良好\t合格\t"${comment}"`)).join("\r\n");
    await page.evaluate((text) => {
      const data = new DataTransfer();
      data.setData("text", text);
      document.activeElement.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
    }, block);
    await page.locator("#live").getByText("1 格是分数，没有收").waitFor();
    await page.locator("#live").getByText("另有 1 格认不出").waitFor();
    assert.equal(await word(2, 0), "良好", "what was not understood stands as it was");
    assert.equal(await word(3, 4), "合格");
    assert.equal(await word(44, 5), comments[42]);
    await page.getByText("已完成 45 / 45 人").waitFor();

    await page.getByText("已自动保存").waitFor();
    await page.reload();
    await page.getByText("已完成 45 / 45 人").waitFor();
    assert.equal(await word(44, 5), comments[42]);
    assert.equal(await cell(0, 0).getAttribute("data-ground"), "带小组种出校园菜地第一茬青菜。");
  });

  await story.test("she finds pupils by filter, name and pinyin", async () => {
    const { page } = teacher;
    const seen = () => page.locator("#eg tbody tr:not([hidden]) .name").allTextContents();
    const find = page.getByLabel("按姓名或拼音找");
    await page.getByRole("button", { name: /^缺评语/ }).click();
    await page.getByText("没有符合的学生").first().waitFor();
    await page.getByRole("button", { name: /^全部 45/ }).click();
    await find.fill(names[0].slice(0, 1));
    assert.ok((await seen()).every((name) => name.startsWith(names[0][0])));
    const pinyin = await page.locator("#eg tbody tr").first().getAttribute("data-py");
    await find.fill(pinyin.split(" ")[0]);
    assert.deepEqual([...new Set(await seen())], [names[0]]);
    await find.fill(pinyin.split(" ")[1].toUpperCase());
    assert.ok((await seen()).includes(names[0]));
    await find.fill("");
    assert.equal((await seen()).length, PUPILS);
  });

  await story.test("all keys are one click away, and the dialog gives the focus back", async () => {
    const { page } = teacher;
    await page.getByRole("button", { name: "全部快捷键" }).click();
    const dialog = page.getByRole("dialog", { name: "全部快捷键" });
    await dialog.waitFor();
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.closest("[role=dialog]") !== null), true);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    assert.equal(await page.evaluate(() => document.activeElement.id), "keys-open");
  });

  let codes;
  await story.test("slips are made for the families, once on this page", async () => {
    const { page } = teacher;
    await page.getByRole("link", { name: "家长绑定" }).click();
    await page.getByRole("button", { name: "做绑定单" }).click();
    await page.locator(".slip").first().waitFor();
    codes = await page.locator(".slip .code").allTextContents();
    assert.equal(codes.length, PUPILS);
    assert.equal(await page.getByRole("img", { name: `${names[0]}家长的二维码` }).count(), 1);
    await page.goto(page.url());
    assert.equal(await page.locator(".slip").count(), 0);
  });

  let parent;
  await story.test("a parent binds the child at 390 px, and sees no band before it is signed", async () => {
    parent = await person(browser, house, { viewport: PHONE, hasTouch: true, isMobile: true });
    const { page } = parent;
    await page.goto("/join");
    await page.getByLabel("绑定单上的码").fill(codes[0].toLowerCase());
    await page.getByRole("button", { name: "下一步" }).click();
    await page.getByText(`${names[0][0]}＊＊`).waitFor();
    await page.getByLabel("母亲", { exact: true }).check();
    await page.getByLabel("您的姓名").fill("陈秀兰");
    await page.getByLabel("账号").fill("13804138206");
    await page.getByLabel("新密码").fill("灶台边趴着三只猫");
    await page.getByLabel("再输一次").fill("灶台边趴着三只猫");
    await page.getByLabel(/我是孩子的监护人/).check();
    await page.getByRole("button", { name: "同意并绑定" }).click();
    await page.getByRole("heading", { name: names[0] }).waitFor();
    await page.getByText("绑定好了").waitFor();
    await page.getByText("还没有签字").waitFor();
    assert.equal(await page.getByText("优秀").count(), 0);
    const again = await person(browser, house, { viewport: PHONE });
    await again.page.goto(`/join/${codes[0]}`);
    await again.page.getByText("这个码用不了").waitFor();
  });

  await story.test("she checks and signs", async () => {
    const { page } = teacher;
    await page.getByRole("link", { name: "检查签字" }).click();
    await page.getByText("全班都填好了").waitFor();
    await page.getByRole("button", { name: "林静 签字" }).click();
    await page.getByText("林静 签字").first().waitFor();
    await page.getByRole("link", { name: "期末评价" }).click();
    await page.locator("#eg .cell").first().click();
    await page.keyboard.press("h");
    assert.equal(await page.locator("#eg .cell").first().textContent(), "优秀", "a signed grid takes no key");
  });

  await story.test("the parent reads it on the phone, writes a word, and nobody else's child is there", async () => {
    const { page } = parent;
    const child = new URL(page.url()).pathname;
    await page.goto(child);
    await page.getByRole("heading", { name: "五育表现" }).waitFor();
    await page.locator(".five").getByText("优秀").waitFor();
    await page.getByText("做事有头有尾，值日从不用提醒。").waitFor();
    await page.getByRole("img", { name: "五育成长图" }).waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
    await page.getByRole("link", { name: /写一段寄语/ }).click();
    await page.getByRole("textbox", { name: "写给孩子的话" }).fill("妈妈看见你把菜地的照片存了二十多张。");
    const written = page.waitForURL(/term=/);
    await page.getByRole("button", { name: "存好" }).click();
    await written;
    await page.goto(child);
    assert.equal(await page.getByRole("textbox", { name: "写给孩子的话" }).inputValue(), "妈妈看见你把菜地的照片存了二十多张。");
    assert.equal(await page.getByText(names[1]).count(), 0);
    assert.equal((await page.goto("/office")).status(), 404);
  });

  await story.test("she comes in by the front door again, and the board says whom it waits for", async () => {
    const { page } = await person(browser, house);
    await signIn(page, "lin", PASSWORD);
    await page.getByRole("heading", { name: "等您处理" }).waitFor();
    await office.page.goto("/office");
    await office.page.getByText("等教务核对，开始公示").waitFor();
  });

  for (const { troubles } of [office, teacher, parent]) assert.deepEqual(troubles, []);
});
