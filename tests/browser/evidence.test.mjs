// What other teachers bring, in a real browser: the PE teacher's workbook, two rows
// mended, the chart on the family's phone, the word beside the homeroom's grid; and a
// subject's bands by keyboard.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { PHONE, openBrowser, person, signIn } from "./browser.mjs";
import { PASSWORD, linkIn, openSchool, slips } from "./school.mjs";
import { readWorkbook, workbook } from "./workbook.mjs";

const XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
let browser, school, pe;

before(async () => {
  browser = await openBrowser();
  school = await openSchool({ pupils: 6 });
});
after(async () => {
  await browser?.close();
  await school?.house.close();
});

// Appointed by the office, in with the link, at the desk of the class.
async function teacher(subject, login, name) {
  const page = await school.office.post("/office/staff", { class: school.classId, role: "subject", subject, login, name });
  const someone = await person(browser, school.house);
  await someone.page.goto(linkIn(page.text));
  await someone.page.getByLabel("新密码").fill(PASSWORD);
  await someone.page.getByLabel("再输一次").fill(PASSWORD);
  await someone.page.getByRole("button", { name: "设好密码，进去" }).click();
  await someone.page.waitForURL((url) => url.pathname.startsWith("/subject/"));
  return someone;
}

async function bring(page, rows) {
  await page.getByLabel(/选测试工作簿/).setInputFiles({ name: "体测.xlsx", mimeType: XLSX, buffer: workbook(rows) });
  await page.getByRole("button", { name: "试跑" }).click();
  await page.getByText("试跑只看不存").waitFor();
}

test("from the PE teacher's workbook to the family's phone", async () => {
  pe = await teacher("体育与健康", "peng", "彭刚");
  const { page } = pe;
  await page.getByRole("link", { name: "体质测试" }).click();
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "下载模板" }).click();
  const [header, ...pupils] = readWorkbook(await readFile(await (await download).path()));
  const place = (title) => header.findIndex((one) => one.startsWith(title));
  const fill = (row, values) => {
    const filled = header.map((_, n) => row[n] ?? "");
    for (const [title, value] of Object.entries(values)) filled[place(title)] = value;
    return filled;
  };
  const both = { 身高: 158, 体重: 48, 肺活量: 2650, "50米": 8.5, 坐位: 17.6, 立定: 181 };
  const rows = pupils.map((row) => fill(row, { ...both, ...(row[place("性别")] === "男" ? { 引体: 6, "1000米": "4'05\"" } : { 一分钟: 46, "800米": "3:26" }) }));
  const good = rows[0].slice();
  rows[1][place("立定")] = 1.81;
  rows[2][place("身高")] = "高";

  await bring(page, [header, ...rows]);
  await page.getByText("1.81 米写成 181").waitFor();
  await page.getByRole("cell", { name: /认不出。写厘米数/ }).waitFor();
  const back = page.waitForEvent("download");
  await page.getByRole("link", { name: "下载没收的行" }).click();
  const refused = readWorkbook(await readFile(await (await back).path()));
  assert.equal(refused.length, 3);
  await page.getByRole("button", { name: "收下 4 行" }).click();
  await page.getByText("收下了 4 人").waitFor();

  // Two rows mended in the workbook that came back.
  const again = refused.map((row) => row.slice());
  const at = (title) => again[0].findIndex((one) => one.startsWith(title));
  again[1][at("立定")] = "181";
  again[2][at("身高")] = "158";
  await bring(page, again);
  await page.getByRole("button", { name: "收下 2 行" }).click();
  await page.getByText("6 / 6 人齐全").waitFor();
  assert.deepEqual(pe.troubles, []);

  const [code] = await slips(school);
  const family = await person(browser, school.house, { viewport: PHONE });
  const home = family.page;
  await home.goto(`/join/${code}`);
  await home.getByLabel("您的姓名").fill("李建国");
  await home.locator("input[name=relation]").first().check({ force: true });
  await home.locator("input[name=login]").fill("13800001111");
  await home.locator("input[name=password]").fill("灶台边趴着三只猫");
  await home.locator("input[name=again]").fill("灶台边趴着三只猫");
  await home.locator("input[name=consent]").check();
  await home.locator("form button").last().click();
  await home.waitForURL((url) => url.pathname.startsWith("/child/"));
  await home.getByRole("link", { name: /学科、体质和本领/ }).click();
  const chart = home.locator("section", { has: home.getByRole("heading", { name: /^体质测试/ }) });
  await chart.getByText("158 厘米").waitFor();
  assert.equal(good[place("身高")], 158);
  assert.equal(await home.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, "nothing hangs over the side of a phone");
  assert.deepEqual(family.troubles, []);

  const lin = await person(browser, school.house);
  await signIn(lin.page, "lin", PASSWORD);
  await lin.page.goto(school.grid);
  await lin.page.locator("#eg[data-beside]").waitFor();
  await lin.page.locator("#eg tbody tr").first().locator(".cell").nth(2).click();
  assert.match(await lin.page.locator("#p-told").textContent(), /体质测试 (优秀|良好|及格|不及格)/);
  assert.deepEqual(lin.troubles, []);
});

test("a subject teacher goes down the class by keys, and each band is saved as it is set", async () => {
  const fang = await teacher("语文", "fang", "方晓");
  const { page } = fang;
  await page.locator("tr[data-student] input[type=radio]").first().focus();
  for (const key of ["y", "l", "h", "d"]) await page.keyboard.press(key);
  await page.getByText("已自动保存").waitFor();
  await page.reload();
  const chosen = await page.locator("tr[data-student] input:checked").evaluateAll((all) => all.map((one) => one.value));
  assert.deepEqual(chosen, ["excellent", "good", "qualified", "developing"]);
  assert.deepEqual(fang.troubles, []);

  // A workbook of marks: refused, lines drawn, the bands shown and stored.
  const marks = workbook([["姓名", "语文"], ...school.names.map((name, n) => [name, 95.5 - n * 9])]);
  const file = { name: "语文成绩.xlsx", mimeType: XLSX, buffer: marks };
  await page.getByLabel(/从工作簿填/).setInputFiles(file);
  await page.getByRole("button", { name: "先看看", exact: true }).click();
  await page.getByText("这份表里是分数，没有收").waitFor();
  for (const [word, line] of [["优秀", "85"], ["良好", "70"], ["合格", "60"]]) await page.getByLabel(`${word}，从多少起`).fill(line);
  await page.getByLabel(/再选一次这份文件/).setInputFiles(file);
  await page.getByRole("button", { name: "换成等级，先看看" }).click();
  await page.getByText("分数只在刚才那一下用过").waitFor();
  assert.equal((await page.content()).includes("95.5"), false);
  await page.getByRole("button", { name: "存这 6 个等级" }).click();
  await page.getByText("已填 6 / 6 人").waitFor();
});
