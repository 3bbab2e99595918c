// The PE teacher brings the class's workbook, mends two rows, the family sees the chart
// on the phone, and the homeroom teacher reads the word beside her grid.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { PHONE, openBrowser, person, signIn } from "./browser.mjs";
import { openDemo } from "./demo.mjs";
import { Hand } from "./school.mjs";
import { readWorkbook, workbook } from "./workbook.mjs";

const XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
let browser, demo, teacher;

before(async () => {
  browser = await openBrowser();
  demo = await openDemo("--schools", "1", "--classes", "1", "--pupils", "6", "--today", "2027-01-04");
});
after(async () => {
  await browser?.close();
  await demo?.close();
});

// Who of the subject teachers has the tests of a class: nobody else finds the page.
async function peTeacher(classId) {
  for (const account of demo.accounts.filter((one) => one.role === "subject")) {
    const hand = new Hand(demo);
    await hand.ask("/sign-in", { method: "POST", body: new URLSearchParams({ login: account.login, password: account.password }) });
    if ((await hand.ask(`/subject/${classId}/fitness`)).status === 200) return account;
  }
  throw new Error("no PE teacher teaches the class");
}

async function bring(page, classId, rows) {
  await page.goto(`/subject/${classId}/fitness`);
  await page.getByLabel(/选测试工作簿/).setInputFiles({ name: "体测.xlsx", mimeType: XLSX, buffer: workbook(rows) });
  await page.getByRole("button", { name: "试跑" }).click();
  await page.getByText("试跑只看不存").waitFor();
}

test("from the PE teacher's workbook to the family's chart", async (t) => {
  const homeroom = demo.first("homeroom");
  const guardian = demo.first("guardian", (one) => one.students.some((id) => homeroom.students.includes(id)));
  const child = guardian.students.find((id) => homeroom.students.includes(id));
  const seat = homeroom.students.indexOf(child);
  const account = await peTeacher(homeroom.class);
  let rows, refused;

  await t.test("the template has the names, and comes back with two rows that cannot be", async () => {
    teacher = await person(browser, demo);
    const { page } = teacher;
    await signIn(page, account.login, account.password);
    await page.goto(`/subject/${homeroom.class}/fitness`);
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "下载模板" }).click()]);
    rows = readWorkbook(await readFile(await download.path()));
    const at = (title) => rows[0].findIndex((one) => one.startsWith(title));
    for (const row of rows.slice(1)) {
      while (row.length < rows[0].length) row.push("");
      const boy = row[at("性别")] === "男";
      const put = (title, value) => (row[at(title)] = value);
      put("身高", 171.5), put("体重", 55), put("肺活量", 3600), put("50米跑", 8.1), put("坐位体前屈", 12), put("立定跳远", 205);
      if (boy) put("引体向上", 8), put("1000米跑", `4'05"`);
      else put("一分钟仰卧起坐", 40), put("800米跑", `3'40"`);
    }
    rows[2][at("立定跳远")] = 17;
    rows[3][at("体重")] = 0;
    await bring(page, homeroom.class, rows);
    assert.equal(await page.locator("tr", { hasText: "立定跳远" }).filter({ hasText: "不可能" }).count(), 1);
    assert.equal(await page.locator("tr", { hasText: "体重" }).filter({ hasText: "不可能" }).count(), 1);
    const [returned] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "下载没收的行" }).click()]);
    refused = readWorkbook(await readFile(await returned.path()));
    assert.equal(refused.length, 3, "the header and two rows");
    await page.getByRole("button", { name: `收下 ${rows.length - 3} 行` }).click();
    await page.getByText(`收下了 ${rows.length - 3} 人`).waitFor();
  });

  await t.test("the two rows, mended in the workbook that came back, are taken", async () => {
    const { page } = teacher;
    const at = (title) => refused[0].findIndex((one) => one.startsWith(title));
    for (const row of refused.slice(1)) {
      row[at("立定跳远")] = "205";
      row[at("体重")] = "55";
    }
    await bring(page, homeroom.class, refused);
    await page.getByRole("button", { name: "收下 2 行" }).click();
    await page.getByText("收下了 2 人").waitFor();
    await page.getByText(`${rows.length - 1} / ${rows.length - 1} 人齐全`).waitFor();
  });

  await t.test("the family sees the child's own years as a chart, and no number of the standard", async () => {
    const family = await person(browser, demo, { viewport: PHONE, hasTouch: true, isMobile: true });
    const { page } = family;
    await signIn(page, guardian.login, guardian.password);
    await page.goto(`/child/${child}/learning`);
    const card = page.locator("section", { has: page.getByRole("heading", { name: /体质测试/ }) });
    await card.getByText("171.5 厘米").waitFor();
    assert.ok(await card.locator("svg polyline").count() > 0, "a line through the years");
    assert.ok(await card.getByText(/比上次(长高了|重了|快了|慢了|远了|多了)/).count() > 0);
    assert.equal(await card.getByText(/\d 分/).count(), 0);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
    assert.deepEqual(family.troubles, []);
  });

  await t.test("the homeroom teacher reads the word beside the cell, and nothing else of it", async () => {
    const lead = await person(browser, demo);
    const { page } = lead;
    await signIn(page, homeroom.login, homeroom.password);
    await page.goto(`/class/${homeroom.class}/grid`);
    await page.locator(`[data-student="${child}"][data-domain="physical"]`).click();
    await page.locator("#p-told", { hasText: /体质测试 (优秀|良好|及格|不及格)/ }).waitFor();
    assert.ok(!/171|205|55/.test(await page.locator("#p-told").textContent()), "the word, not the measures");
    assert.equal((await page.goto(`/subject/${homeroom.class}/fitness`)).status(), 404);
    assert.ok(seat >= 0);
    assert.deepEqual(lead.troubles, []);
  });
  assert.deepEqual(teacher.troubles, []);
});
