// What a family writes with no signal arrives once, with its photos, when the line is
// back; it is gone from the phone after sign-out and after seven days; a teacher's page
// keeps nothing.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PHONE, openBrowser, person, signIn } from "./browser.mjs";
import { PASSWORD, openSchool, slips } from "./school.mjs";

const FAMILY = "灶台边趴着三只猫";
const LOGIN = "13800001111";
let browser, school, parent, child, code, photo;

// A photo as a phone takes it: large, so that it has to shrink; drawn by the browser.
async function drawn(page, width, height, seed) {
  const bytes = await page.evaluate(async ([width, height, seed]) => {
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    const pen = canvas.getContext("2d");
    for (let n = 0; n < 400; n++) {
      pen.fillStyle = `hsl(${(n * 67 + seed * 131) % 360} 60% ${20 + ((n * seed) % 60)}%)`;
      pen.fillRect((n * 997 * seed) % width, (n * 613 + seed * 71) % height, width / 7, height / 9);
    }
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.95));
    return [...new Uint8Array(await blob.arrayBuffer())];
  }, [width, height, seed]);
  return Buffer.from(bytes);
}

before(async () => {
  browser = await openBrowser();
  school = await openSchool({ pupils: 4 });
  [code] = await slips(school);
  parent = await person(browser, school.house, { viewport: PHONE });
  const { page } = parent;
  await page.goto(`/join/${code}`);
  await page.getByLabel("您的姓名").fill("李建国");
  await page.locator("input[name=relation]").first().check({ force: true });
  await page.locator("input[name=login]").fill(LOGIN);
  for (const name of ["password", "again"]) await page.locator(`input[name=${name}]`).fill(FAMILY);
  await page.locator("input[name=consent]").check();
  await page.locator("form button").last().click();
  await page.waitForURL((url) => url.pathname.startsWith("/child/"));
  child = new URL(page.url()).pathname.split("/")[2];
  photo = await drawn(page, 3000, 2000, 3);
});
after(async () => {
  await browser?.close();
  await school?.house.close();
});

const drafts = (page) => page.evaluate(() => new Promise((done, failed) => {
  const asked = indexedDB.open("qinghe", 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore("drafts", { keyPath: "id" });
  asked.onerror = () => failed(asked.error);
  asked.onsuccess = () => {
    const all = asked.result.transaction("drafts").objectStore("drafts").getAll();
    all.onsuccess = () => { asked.result.close(); done(all.result.map((one) => ({ title: one.title, state: one.state, account: one.account, photos: one.photos.map((photo) => photo.size) }))); };
  };
}));

async function until(what, seen) {
  for (let n = 0; n < 150; n++) {
    if (await seen()) return;
    await new Promise((again) => setTimeout(again, 100));
  }
  assert.fail(what);
}

async function write(page, title) {
  await page.goto(`/child/${child}/records/new`);
  await page.locator("#title").fill(title);
  await page.locator("#indicator").selectOption("D12");
  await page.locator("#words").fill("一早把门口到路口的雪扫开，邻居奶奶好走路。");
}

const submit = (page) => page.getByRole("button", { name: "交给老师" }).click();

test("written with no signal, it arrives once with its photos when the line is back", async () => {
  const { page, context } = parent;
  await write(page, "老街扫雪");
  await page.locator("#pledge").check();
  await page.getByLabel(/^照片/).setInputFiles({ name: "IMG_1.jpg", mimeType: "image/jpeg", buffer: photo });
  await page.locator("[data-previews] canvas").waitFor();
  await context.setOffline(true);
  await submit(page);
  await page.getByText("现在没有信号").waitFor();
  const [kept, ...more] = await drafts(page);
  assert.deepEqual([kept.title, kept.state, more.length], ["老街扫雪", "waiting", 0]);
  assert.ok(kept.photos[0] < photo.length / 2, `made smaller before it is sent: ${photo.length} → ${kept.photos[0]}`);

  // The first answer is lost on its way back: sent again, it is still one record.
  let lost = 0;
  await context.route("**/records", async (route) => {
    if (route.request().method() !== "POST" || lost) return route.continue();
    lost += 1;
    await route.fetch({ maxRedirects: 0 });
    return route.abort("connectionreset");
  });
  await context.setOffline(false);
  await page.evaluate(() => window.dispatchEvent(new Event("online")));
  await page.waitForURL((url) => url.searchParams.get("saved") === "submitted", { timeout: 40000 });
  await context.unroute("**/records");
  assert.equal(lost, 1);
  assert.deepEqual(await drafts(page), []);
  assert.equal(await page.getByText("老街扫雪").count(), 1);
  const review = await school.lin.ask(`/class/${school.classId}/review`);
  assert.match(review.text, /待审核 1 条/);
  const [address] = /\/class\/[0-9a-f-]+\/evidence\/[0-9a-f-]+\/1\/small/.exec(review.text);
  assert.equal((await school.lin.ask(address)).status, 200);
  assert.equal((await school.lin.ask(address.replace("/1/", "/2/"))).status, 404, "its photo once");
  assert.deepEqual(parent.troubles, []);
});

test("what is refused is shown with everything typed and the photo still chosen", async () => {
  const { page } = parent;
  await write(page, "");
  await page.getByLabel(/^照片/).setInputFiles({ name: "IMG_2.jpg", mimeType: "image/jpeg", buffer: await drawn(page, 600, 400, 5) });
  await page.locator("[data-previews] canvas").waitFor();
  await submit(page);
  await page.getByText("名称还空着").first().waitFor();
  assert.equal(await page.locator("#words").inputValue(), "一早把门口到路口的雪扫开，邻居奶奶好走路。");
  await page.locator("[data-previews] canvas").waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, "nothing hangs over the side of a phone");
  await page.locator("#title").fill("帮邻居扫雪");
  await submit(page);
  await page.waitForURL((url) => url.searchParams.get("saved") === "submitted");
  const mine = await page.getByRole("link", { name: /帮邻居扫雪/ }).getAttribute("href");
  await page.goto(mine);
  await until("the photo is there", async () => (await page.locator("main .phs img").count()) === 1);
  assert.deepEqual(parent.troubles, []);
});

