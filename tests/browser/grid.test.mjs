// The grid of a class that has terms behind it: last term beside the cell and taken
// over only when asked, the mouse, the paste dialog, terms that are over, phones.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PHONE, openBrowser, person, signIn } from "./browser.mjs";
import { openDemo } from "./demo.mjs";

let browser, demo;
before(async () => {
  browser = await openBrowser();
  demo = await openDemo("--schools", "1", "--classes", "1", "--pupils", "12");
});
after(async () => {
  await browser?.close();
  await demo?.close();
});

// A homeroom teacher whose class is not signed and has a last term behind it; the
// grade that came this autumn has none.
async function openClass(options) {
  for (const account of demo.accounts.filter((one) => one.role === "homeroom")) {
    const one = await person(browser, demo, options);
    const { page, context } = one;
    await signIn(page, account.login, account.password);
    await page.goto(`/class/${account.class}/grid`);
    await page.locator("#eg[data-beside]").waitFor();
    const fits = await page.evaluate(() => document.querySelector("#eg").dataset.open === "true" && document.querySelectorAll("[data-last]").length > 0);
    const cell = (r, c) => page.locator("#eg tbody tr").nth(r).locator(".cell, .cm").nth(c);
    if (fits) return { ...one, cell, state: page.locator("#save-state") };
    await context.close();
  }
  throw new Error("no class with a last term is open");
}

test("last term stands beside the cell, and is taken over only when asked, as one act that can be undone", async () => {
  const { page, cell, state, troubles } = await openClass();
  // A column as it is on the first day of evaluating.
  await cell(0, 0).click();
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Delete");
  await state.getByText(/^已自动保存/).waitFor();
  const last = await page.locator("#eg .cell[data-domain=moral]").evaluateAll((all) => all.map((one) => one.dataset.last || ""));
  const words = { excellent: "优秀", good: "良好", qualified: "合格", developing: "待提高", "": "无记录" };
  await cell(0, 0).click();
  assert.equal(await page.locator("#p-last").textContent(), words[last[0]]);
  assert.equal(await cell(0, 0).textContent(), "—", "nothing is filled in of itself");

  await page.keyboard.press("Control+a");
  await page.getByRole("button", { name: "参照上学期" }).click();
  await page.getByText(/已按上学期填了 \d+ 格，请逐个看过/).first().waitFor();
  const now = await page.locator("#eg .cell[data-domain=moral]").evaluateAll((all) => all.map((one) => one.dataset.v));
  assert.deepEqual(now, last);
  assert.equal(await page.locator("#eg .cell[data-domain=moral][data-ground]").count(), 0, "what it stood on then is not taken along");

  await cell(0, 0).click();
  await page.keyboard.press("Control+z");
  await state.getByText(/^已自动保存/).waitFor();
  assert.equal(await cell(0, 0).textContent(), "—");
  await page.reload();
  assert.equal(await cell(0, 0).textContent(), "—");
  await page.getByRole("button", { name: "参照上学期" }).click();
  await page.getByText("已按上学期填了 1 格").first().waitFor();
  await page.getByRole("button", { name: "参照上学期" }).click();
  await page.getByText("没有空着而上学期又有等级的").first().waitFor();
  assert.deepEqual(troubles, []);
});

test("with the mouse: drag over cells, click a column's head, buttons below", async () => {
  const { page, cell, state, troubles } = await openClass();
  const middle = async (r, c) => {
    const box = await cell(r, c).boundingBox();
    return [box.x + box.width / 2, box.y + box.height / 2];
  };
  await page.mouse.move(...await middle(1, 1));
  await page.mouse.down();
  await page.mouse.move(...await middle(3, 2), { steps: 6 });
  await page.mouse.up();
  assert.equal(await page.locator("#selection").textContent(), "已选 6 格");
  await page.locator("#batch").getByRole("button", { name: /^合格/ }).click();
  for (const r of [1, 2, 3]) for (const c of [1, 2]) assert.equal(await cell(r, c).textContent(), "合格");
  await page.getByRole("button", { name: "撤销" }).click();
  await page.getByRole("button", { name: "重做" }).click();
  assert.equal(await cell(3, 2).textContent(), "合格");
  await page.locator("#eg thead [data-domain=labour]").click();
  assert.match(await page.locator("#selection").textContent(), /^已选 劳 · \d+ 人$/);
  await page.locator("#batch").getByRole("button", { name: "清空" }).click();
  assert.deepEqual([...new Set(await page.locator("#eg .cell[data-domain=labour]").allTextContents())], ["—"]);
  await state.getByText(/^已自动保存/).waitFor();
  assert.deepEqual(troubles, []);
});

test("the paste dialog fills from the chosen cell on, and comments that repeat one another are told", async () => {
  const { page, cell, state, troubles } = await openClass();
  await cell(0, 3).click();
  await page.getByRole("button", { name: "从表格粘贴" }).click();
  const same = "这学期做事有头有尾，值日从不用提醒。";
  await page.getByRole("textbox", { name: "粘贴到这里" }).fill(`合\t良好\t${same}\n合格\t良\t${same}`);
  await page.getByRole("button", { name: "填进去" }).click();
  assert.deepEqual([await cell(0, 3).textContent(), await cell(1, 4).textContent(), await cell(1, 5).textContent()], ["合格", "良好", same]);
  await page.getByText("的评语里也有").waitFor();
  await state.getByText(/^已自动保存/).waitFor();
  assert.deepEqual(troubles, []);
});

test("a term that is over can be read and not written", async () => {
  const { page, cell, troubles } = await openClass();
  await page.locator(".terms-row a").first().click();
  await page.getByText("往期，只能看").waitFor();
  const before = await cell(0, 0).textContent();
  await cell(0, 0).click();
  await page.keyboard.press(before === "良好" ? "h" : "l");
  assert.equal(await cell(0, 0).textContent(), before);
  assert.equal(await page.locator("#p-ground").isDisabled(), true);
  await page.getByLabel("按姓名或拼音找").fill((await page.locator("#eg tbody tr").first().getAttribute("data-py")).split(" ")[0]);
  assert.equal(await page.locator("#eg tbody tr:not([hidden])").count(), 1, "finding works there too");
  assert.deepEqual(troubles, []);
});

test("on a phone the grid leads to one pupil at a time, the first who lacks something", async () => {
  const { page, troubles } = await openClass({ viewport: PHONE, isMobile: true, hasTouch: true });
  const first = await page.locator("#eg tbody tr").evaluateAll((rows) => rows.find((row) => !row.dataset.done).dataset.name);
  await page.getByRole("link", { name: "逐人填写" }).click();
  await page.getByRole("heading", { name: first }).waitFor();
  await page.getByRole("link", { name: "返回评价表" }).click();
  await page.getByRole("heading", { name: /期末评价/ }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
  assert.deepEqual(troubles, []);
});
