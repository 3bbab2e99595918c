// Everyone of a demonstration county follows every link they are shown: each kind of page
// once, as looking.mjs looks at it, with what is folded open and with its forms sent empty.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser, person, signIn } from "./browser.mjs";
import { openDemo } from "./demo.mjs";
import { inspect } from "./looking.mjs";

let browser, demo;
before(async () => {
  browser = await openBrowser();
  demo = await openDemo("--today", "2027-01-04");
});
after(async () => {
  await browser?.close();
  await demo?.close();
});

const FILE = /\.(pdf|xlsx|csv|zip|json|jwt|jpg|png)$/;
// A photo alone is no page of ours: the browser lays out its own around it.
const PHOTO = /\/(evidence\/\w+|photos)\/\d+$/;

// Two addresses are of one kind when they differ only in whom, which term and which number.
const kind = (url) => {
  const path = url.pathname.replace(/[0-9a-f]{32}/g, "ID").replace(/\/20\d\d-[12](?=\/|$)/g, "/TERM").replace(/\/\d+(?=\/|$)/g, "/N");
  return `${path}?${[...new Set(url.searchParams.keys())].sort().join("&")}`;
};

const unfold = (page) => page.evaluate(() => {
  const folded = [...document.querySelectorAll("details:not([open])")];
  for (const one of folded) one.open = true;
  return folded.length;
});

// The forms of a page that want something, by their place in it and where they go.
const wanting = (page) => page.evaluate(() => [...document.forms].flatMap((form, place) =>
  form.method === "post" && form.querySelector("[required]:not([type=checkbox])") ? [[place, form.action]] : []));

// Sent by hand with nothing in it, past what the browser and our scripts would say first.
async function sendEmpty(page, place) {
  const answered = page.waitForResponse((answer) => answer.request().isNavigationRequest());
  const shown = page.waitForEvent("load");
  await page.evaluate((place) => {
    const form = document.forms[place];
    for (const field of form.querySelectorAll("input:not([type=hidden]), textarea")) {
      if (field.type === "checkbox" || field.type === "radio") field.checked = false;
      else field.value = "";
    }
    const button = form.querySelector("button[name]");
    if (button) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: button.name, value: button.value }));
    HTMLFormElement.prototype.submit.call(form);
  }, place);
  const answer = await answered;
  await shown;
  return answer.status();
}

async function follow(page) {
  const seen = new Set();
  const sent = new Set();
  const waiting = [new URL(page.url())];
  const faults = [];
  seen.add(kind(waiting[0]));
  while (waiting.length) {
    const url = waiting.shift();
    const name = url.pathname + url.search;
    const alone = PHOTO.test(url.pathname);
    const answer = alone ? await page.request.get(name) : await page.goto(name);
    if (answer.status() !== 200) faults.push(`${name}: ${answer.status()}`);
    if (alone) continue;
    faults.push(...await inspect(page, name));
    if (await unfold(page)) faults.push(...await inspect(page, `${name} unfolded`));
    const links = await page.evaluate(() => [...document.querySelectorAll("a[href]:not([download])")].map((one) => one.href));
    for (const link of links.map((one) => new URL(one)).filter((one) => one.origin === demo.address && !FILE.test(one.pathname))) {
      if (!seen.has(kind(link))) {
        seen.add(kind(link));
        waiting.push(link);
      }
    }
    for (const [place, action] of await wanting(page)) {
      const form = `${kind(url)} ${place} ${kind(new URL(action))}`;
      if (sent.has(form)) continue;
      sent.add(form);
      if (page.url() !== url.href) await page.goto(name);
      const status = await sendEmpty(page, place);
      const told = `${name} form ${place} to ${new URL(action).pathname}, sent empty`;
      if (status < 400 || status > 499) faults.push(`${told}: ${status}`);
      if (!(await page.locator("[role=alert], .em").count())) faults.push(`${told}: nothing said at the form: ${(await page.locator("main").innerText()).slice(0, 120)}`);
      faults.push(...await inspect(page, told));
      await page.goto(name);
    }
  }
  return { faults, seen, sent };
}

// How many kinds of pages each of them has at least: a desk whose links are gone is found.
const ROLES = {
  homeroom: 28, subject: 20, guardian: 25, pupil: 25, office: 34, principal: 12, organiser: 8, committee: 6, health: 7,
  county: 13, county_security: 6, county_audit: 7,
};

for (const [role, least] of Object.entries(ROLES)) {
  test(`every page of ${role}`, async () => {
    const account = demo.first(role);
    const { page, context, troubles } = await person(browser, demo);
    await signIn(page, account.login, account.password);
    const { faults, seen, sent } = await follow(page);
    assert.deepEqual(faults, []);
    assert.deepEqual(troubles, []);
    assert.ok(seen.size >= least, `${role}: ${seen.size} kinds of pages`);
    await context.close();
  });
}
