// With JavaScript off everything a school must do can still be done; and a form
// posted by a real browser over plain http, with no header set by hand, is taken.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PHONE, openBrowser, person, signIn } from "./browser.mjs";
import { classRows, csv } from "./roster.mjs";
import { DOMAINS, PASSWORD, TERM, fill, openSchool, slips } from "./school.mjs";

let browser, school;
before(async () => {
  browser = await openBrowser();
  school = await openSchool({ pupils: 3 });
});
after(async () => {
  await browser?.close();
  await school?.house.close();
});

const plain = (options = {}) => person(browser, school.house, { javaScriptEnabled: false, ...options });

test("one-pupil forms fill and sign a class without script", async () => {
  const { page, troubles } = await plain({ viewport: PHONE });
  await signIn(page, "lin", PASSWORD);
  await page.getByRole("link", { name: "期末评价", exact: true }).click();
  await page.getByText("没有脚本时，点姓名逐人填写").waitFor();
  assert.equal(await page.getByRole("button", { name: "从表格粘贴" }).isVisible(), false, "what does nothing without script is not shown");
  await page.getByRole("link", { name: school.names[0] }).click();

  await page.locator("label[for=moral-excellent]").click();
  for (const domain of DOMAINS.slice(1, 4)) await page.locator(`label[for=${domain}-good]`).click();
  const help = page.locator("#help_labour");
  assert.equal(await help.isVisible(), false);
  await page.locator("label[for=labour-developing]").click();
  assert.equal(await help.isVisible(), true, "待提高 asks what will be done, without any script");
  await page.locator("#ground_moral").fill("带小组种出校园菜地第一茬青菜。");
  await page.locator("#ground_labour").fill("常忘带学具。");
  await help.fill("同桌每天放学前提醒一次。");
  await page.getByLabel("班主任评语").fill("长".repeat(151));
  await page.getByRole("button", { name: /^存好，下一位/ }).click();
  await page.getByRole("alert").getByText("评语最多 150 字，现在 151 字").waitFor();
  assert.equal(await help.inputValue(), "同桌每天放学前提醒一次。", "what was typed is still there");
  assert.equal(await page.evaluate(() => document.activeElement.id), "faults", "what is wrong is where one is");
  await page.getByLabel("班主任评语").fill("做事有头有尾。");
  await page.getByRole("button", { name: /^存好，下一位/ }).click();
  await page.getByRole("heading", { name: school.names[1] }).waitFor();
  await page.getByText("存好了").waitFor();
  for (const comment of ["愿意帮人，话不多。", "字写得稳，读书声音也大。"]) {
    for (const domain of DOMAINS) await page.locator(`label[for=${domain}-good]`).click();
    await page.getByLabel("班主任评语").fill(comment);
    await page.getByRole("button", { name: /^存好，/ }).click();
    await page.waitForURL((url) => url.search.includes("saved") || url.pathname.endsWith("/sign"));
  }
  await page.getByText("全班都填好了").waitFor();
  await page.getByRole("button", { name: /签字$/ }).click();
  await page.getByText("家长和学生现在看得到等级和评语").waitFor();
  assert.deepEqual(troubles, []);
});

test("the office tries and takes a roster, makes a class and appoints its teacher without script", async () => {
  const { page, troubles } = await plain();
  await signIn(page, "jiaowu", PASSWORD);
  await page.getByRole("link", { name: "班级与教师" }).click();
  await page.getByLabel("班号").fill("2");
  await page.getByLabel("年级").selectOption("2026");
  await page.getByRole("button", { name: "建班" }).click();
  await page.getByRole("rowheader", { name: "七年级(2)班" }).waitFor();
  await page.getByRole("link", { name: "学籍", exact: true }).click();
  await page.getByLabel(/选一份名单/).setInputFiles({ name: "名单.csv", mimeType: "text/csv", buffer: csv(classRows("七年级(2)班", 4, 300)) });
  await page.getByRole("button", { name: "试跑" }).click();
  await page.getByRole("button", { name: "收下 4 行" }).click();
  await page.getByText("收下了 4 人").waitFor();
  await page.getByRole("link", { name: "班级与教师" }).click();
  const row = page.getByRole("row").filter({ hasText: "七年级(2)班" });
  await row.getByLabel("账号", { exact: true }).fill("sun");
  await row.getByLabel("姓名（新账号）").fill("孙丽华");
  await row.getByRole("button", { name: /^安排/ }).click();
  await page.getByText("孙丽华 的登录链接").waitFor();
  assert.deepEqual(troubles, []);
});

