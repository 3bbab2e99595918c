import { openBrowser, person, signIn, WIDE, PHONE } from "./browser.mjs";
import { readFileSync } from "node:fs";
const [login, out, ...paths] = process.argv.slice(2);
const account = JSON.parse(readFileSync("/tmp/demo/accounts.json")).find((a) => a.login === login);
const browser = await openBrowser();
for (const [size, tag] of [[WIDE, "w"], [PHONE, "p"]]) {
  const { page, context } = await person(browser, { address: "http://127.0.0.1:8099" }, { viewport: size });
  await signIn(page, login, account.password);
  let n = 0;
  for (const path of paths) {
    await page.goto(path.replaceAll("STUDENT", account.students?.[0]).replaceAll("CLASS", account.class));
    await page.screenshot({ path: `/tmp/shot-${out}-${n++}-${tag}.png`, fullPage: true });
  }
  await context.close();
}
await browser.close();
