// Facts written down in a real browser, the actions counted: a week's flag raising, one
// activity for a whole class, and the review by keyboard.
import assert from "node:assert/strict";
import { dirname, resolve } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { PHONE, openBrowser, person, signIn } from "./browser.mjs";
import { openDemo } from "./demo.mjs";
import { PASSWORD, openSchool } from "./school.mjs";

const SHOTS = resolve(dirname(fileURLToPath(import.meta.url)), "../../target/shots/record");
let browser, school, demo;
before(async () => {
  browser = await openBrowser();
  school = await openSchool({ pupils: 45 });
});
after(async () => {
  await browser?.close();
  await school?.house.close();
  await demo?.close();
});

// A name is tapped: the box lies over the whole of it.
const tap = (page, name) => page.locator(".who45 label").filter({ has: page.getByText(name, { exact: true }) }).click();

// Counts what a hand does, from the first page after signing in.
function counting() {
  const began = Date.now();
  let actions = 0;
  const act = async (doing) => { actions += 1; await doing; };
  return { act, done: () => ({ actions, seconds: (Date.now() - began) / 1000 }) };
}

// A photo as a phone takes it, drawn by the browser.
async function drawn(page, width, height, seed) {
  const bytes = await page.evaluate(async ([width, height, seed]) => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [width, height];
    const pen = canvas.getContext("2d");
    for (let n = 0; n < 300; n++) {
      pen.fillStyle = `hsl(${(n * 67 + seed * 131) % 360} 60% ${20 + ((n * seed) % 60)}%)`;
      pen.fillRect((n * 997 * seed) % width, (n * 613 + seed * 71) % height, width / 7, height / 9);
    }
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.95));
    return [...new Uint8Array(await blob.arrayBuffer())];
  }, [width, height, seed]);
  return Buffer.from(bytes);
}

// What was seen, to be looked at: in target/shots/record, made anew by each run.
const shot = (page, name) => page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });

test("a week's flag raising is entered in 5 actions and under 15 seconds, on a phone", async () => {
  const { page, troubles } = await person(browser, school.house, { viewport: PHONE });
  await signIn(page, "lin", PASSWORD);
  const { act, done } = counting();
  await act(page.getByRole("link", { name: "写实记录" }).click());
  await act(page.getByRole("link", { name: "考勤点名" }).click());
  await act(tap(page, school.names[6]));
  await act(tap(page, school.names[32]));
  await act(page.getByRole("button", { name: "存好这一周" }).click());
  await page.getByText("每位同学这学期的升旗仪式记录会自动合成一条").waitFor();
  await shot(page, "flag-phone");
  const { actions, seconds } = done();
  assert.ok(actions <= 5 && seconds < 15, `${actions} actions, ${seconds} s`);
  assert.equal(await page.locator(".who45 input:checked").count(), 2);
  assert.deepEqual(troubles, []);
});

test("one activity for 45 pupils is written down in under a minute, and what contradicts is seen at once", async () => {
  const { page, troubles } = await person(browser, school.house);
  await signIn(page, "lin", PASSWORD);
  const { act, done } = counting();
  await act(page.getByRole("link", { name: "写实记录" }).click());
  await act(page.getByLabel("名称", { exact: true }).fill("秋季运动会"));
  await act(page.getByLabel("属于哪一项", { exact: true }).selectOption("T22"));
  await act(tap(page, school.names[6]));
  await page.getByRole("button", { name: "记下，44 人" }).waitFor();
  await act(page.getByLabel("主持策划").fill("7 29"));
  await page.getByText(`7 ${school.names[6]} 没参加，请核对`).waitFor();
  await act(page.getByLabel("主持策划").fill("29"));
  await act(page.getByLabel("发生了什么").fill("径赛、拔河都有人上场，没有项目的同学做裁判、送水。"));
  await act(page.getByRole("button", { name: "记下，44 人" }).click());
  await page.getByText("记下了，44 位同学各有一条记录").waitFor();
  const { actions, seconds } = done();
  assert.ok(actions <= 9 && seconds < 60, `${actions} actions, ${seconds} s`);
  assert.deepEqual(troubles, []);
});