test("a parent joins and writes without script, and what is wrong is said beside it", async () => {
  const [code] = await slips(school);
  const { page, troubles } = await plain({ viewport: PHONE });
  await page.goto(`/join/${code}`);
  // An old browser does not check `required`: the server must.
  const answer = await page.request.post(`/join/${code}`, { form: { name: "", login: "1", password: "short", again: "short" } });
  assert.equal(answer.status(), 422);
  const said = await answer.text();
  for (const words of ["请写您的姓名", "请选您和孩子的关系", "请看过说明"]) assert.ok(said.includes(words), words);
  await page.locator("label", { hasText: "祖父" }).first().click();
  await page.getByLabel("您的姓名").fill("关大山");
  await page.getByLabel("账号").fill("13800001111");
  await page.getByLabel("新密码").fill("灶台边趴着三只猫");
  await page.getByLabel("再输一次").fill("灶台边趴着三只猫");
  await page.getByLabel(/我是孩子的监护人/).check();
  await page.getByRole("button", { name: "同意并绑定" }).click();
  await page.getByText("绑定好了").waitFor();
  const words = page.getByRole("textbox", { name: "写给孩子的话" });
  await words.fill("长".repeat(201));
  await page.getByRole("button", { name: "存好" }).click();
  await page.getByRole("alert").getByText(/最多 200 字/).waitFor();
  assert.equal((await words.inputValue()).length, 201);
  await words.fill("爷爷看你种的菜了。");
  await page.getByRole("button", { name: "存好" }).click();
  await page.waitForURL(/#message$/);
  await page.goto("/password");
  await page.getByLabel("现在的密码").fill("不是这个密码");
  await page.getByLabel("新密码").fill("水缸边长着两棵葱");
  await page.getByLabel("再输一次").fill("水缸边长着两棵葱");
  await page.getByRole("button", { name: "改密码" }).click();
  await page.getByRole("alert").getByText("现在的密码不对").waitFor();
  assert.deepEqual(troubles, []);
});

test("a browser's own form is taken over plain http, and the same form without its token is not", async () => {
  const { page } = await plain();
  await signIn(page, "jiaowu", PASSWORD);
  await page.goto("/office/classes");
  const sent = page.waitForRequest((request) => request.method() === "POST");
  await page.getByLabel("班号").fill("7");
  await page.getByRole("button", { name: "建班" }).click();
  const headers = await (await sent).allHeaders();
  await page.getByRole("rowheader", { name: "七年级(7)班" }).waitFor();
  assert.equal(headers.origin, school.house.address, "the origin is the browser's own");

  const forged = await page.request.post("/office/classes", { form: { cohort: "2026", number: "8" } });
  assert.equal(forged.status(), 403);
  assert.match(await forged.text(), /刷新/);
  const elsewhere = await page.request.post("/office/classes", { headers: { origin: "http://example.com" }, form: { cohort: "2026", number: "8" } });
  assert.equal(elsewhere.status(), 403);
  await page.reload();
  assert.equal(await page.getByText("七年级(8)班").count(), 0);
});

test("signed out in the middle of a form, one comes back to it after sign-in", async () => {
  const { page, context } = await plain();
  await signIn(page, "jiaowu", PASSWORD);
  await context.clearCookies({ name: "qinghe" });
  await page.goto("/office/classes");
  await page.getByLabel("账号", { exact: true }).fill("jiaowu");
  await page.getByLabel("密码", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "登录", exact: true }).click();
  await page.getByRole("heading", { name: "班级与教师" }).waitFor();
});
