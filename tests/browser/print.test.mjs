// The school prints what it has sealed, and a parent takes the term's report along.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { PHONE, openBrowser, person, signIn } from "./browser.mjs";
import { openDemo } from "./demo.mjs";
import { namesInZip } from "./workbook.mjs";

let browser, demo;
before(async () => {
  browser = await openBrowser();
  demo = await openDemo("--schools", "1", "--classes", "1", "--pupils", "10");
});
after(async () => {
  await browser?.close();
  await demo?.close();
});

test("the office prints a graduated cohort, may leave meanwhile, and takes a class as one file", async () => {
  const account = demo.first("office", (one) => one.graduated);
  const { page, troubles } = await person(browser, demo);
  await signIn(page, account.login, account.password);
  await page.getByRole("link", { name: "打印" }).click();
  await page.getByRole("link", { name: /^打印和下载/ }).first().click();
  await page.getByRole("button", { name: "开始制作" }).click();
  await page.getByRole("link", { name: "学期看板" }).click();
  await page.getByRole("heading", { name: "学期看板" }).waitFor();
  await page.goBack();
  const ready = page.getByRole("heading", { name: /^做好了 (\d+) \/ \1 份$/ });
  await ready.waitFor({ timeout: 120000 });
  const pupils = Number(/(\d+)/.exec(await ready.textContent())[1]);
  const link = page.getByRole("link", { name: /^下载这个班/ }).first();
  const download = page.waitForEvent("download");
  await link.click();
  const names = namesInZip(await readFile(await (await download).path()));
  assert.equal(names.filter((name) => name.endsWith(".pdf")).length, pupils);
  assert.ok(names.every((name) => !/G\d{17}/.test(name)), "no number stands in a file's name");
  assert.deepEqual(troubles, []);
});

test("a parent takes the signed term's report as a PDF that the phone itself shows", async () => {
  for (const account of demo.accounts.filter((one) => one.role === "guardian")) {
    const { page, context, troubles } = await person(browser, demo, { viewport: PHONE });
    await signIn(page, account.login, account.password);
    await page.goto(`/child/${account.students[0]}`);
    const report = page.getByRole("link", { name: /报告单（PDF）$/ });
    if (await report.count()) {
      const answer = await page.request.get(await report.getAttribute("href"));
      assert.equal(answer.status(), 200);
      assert.equal(answer.headers()["content-type"], "application/pdf");
      assert.match(answer.headers()["content-disposition"], /^inline/);
      assert.equal((await answer.body()).subarray(0, 5).toString(), "%PDF-");
      assert.deepEqual(troubles, []);
      return;
    }
    await context.close();
  }
  assert.fail("no guardian of the demonstration county has a signed term");
});
