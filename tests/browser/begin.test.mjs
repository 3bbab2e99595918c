// From an empty folder to a banded class.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser, person } from "./browser.mjs";
import { House } from "./house.mjs";
import { classRows, csv } from "./roster.mjs";
import { PASSWORD, linkIn } from "./school.mjs";

let browser;
const houses = [];
before(async () => { browser = await openBrowser(); });
after(async () => {
  await browser?.close();
  for (const house of houses) await house.close();
});

async function emptyHouse() {
  const house = await House.empty();
  houses.push(house);
  return house;
}

test("on an empty database serve says what to do and makes nothing", async () => {
  const house = await emptyHouse();

  const served = await house.run("serve");

  assert.equal(served.code, 2);
  assert.match(served.err, /qinghe init --county .+--school/);
  assert.match(served.err, /qinghe init --teacher/);
  assert.match((await house.run("init")).err, /请写上第一所学校/);
});

test("one curious teacher comes from an empty folder to a banded class", async () => {
  const house = await emptyHouse();
  const made = await house.run("init", "--teacher");
  assert.equal(made.code, 0, made.err);
  const again = await house.run("init", "--teacher");
  assert.equal(again.code, 2, "init is for an empty database only");
  await house.serve();
  const { page, context, troubles } = await person(browser, house);

  await page.goto(linkIn(made.out));
  await page.getByLabel("新密码").fill(PASSWORD);
  await page.getByLabel("再输一次").fill(PASSWORD);
  await page.getByRole("button", { name: "设好密码，进去" }).click();
  await page.getByRole("button", { name: /教务与学籍/ }).click();
  await page.getByRole("link", { name: "学籍", exact: true }).click();
  await page.getByLabel(/选一份名单/).setInputFiles({ name: "我的班.csv", mimeType: "text/csv", buffer: csv(classRows("七年级(1)班", 6)) });
  await page.getByRole("button", { name: "试跑" }).click();
  await page.getByRole("button", { name: "收下 6 行" }).click();
  await page.getByText("收下了 6 人").waitFor();
  await page.getByRole("link", { name: "换身份" }).click();
  await page.getByRole("button", { name: /班主任/ }).click();
  await page.getByRole("link", { name: /接着填/ }).click();
  await page.locator("#eg").waitFor();

  const cells = page.locator("#eg .cell");
  assert.equal(await cells.count(), 30);
  assert.deepEqual(await cells.evaluateAll((all) => [...new Set(all.map((cell) => cell.dataset.v))]), [""], "nobody's grid is prefilled");
  await cells.first().click();
  await page.keyboard.press("Control+a");
  await page.keyboard.press("l");
  await page.getByText("已自动保存").waitFor();
  await page.reload();
  const moral = await page.locator("#eg .cell[data-domain=moral]").allTextContents();
  assert.deepEqual(moral, Array(6).fill("良好"));

  const second = await context.newPage();
  await second.goto(linkIn(made.out));
  await second.getByRole("heading", { name: "这个链接不能用了" }).waitFor();
  assert.deepEqual(troubles, []);
});

test("a county with its first school gives its office one link, for once", async () => {
  const house = await emptyHouse();
  const wrong = await house.run("init", "--county", "石泉县", "--school", "12345", "石泉镇学校");
  assert.equal(wrong.code, 2);
  assert.match(wrong.err, /12345.+应为 10 位数字/);
  const made = await house.run("init", "--county", "石泉县", "--school", "3121042101", "石泉镇九年一贯制学校");
  assert.equal(made.code, 0, made.err);
  await house.serve();
  const { page, troubles } = await person(browser, house);

  await page.goto(linkIn(made.out));
  await page.getByLabel("新密码").fill("12345678");
  await page.getByLabel("再输一次").fill("12345678");
  await page.getByRole("button", { name: "设好密码，进去" }).click();
  await page.getByRole("alert").getByText("太容易猜到").waitFor();
  await page.getByLabel("新密码").fill(PASSWORD);
  await page.getByLabel("再输一次").fill(PASSWORD);
  await page.getByRole("button", { name: "设好密码，进去" }).click();

  await page.getByRole("heading", { name: "学期看板" }).waitFor();
  await page.getByText("本学年还没有班级").waitFor();
  await page.getByText("石泉镇九年一贯制学校").waitFor();
  assert.deepEqual(troubles, []);

  await house.stop();
  const reset = await house.run("account", "reset", "jiaowu");
  assert.equal(reset.code, 0, reset.err);
  assert.match(linkIn(reset.out), /\/welcome\//);
});