test("one activity for 45 pupils with 3 photos is written down in under a minute", async () => {
  const { page, troubles } = await person(browser, school.house);
  await signIn(page, "lin", PASSWORD);
  const photos = [];
  for (let n = 1; n <= 3; n++) photos.push({ name: `IMG_${n}.jpg`, mimeType: "image/jpeg", buffer: await drawn(page, 3000, 2000, n) });
  const { act, done } = counting();
  await act(page.getByRole("link", { name: "写实记录" }).click());
  await act(page.getByLabel("名称", { exact: true }).fill("镇上义务扫雪"));
  await act(page.getByLabel("属于哪一项", { exact: true }).selectOption("D31"));
  await act(page.getByLabel(/^照片/).setInputFiles(photos));
  await page.locator("[data-previews] li").nth(2).waitFor();
  await shot(page, "activity-photos");
  await act(page.getByRole("button", { name: "记下，45 人" }).click({ timeout: 60000 }));
  await page.getByText("记下了，45 位同学各有一条记录").waitFor({ timeout: 60000 });
  const { actions, seconds } = done();
  assert.ok(actions <= 5 && seconds < 60, `${actions} actions, ${seconds} s`);
  await page.getByText("3 张照片已收好，先不显示：还有 45 位同学的家长没有同意").first().waitFor();
  await shot(page, "activity-recorded");
  await page.setViewportSize(PHONE);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, "nothing hangs over the side of a phone");
  await shot(page, "activity-recorded-phone");
  assert.deepEqual(troubles, []);
});

test("without script the form refuses a contradiction and keeps what was typed", async () => {
  const { page, troubles } = await person(browser, school.house, { viewport: PHONE, javaScriptEnabled: false });
  await signIn(page, "lin", PASSWORD);
  await page.goto(`/class/${school.classId}/records`);
  await page.getByLabel("名称", { exact: true }).fill("打扫包干区");
  await page.getByLabel("属于哪一项", { exact: true }).selectOption("D31");
  await tap(page, school.names[2]);
  await page.getByLabel("主要参与").fill("3");
  await page.getByRole("button", { name: "记下" }).click();
  await page.getByRole("alert").getByText("标了没参加，又写了分工").waitFor();
  assert.equal(await page.getByLabel("名称", { exact: true }).inputValue(), "打扫包干区");
  assert.equal(await page.locator(".who45 input:checked").count(), 1);
  await page.getByLabel("主要参与").fill("4");
  await page.getByRole("button", { name: "记下" }).click();
  await page.getByText("记下了，44 位同学各有一条记录").waitFor();
  assert.deepEqual(troubles, []);
});

test("what waits is reviewed by Y, N and the arrow down", async () => {
  demo = await openDemo("--schools", "1");
  const account = demo.first("homeroom");
  const { page, troubles } = await person(browser, demo);
  await signIn(page, account.login, account.password);
  await page.goto(`/class/${account.class}/review`);
  const waiting = await page.locator(".q li").count();
  assert.ok(waiting >= 2, `${waiting} wait`);
  const title = () => page.locator(".one .by b").textContent();
  const [first, second] = await page.locator(".q li b").allTextContents();
  assert.equal(await title(), first);
  await page.keyboard.press("ArrowDown");
  await page.waitForURL((url) => url.search.includes("at="));
  assert.equal(await title(), second);
  await page.keyboard.press("y");
  await page.getByText("核实好了，家长看得到了").waitFor();
  assert.equal(await page.locator(".q li").count(), waiting - 1);
  await page.keyboard.press("n");
  assert.equal(await page.evaluate(() => document.activeElement.id), "words");
  await page.keyboard.type("y 不再是按键。和谁一起去的？");
  await page.getByRole("button", { name: /^发给孩子/ }).click();
  await page.getByText("发给孩子了，补好再交上来").waitFor();
  assert.equal(await page.locator(".q li").count(), waiting - 2);
  await page.getByRole("button", { name: "撤销上一次" }).click();
  await page.getByText("撤回来了，又在待审核里").waitFor();
  assert.equal(await page.locator(".q li").count(), waiting - 1);
  assert.deepEqual(troubles, []);
});
