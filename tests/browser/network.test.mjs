// What a teacher sees when the network goes, when her session ends, and when someone
// else has been at the same cells: nothing is lost and nothing is silent.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser, person, signIn } from "./browser.mjs";
import { Hand, PASSWORD, TERM, appoint, fill, openSchool, sign } from "./school.mjs";

let browser;
const houses = [];
before(async () => { browser = await openBrowser(); });
after(async () => {
  await browser?.close();
  for (const house of houses) await house.close();
});

// A school of its own for each test, and its homeroom teacher before an empty grid.
async function atTheGrid() {
  const school = await openSchool({ pupils: 6, second: true });
  houses.push(school.house);
  const one = await person(browser, school.house);
  await signIn(one.page, "lin", PASSWORD);
  await one.page.goto(school.grid);
  const cell = (r, c) => one.page.locator("#eg tbody tr").nth(r).locator(".cell, .cm").nth(c);
  // What the server has, past this page.
  const stands = async (r, c) => {
    const page = (await school.lin.ask(school.grid)).text;
    return [...page.matchAll(/data-v="([a-z]*)"/g)][r * 5 + c][1];
  };
  return { ...one, school, cell, stands, state: one.page.locator("#save-state") };
}

test("with the network gone she works on, and all of it is saved when it is back", async () => {
  const { page, context, cell, stands, state, troubles } = await atTheGrid();
  await cell(0, 0).click();
  await page.keyboard.press("l");
  await state.getByText("已自动保存").waitFor();

  await context.setOffline(true);
  await page.keyboard.press("h");
  await page.keyboard.press("h");
  await state.getByText("网络断开，2 处未保存").waitFor();
  await cell(3, 5).click();
  await page.keyboard.type("停电那天也来值日。");
  await state.getByText("网络断开，3 处未保存").waitFor();
  assert.deepEqual([await cell(1, 0).textContent(), await cell(2, 0).textContent()], ["合格", "合格"]);
  assert.equal(await stands(1, 0), "", "it is not there yet");

  let asked = "";
  page.once("dialog", (dialog) => { asked = dialog.type(); return dialog.dismiss(); });
  await page.evaluate(() => { location.href = "/password"; });
  await page.waitForFunction(() => document.querySelector("#save-state").textContent.includes("3 处"));
  assert.equal(asked, "beforeunload", "the browser asks before the page is left");

  await context.setOffline(false);
  await state.getByText("已自动保存").waitFor();
  assert.deepEqual([await stands(1, 0), await stands(2, 0)], ["qualified", "qualified"]);
  await page.reload();
  assert.equal(await cell(3, 5).textContent(), "停电那天也来值日。");
  assert.deepEqual(troubles, []);
});

test("a link pressed at once waits until the last key is saved", async () => {
  const { page, cell, troubles } = await atTheGrid();
  await cell(5, 4).click();
  await page.keyboard.press("d");
  await page.getByRole("link", { name: "检查并签字" }).click();
  await page.getByRole("heading", { name: /检查签字/ }).waitFor();
  await page.getByText("劳动实践：待补依据").waitFor();
  assert.deepEqual(troubles, []);
});

test("a server too busy is not called a network that is gone", async () => {
  const { page, cell, stands, state } = await atTheGrid();
  await page.route("**/cells", (route) => route.fulfill({ status: 503, contentType: "application/json", body: '{"message":"忙"}' }));
  await cell(4, 0).click();
  await page.keyboard.press("l");
  await state.getByText("服务器正忙，1 处未保存").waitFor();
  await page.unroute("**/cells");
  await state.getByText("已自动保存").waitFor();
  assert.equal(await stands(4, 0), "good");
});

test("when the session has ended the page asks for the password where it stands", async () => {
  const { page, context, school, cell, stands, state, troubles } = await atTheGrid();
  const other = await context.newPage();
  await other.goto("/password");
  await other.getByRole("button", { name: "退出" }).click();
  await other.waitForURL(/sign-in/);
  await cell(0, 2).click();
  await page.keyboard.press("y");
  await page.keyboard.press("l");

  const gate = page.getByRole("dialog", { name: "请再输一次密码" });
  await gate.waitFor();
  await state.getByText("登录到时，2 处未保存").waitFor();
  await gate.getByLabel("账号").fill("lin");
  await gate.getByLabel("密码", { exact: true }).fill("不是这个");
  await gate.getByRole("button").click();
  await gate.getByText("账号或密码不对").waitFor();
  await gate.getByLabel("密码", { exact: true }).fill(PASSWORD);
  await gate.getByRole("button").click();
  await gate.waitFor({ state: "hidden" });
  await state.getByText("已自动保存").waitFor();

  assert.deepEqual([await stands(0, 2), await stands(1, 2)], ["excellent", "good"]);
  assert.equal(await page.evaluate(() => document.activeElement.classList.contains("cell")), true, "the focus is back in the table");
  await page.keyboard.press("h");
  await page.waitForFunction(() => document.querySelector("#eg tbody tr:nth-child(3) [data-domain=physical]").dataset.revision === "1");
  assert.deepEqual(troubles, []);
});

