// A picture of every page of a demonstration county of its own, wide and on a phone,
// in target/shots: to be laid beside the mock-ups.
import { mkdir, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { PHONE, WIDE, openBrowser, person, signIn } from "./browser.mjs";
import { openDemo } from "./demo.mjs";
import { classRows, csv, pupilRow } from "./roster.mjs";
import { TERM } from "./school.mjs";

const folder = resolve(dirname(fileURLToPath(import.meta.url)), "../../target/shots");
await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });

const browser = await openBrowser();
const demo = await openDemo("--schools", "1");
let taken = 0;

async function shot(page, name, { whole = true, sizes = [WIDE, PHONE] } = {}) {
  for (const size of sizes) {
    await page.setViewportSize(size);
    await page.screenshot({ path: join(folder, `${name}-${size.width}.png`), fullPage: whole });
    taken++;
  }
  await page.setViewportSize(WIDE);
}

async function as(role, wanted) {
  const account = demo.first(role, wanted);
  const { page } = await person(browser, demo);
  await signIn(page, account.login, account.password);
  return { page, account, at: async (name, address, options) => { await page.goto(address); await shot(page, name, options); } };
}

try {
  const { page: nobody } = await person(browser, demo);
  for (const [name, address] of [["sign-in", "/sign-in"], ["join", "/join"], ["join-unusable", "/join/ABCD2345"], ["welcome-ended", "/welcome/nothing"], ["verify", "/verify"], ["verify-unknown", "/verify/AAAABBBBCCCC"]]) {
    await nobody.goto(address);
    await shot(nobody, name);
  }
  await nobody.goto("/sign-in");
  await nobody.getByLabel("账号", { exact: true }).fill("nobody");
  await nobody.getByLabel("密码", { exact: true }).fill("x");
  await nobody.getByRole("button", { name: "登录", exact: true }).click();
  await nobody.getByRole("alert").waitFor();
  await shot(nobody, "sign-in-wrong");

  const teacher = await as("homeroom");
  const base = `/class/${teacher.account.class}`;
  const { page } = teacher;
  for (const [name, address] of [["desk", "desk"], ["remind", "remind/self"], ["remind-housework", "remind/housework"]]) {
    await page.goto(`${base}/${address}`);
    await shot(page, name);
  }
  await page.goto("/inbox");
  await shot(page, "inbox");
  await page.goto(`${base}/grid`);
  await page.locator("#eg tbody tr").nth(13).locator(".cell").nth(4).click();
  for (let n = 0; n < 4; n++) await page.keyboard.press("Shift+ArrowUp");
  await shot(page, "grid", { whole: false, sizes: [WIDE] });
  await shot(page, "grid", { sizes: [PHONE] });
  await shot(page, "grid-zoom-200", { sizes: [{ width: 640, height: 400 }] });
  await page.getByRole("button", { name: "全部快捷键" }).click();
  await shot(page, "grid-keys", { whole: false, sizes: [WIDE] });
  await page.keyboard.press("Escape");
  await page.locator(".terms-row a").last().click();
  await page.getByText("往期，只能看").waitFor();
  await shot(page, "grid-last-term", { whole: false });
  await teacher.at("one-pupil", `${base}/student/${teacher.account.students[2]}`);
  await teacher.at("before-signing", `${base}/${TERM}/sign`);
  await teacher.at("slips", `${base}/slips`);
  await page.getByRole("button", { name: "做绑定单" }).click();
  await page.locator(".slip").first().waitFor();
  await shot(page, "slips-made");
  const code = (await page.locator(".slip .code").first().textContent()).replace("-", "");
  await nobody.goto(`/join/${code}`);
  await shot(nobody, "join-child");
  await teacher.at("password", "/password");
  await teacher.at("not-found", "/there-is-no-such-page");
  for (const [n, other] of demo.accounts.filter((one) => one.role === "homeroom").slice(1, 2).entries()) {
    const signed = await as("homeroom", (one) => one === other);
    await signed.at(`grid-signed-${n}`, `/class/${other.class}/grid`, { whole: false });
    await signed.at(`signed-${n}`, `/class/${other.class}/${TERM}/sign`);
    await signed.at(`one-pupil-signed-${n}`, `/class/${other.class}/student/${other.students[0]}`);
  }

  for (const role of ["guardian", "pupil"]) {
    const family = await as(role);
    const child = `/child/${family.account.students[0]}`;
    await family.at(`${role}-child`, child);
    await family.at(`${role}-this-term`, `${child}?term=${TERM}`);
  }
  const subject = await as("subject");
  await subject.at("subject", `/subject/${subject.account.class}`);
  const many = await as("subject", (one) => demo.accounts.filter((other) => other.login === one.login).length > 1);
  await many.at("desks", "/desks");
  await (await as("principal")).at("principal", "/principal");
  await (await as("county")).at("county", "/county");
  await (await as("county_security")).at("county-accounts", "/county/accounts");
  await (await as("county_audit")).at("county-audit", "/county/audit");

  const office = await as("office");
  for (const [name, address] of [["board", "/office"], ["roster", "/office/roster"], ["classes", "/office/classes"], ["opening", "/office/opening"], ["staff", "/office/staff"], ["pupils", "/office/pupils?q=1"], ["print", "/office/print"], ["print-cohort", `/office/print/${office.account.graduated}`]]) {
    await office.at(`office-${name}`, address);
  }
  await office.page.goto("/office/pupils?q=1");
  await office.page.locator(".tb tbody a").first().click();
  await office.page.getByRole("heading", { name: "办一件异动" }).waitFor();
  await office.page.locator("details.move summary").first().click();
  await shot(office.page, "office-pupil");
  await office.page.goto("/office/pupils");
  await office.page.locator(".lists a").first().click();
  await office.page.getByRole("heading", { name: /名单/ }).waitFor();
  await shot(office.page, "office-class-list");
  const rows = [
    ...classRows("七年级(9)班", 2, 240),
    pupilRow("八年级(1)班", 60, 201, { 出生日期: "2013.2.31", 性别: "M" }),
    pupilRow("8-1班", 61, 202),
    pupilRow("八年级(1)班", 62, 203, { 民族: "满" }),
    pupilRow("八年级(1)班", 63, 204),
  ];
  await office.page.goto("/office/roster");
  await office.page.getByLabel(/选一份名单/).setInputFiles({ name: "2026 年秋季在籍名单.csv", mimeType: "text/csv", buffer: csv(rows) });
  await office.page.getByRole("button", { name: "试跑" }).click();
  await office.page.getByText("试跑只看不存").waitFor();
  await shot(office.page, "office-dry-run");
} finally {
  await browser.close();
  await demo.close();
}
console.log(`${taken} pictures in ${folder}`);