test("a draft is there again after the page was closed, for its own account only, for seven days", async () => {
  const { page } = parent;
  await write(page, "写到一半");
  await until("the draft is kept", async () => (await drafts(page)).some((one) => one.title === "写到一半"));
  await page.goto("about:blank");
  await page.goto(`/child/${child}/records/new`);
  await page.getByText("上次没写完的还在").waitFor();
  assert.equal(await page.locator("#title").inputValue(), "写到一半");
  // Another account on the same phone sees nothing of it.
  await page.evaluate(() => new Promise((done) => {
    const asked = indexedDB.open("qinghe", 1);
    asked.onsuccess = () => {
      const store = asked.result.transaction("drafts", "readwrite").objectStore("drafts");
      store.getAll().onsuccess = (found) => { for (const one of found.target.result) store.put({ ...one, account: "somebody else" }); };
      store.transaction.oncomplete = () => { asked.result.close(); done(); };
    };
  }));
  await page.goto(`/child/${child}/records/new`);
  await page.waitForLoadState("networkidle");
  assert.equal(await page.locator("#title").inputValue(), "");
  assert.equal((await drafts(page)).length, 1);
  await page.evaluate(() => new Promise((done) => {
    const asked = indexedDB.open("qinghe", 1);
    asked.onsuccess = () => {
      const store = asked.result.transaction("drafts", "readwrite").objectStore("drafts");
      store.getAll().onsuccess = (found) => { for (const one of found.target.result) store.put({ ...one, at: Date.now() - 8 * 24 * 3600 * 1000 }); };
      store.transaction.oncomplete = () => { asked.result.close(); done(); };
    };
  }));
  await page.goto(`/child/${child}/records`);
  await until("what is older than seven days is gone", async () => (await drafts(page)).length === 0);
  assert.deepEqual(parent.troubles, []);
});

test("signed out, nothing is left on the phone", async () => {
  const { page } = parent;
  await write(page, "不想留下的");
  await until("the draft is kept", async () => (await drafts(page)).length === 1);
  await page.getByRole("button", { name: "退出" }).click();
  await page.waitForURL((url) => url.pathname === "/sign-in");
  assert.deepEqual(await drafts(page), []);
  assert.deepEqual(parent.troubles, []);
});

test("a teacher's pages keep nothing on a shared machine", async () => {
  const lin = await person(browser, school.house);
  await signIn(lin.page, "lin", PASSWORD);
  for (const path of [school.grid, `/class/${school.classId}/records`, `/class/${school.classId}/roll`, `/class/${school.classId}/review`]) {
    await lin.page.goto(path);
    await lin.page.waitForLoadState("networkidle");
  }
  await lin.page.goto(`/class/${school.classId}/records`);
  await lin.page.locator("#title").fill("班级联欢会");
  await lin.page.getByLabel(/^照片/).setInputFiles({ name: "IMG_3.jpg", mimeType: "image/jpeg", buffer: photo });
  await lin.page.locator("[data-previews] canvas").waitFor();
  const kept = await lin.page.evaluate(async () => ({
    bases: (await indexedDB.databases()).map((one) => one.name),
    stored: Object.keys(localStorage).length + Object.keys(sessionStorage).length,
    caches: (await caches.keys()).length,
  }));
  assert.deepEqual(kept, { bases: [], stored: 0, caches: 0 });
  assert.deepEqual(lin.troubles, []);
  await lin.context.close();
});