test("somebody without this class does not get in by the same dialog", async () => {
  const { page, context, school, cell, stands, state } = await atTheGrid();
  await new Hand(school.house).setPassword(await appoint(school.office, school.classes[1], "deng", "邓立"));
  
  await context.clearCookies();
  await cell(0, 3).click();
  await page.keyboard.press("l");
  const gate = page.getByRole("dialog", { name: "请再输一次密码" });
  await gate.getByLabel("账号").fill("deng");
  await gate.getByLabel("密码", { exact: true }).fill(PASSWORD);
  await gate.getByRole("button").click();
  await gate.getByText("这个账号看不到这一页").waitFor();
  await gate.getByLabel("账号").fill("lin");
  await gate.getByLabel("密码", { exact: true }).fill(PASSWORD);
  await gate.getByRole("button").click();
  await state.getByText("已自动保存").waitFor();
  assert.equal(await stands(0, 3), "good");
});

test("a cell changed in another tab shows what stands there now, with its ground", async () => {
  const { page, context, school, cell, stands, state, troubles } = await atTheGrid();
  const other = await context.newPage();
  await other.goto(school.grid);
  await other.locator("#eg tbody tr").nth(2).locator(".cell").nth(4).click();
  await other.keyboard.press("y");
  await other.keyboard.press("ArrowUp");
  await other.keyboard.press("g");
  await other.keyboard.type("自己修好了教室的门。");
  await other.keyboard.press("Escape");
  await other.locator("#save-state").getByText("已自动保存").waitFor();

  await cell(2, 4).click();
  await page.keyboard.press("h");
  await state.getByText("别处刚改过，已换成最新的").waitFor();
  assert.equal(await cell(2, 4).textContent(), "优秀");
  assert.equal(await cell(2, 4).getAttribute("data-ground"), "自己修好了教室的门。");
  assert.equal(await stands(2, 4), "excellent", "nobody's work is overwritten unseen");

  await cell(2, 4).click();
  await page.keyboard.press("h");
  await state.getByText(/^已自动保存/).waitFor();
  assert.equal(await stands(2, 4), "qualified", "having seen it, she may");
  assert.deepEqual(troubles, []);
});

test("a class signed in another tab takes nothing, and the page goes back to what stands", async () => {
  const { page, school, cell, state } = await atTheGrid();
  await fill(school);
  await page.reload();
  await sign(school);

  await cell(5, 0).click();
  await page.keyboard.press("h");
  await state.getByText(/签字/).waitFor();
  assert.equal(await cell(5, 0).textContent(), "良好");
  await cell(5, 5).click();
  await page.keyboard.type("再补一句");
  await state.getByText(/签字/).waitFor();
  await page.keyboard.press("Escape");
  assert.doesNotMatch(await cell(5, 5).textContent(), /再补一句/);
});

test("the one-pupil form is not sent into nothing: no network, then no session, and all of it is saved", async () => {
  const { page, context, school, stands, troubles } = await atTheGrid();
  const [first, second] = await school.students();
  await page.goto(`/class/${school.classId}/student/${first}`);
  await page.locator("label[for=moral-good]").click();
  await page.getByLabel("班主任评语").fill("停电那天也来值日。");
  const save = page.getByRole("button", { name: /^存好，下一位/ });

  await context.setOffline(true);
  await save.click();
  await page.getByRole("alert").getByText("网络断开，还没有存").waitFor();
  await context.setOffline(false);
  await context.clearCookies();
  await save.click();
  const gate = page.getByRole("dialog", { name: "请再输一次密码" });
  await gate.getByLabel("账号").fill("lin");
  await gate.getByLabel("密码", { exact: true }).fill(PASSWORD);
  await gate.getByRole("button").click();
  await page.waitForURL(new RegExp(second));
  await page.getByText("存好了").waitFor();
  assert.equal(await stands(0, 0), "good");
  await page.goto(`/class/${school.classId}/student/${first}`);
  assert.equal(await page.getByLabel("班主任评语").inputValue(), "停电那天也来值日。");

  let asked = "";
  page.once("dialog", (dialog) => { asked = dialog.type(); return dialog.accept(); });
  await page.getByLabel("班主任评语").fill("再想想。");
  await page.getByRole("link", { name: "名单" }).click();
  await page.getByRole("heading", { name: /期末评价/ }).waitFor();
  assert.equal(asked, "beforeunload", "leaving with something typed, the browser asks");
  assert.deepEqual(troubles, []);
});
