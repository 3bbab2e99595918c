// What a school's office does in a week at its desk: a pupil moves out, a class is handed
// over, a password is set anew; and how long a parent needs from the slip to the child.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { PHONE, openBrowser, person, signIn } from "./browser.mjs";
import { PASSWORD, appoint, linkIn, openSchool, slips } from "./school.mjs";

let browser, school, office;

before(async () => {
  browser = await openBrowser();
  school = await openSchool({ pupils: 6, second: true });
  office = await person(browser, school.house);
  await office.context.addCookies([...school.office.cookies].map(([name, value]) => ({ name, value, url: school.house.address })));
});
after(async () => {
  await browser?.close();
  await school?.house.close();
});

test("from the slip to the child's page on a phone takes less than a minute", async (t) => {
  const [code] = await slips(school);
  const shots = join(process.cwd(), "target", "shots");
  await mkdir(shots, { recursive: true });
  const parent = await person(browser, school.house, { viewport: PHONE, hasTouch: true, isMobile: true });
  const { page } = parent;
  const begun = performance.now();
  let n = 0;
  const step = async (name) => {
    await page.screenshot({ path: join(shots, `join-step-${++n}.png`), fullPage: true });
    t.diagnostic(`${name}: ${Math.round(performance.now() - begun)} ms`);
  };
  await page.goto(`/join/${code}`);
  await page.getByText(`${school.names[0][0]}＊＊`).waitFor();
  await step("the slip is scanned");
  await page.getByLabel("母亲", { exact: true }).check();
  await page.getByLabel("您的姓名").fill("陈秀兰");
  await page.getByLabel("新密码").fill("灶台边趴着三只猫");
  await page.getByLabel("再输一次").fill("灶台边趴着三只猫");
  await page.getByLabel(/我是孩子的监护人/).check();
  await step("who one is, a password, consent");
  await page.getByRole("button", { name: "同意并绑定" }).click();
  await page.getByRole("heading", { name: school.names[0] }).waitFor();
  await page.getByText("绑定好了").waitFor();
  await step("the child's page");
  assert.match(new URL(page.url()).pathname, /^\/child\/[0-9a-f-]+$/);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
  assert.ok(performance.now() - begun < 60_000, "the machine's part of it");
  assert.equal(await page.locator("input:visible").count() < 8, true);
  assert.deepEqual(parent.troubles, []);
});

test("the office moves a pupil out, and the class list follows", async () => {
  const { page } = office;
  const name = school.names[5];
  await page.goto("/office/pupils");
  await page.getByRole("searchbox").or(page.locator('input[name="q"]')).first().fill(name);
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name }).first().click();
  await page.getByRole("heading", { name }).waitFor();
  await page.locator("summary", { hasText: "转出" }).click();
  const move = page.locator("details[open]", { hasText: "转出" });
  await move.getByLabel("原因").fill("随父母到沈阳上学");
  await move.getByRole("button", { name: "记下转出" }).click();
  await page.getByText("转出记下了").waitFor();
  await page.getByText("随父母到沈阳上学").waitFor();
  const list = `/office/classes/${school.classId}/list`;
  await page.goto(`${list}?on=2026-10-08`);
  assert.equal(await page.getByText(name).count() > 0, true, "on that day the pupil was in the class");
});

test("the office hands a class over, and the one before comes in no more", async () => {
  const { page } = office;
  const before = await person(browser, school.house);
  await signIn(before.page, "lin", PASSWORD);
  assert.equal((await before.page.goto(school.grid)).status(), 200);
  await page.goto("/office/classes");
  const row = page.locator("tr", { hasText: "八年级(1)班" });
  await row.locator("summary", { hasText: "更换" }).click();
  await row.getByLabel("账号", { exact: true }).fill("he");
  await row.getByLabel("姓名（新账号）").fill("何春");
  await row.getByRole("button", { name: /安排/ }).click();
  await page.getByText("何春 的登录链接").waitFor();
  const link = linkIn(await page.content());
  const next = await person(browser, school.house);
  await next.page.goto(link);
  await next.page.getByLabel("新密码").fill(PASSWORD);
  await next.page.getByLabel("再输一次").fill(PASSWORD);
  await next.page.getByRole("button", { name: "设好密码，进去" }).click();
  await next.page.goto(school.grid);
  await next.page.getByRole("heading", { name: "八年级(1)班 · 期末评价" }).waitFor();
  assert.equal((await before.page.goto(school.grid)).status(), 404);
});

test("the office gives a teacher a new link, and the password before is worth nothing", async () => {
  await appoint(school.office, school.classes[1], "tao", "陶一鸣").then(async (link) => {
    const hand = await person(browser, school.house);
    await hand.page.goto(link);
    await hand.page.getByLabel("新密码").fill(PASSWORD);
    await hand.page.getByLabel("再输一次").fill(PASSWORD);
    await hand.page.getByRole("button", { name: "设好密码，进去" }).click();
    await hand.page.waitForURL((url) => !url.pathname.startsWith("/welcome"));
  });
  const { page } = office;
  await page.goto("/office/classes");
  await page.locator("tr", { hasText: "陶一鸣" }).getByRole("button", { name: /给新链接/ }).click();
  await page.getByText("陶一鸣 的登录链接").waitFor();
  const link = linkIn(await page.content());
  const teacher = await person(browser, school.house);
  await teacher.page.goto(link);
  const other = "后山的第九棵核桃树";
  await teacher.page.getByLabel("新密码").fill(other);
  await teacher.page.getByLabel("再输一次").fill(other);
  await teacher.page.getByRole("button", { name: "设好密码，进去" }).click();
  await teacher.page.waitForURL((url) => !url.pathname.startsWith("/welcome"));
  const again = await person(browser, school.house);
  await again.page.goto("/sign-in");
  await again.page.getByLabel("账号", { exact: true }).fill("tao");
  await again.page.getByLabel("密码", { exact: true }).fill(PASSWORD);
  await again.page.getByRole("button", { name: "登录", exact: true }).click();
  await again.page.getByText(/不对/).first().waitFor();
  await signIn(again.page, "tao", other);
  assert.equal((await again.page.goto(link)).status() >= 400 || (await again.page.getByText(/用不了|失效|已经/).count()) > 0, true, "the link works once");
  assert.deepEqual(office.troubles, []);
});
