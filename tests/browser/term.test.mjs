// A whole term of one class, walked by all its people: facts, voices, bands, signature,
// notice, objection, checking, review, seal; and the family that reads it at the end.
// The demonstration county's clock is turned on from day to day, as `serve --today` does.
import assert from "node:assert/strict";
import { dirname, join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { PHONE, WIDE, openBrowser, person, signIn } from "./browser.mjs";
import { openDemo } from "./demo.mjs";

// What was seen, to be looked at; made anew by each run.
const SHOTS = resolve(dirname(fileURLToPath(import.meta.url)), "../../target/shots/term");
let browser, house, who, classId, student;
const troubles = [];
let shots = 0;

before(async () => {
  browser = await openBrowser();
  house = await openDemo("--schools", "1", "--classes", "1", "--pupils", "6", "--today", "2026-12-21");
  const homeroom = house.first("homeroom", (row) => row.students.some((one) => account("pupil", one)));
  student = homeroom.students.find((one) => account("pupil", one));
  classId = homeroom.class;
  who = {
    homeroom,
    pupil: account("pupil", student),
    guardian: account("guardian", student),
    subject: house.first("subject", (row) => row.class === classId),
    office: house.first("office"),
    principal: house.first("principal"),
  };
});
after(async () => {
  await browser?.close();
  await house?.close();
});

const account = (role, one) => house.accounts.find((row) => row.role === role && row.students?.includes(one));

// The same county on a later day.
async function day(date) {
  await house.stop();
  const demo = join(house.folder, "demo");
  house.otherwise = { QINGHE_DATABASE: `sqlite:${join(demo, "qinghe.sqlite")}`, QINGHE_FILES: join(demo, "files"), QINGHE_KEYS: join(demo, "keys") };
  await house.serve("serve", "--today", date);
}

// Somebody sits down, does something, and leaves.
async function at(role, size, doing) {
  const { context, page, troubles: seen } = await person(browser, house, { viewport: size });
  await signIn(page, who[role].login, who[role].password);
  await doing(page);
  troubles.push(...seen.map((trouble) => `${role}: ${trouble}`));
  await context.close();
}

const shot = (page, name) => page.screenshot({ path: `${SHOTS}/${String(++shots).padStart(2, "0")}-${name}.png`, fullPage: true });
const press = (page, name) => page.getByRole("button", { name }).click();
// A form is sent and the next page is there.
async function send(page, name) {
  const next = page.waitForEvent("framenavigated");
  await press(page, name);
  await next;
  await page.waitForLoadState();
}

// One story, told in its order; after a broken chapter the rest is not told.
test("a term of one class, by all its people", async (whole) => {
  let broken = null;
  const chapter = (name, tell) => whole.test(name, async () => {
    if (broken) throw new Error(`after “${broken}” this cannot be told`);
    broken = name;
    await tell();
    broken = null;
  });
  const fact = "给低年级讲一次安全课";

  await chapter("facts: the class's activity, the roll, a pupil's own record and its review", async () => {
    await at("homeroom", WIDE, async (page) => {
      await page.getByRole("heading", { name: "等您处理" }).waitFor();
      await shot(page, "homeroom-desk");
      await page.getByRole("link", { name: "记一次活动" }).first().click();
      await page.getByLabel("名称", { exact: true }).fill("元旦前给养老院送窗花");
      await page.getByLabel("属于哪一项").selectOption("D31");
      await page.getByLabel("日期", { exact: true }).fill("2026-12-19");
      await send(page, /^记下/);
      await page.getByText("元旦前给养老院送窗花").first().waitFor();
      await page.goto(`/class/${classId}/roll?kind=flag`);
      await send(page, "存好这一周");
      await page.getByText("存好了").waitFor();
    });
    await at("pupil", PHONE, async (page) => {
      await page.goto(`/child/${student}/records/new`);
      await page.getByLabel("名称", { exact: true }).fill(fact);
      await page.getByLabel("属于哪一项").selectOption("D12");
      await page.getByLabel("日期", { exact: true }).fill("2026-12-18");
      await page.getByLabel(/发生了什么/).fill("在二年级教室，和同桌一起讲了过马路和防滑冰，自己画了三张图。");
      const promise = page.getByLabel(/这学期我写的都是自己真做过的事/);
      if (await promise.count()) await promise.check();
      await send(page, "交给老师");
      await page.getByText("交给老师了").waitFor();
      await shot(page, "pupil-records");
    });
    await at("homeroom", WIDE, async (page) => {
      await page.goto(`/class/${classId}/review`);
      await page.getByRole("link", { name: new RegExp(fact) }).click();
      await page.getByRole("heading", { name: fact }).waitFor();
      await shot(page, "homeroom-review");
      const next = page.waitForEvent("framenavigated");
      await page.keyboard.press("y");
      await next;
    });
    await at("guardian", PHONE, async (page) => {
      await page.goto(`/child/${student}/records`);
      await page.getByText(fact).waitFor();
      await page.getByText("本人记录，班主任已核实").first().waitFor();
      await shot(page, "guardian-timeline");
    });
  });

  await chapter("voices: the pupil, the guardian, a subject teacher", async () => {
    await day("2026-12-28");
    await at("homeroom", WIDE, async (page) => {
      await page.goto(`/class/${classId}/selection`);
      const row = page.locator("tr").filter({ has: page.locator(`[action$="/selection/${student}/open"]`) });
      await row.locator("summary").click();
      await row.getByLabel(/告诉他怎样选更好/).fill("安全课那件事很好，也可以选上。");
      await shot(page, "homeroom-selections");
      const next = page.waitForEvent("framenavigated");
      await row.getByRole("button", { name: "重新打开" }).click();
      await next;
    });
    await at("pupil", PHONE, async (page) => {
      await page.goto(`/child/${student}/self`);
      await shot(page, "pupil-self");
      for (let n = 0; n < 5; n++) {
        await page.getByLabel(/这学期我做了什么/).fill("每周三去敬老院读报，风雨没停。");
        await page.getByLabel(/我学到了什么/).fill("先问一句“想听哪一段”，再开始读。");
        await page.getByLabel(/下一步我打算/).fill("寒假教奶奶用手机看报。");
        await page.getByText("良好", { exact: true }).first().click();
        await send(page, /^存好/);
      }
      await send(page, "确认我的自评");
      await page.getByText("已经确认").waitFor();
      await page.goto(`/child/${student}`);
      const name = (await page.getByRole("heading", { level: 1 }).first().textContent()).trim();
      await page.goto(`/child/${student}/selection`);
      await page.getByText("安全课那件事很好，也可以选上。").waitFor();
      const card = page.locator("label.rec").filter({ hasText: fact });
      await card.click();
      const key = (await card.locator("input").getAttribute("name")).slice(5);
      await page.locator(`#why_${key}`).fill("第一次站在讲台上，小朋友都听懂了。");
      await page.getByLabel("写下你的名字，就是签字").fill(name);
      await shot(page, "pupil-selection");
      await send(page, "确认我的选择");
      await page.getByText("已确认").first().waitFor();
    });
    await at("guardian", PHONE, async (page) => {
      await page.goto(`/child/${student}/view`);
      await page.locator("textarea").first().fill("在家每天自己叠被子，周末洗一次全家的碗。");
      await shot(page, "guardian-view");
      await send(page, /^存好|^交/);
      assert.equal(await page.locator("textarea").first().inputValue(), "在家每天自己叠被子，周末洗一次全家的碗。");
    });
    await at("subject", WIDE, async (page) => {
      await page.goto(`/subject/${classId}`);
      await shot(page, "subject-grid");
    });
  });

  await chapter("bands, with the voices beside them, and the signature", async () => {
    await at("homeroom", WIDE, async (page) => {
      await page.goto(`/class/${classId}/voices`);
      await shot(page, "homeroom-voices");
      await page.goto(`/class/${classId}/student/${student}`);
      await page.getByText("在家每天自己叠被子，周末洗一次全家的碗。").first().waitFor();
      await shot(page, "homeroom-one-pupil");
      await page.goto(`/class/${classId}/grid`);
      const rows = page.locator("#eg tbody tr");
      await rows.first().locator(".cell").first().click();
      await page.keyboard.press("Control+a");
      await page.keyboard.press("l");
      for (let n = 1; n < 5; n++) for (const key of ["ArrowRight", "Control+a", "l"]) await page.keyboard.press(key);
      const pupils = await rows.count();
      await rows.first().locator(".cm").click();
      await page.keyboard.press("Enter");
      for (let n = 0; n < pupils; n++) {
        await page.keyboard.press("Control+a");
        await page.keyboard.type(`这学期第 ${n + 1} 次值日最认真，下学期愿你在课上多开口。`);
        await page.keyboard.press("Control+Enter");
      }
      await page.keyboard.press("Escape");
      await page.getByText(`已完成 ${pupils} / ${pupils} 人`).waitFor();
      await page.getByText("已自动保存").waitFor();
      await shot(page, "homeroom-grid");
    });
    await at("guardian", PHONE, async (page) => {
      await page.goto(`/child/${student}`);
      assert.equal(await page.getByText("次值日最认真").count(), 0, "before she signs nobody reads it");
    });
    await at("homeroom", WIDE, async (page) => {
      await page.goto(`/class/${classId}/2026-1/sign`);
      const accept = page.getByRole("checkbox");
      if (await accept.count()) await accept.check();
      await shot(page, "homeroom-sign");
      await send(page, / 签字$/);
      await page.getByText("家长和学生现在看得到等级和评语").waitFor();
    });
    await at("guardian", PHONE, async (page) => {
      await page.goto(`/child/${student}`);
      await page.getByRole("heading", { name: "五育表现" }).waitFor();
      await page.getByText("次值日最认真").first().waitFor();
      await shot(page, "guardian-child");
    });
  });

  await chapter("the notice, and an objection to it", async () => {
    await day("2027-01-04");
    await at("office", WIDE, async (page) => {
      await page.getByRole("heading", { name: "学期看板" }).waitFor();
      await shot(page, "office-board");
      await page.goto(`/office/notice/${classId}`);
      const reason = page.getByLabel("为什么不等补齐");
      if (await reason.count()) await reason.fill("自评的窗口已经过了");
      await shot(page, "office-before-notice");
      await send(page, "开始公示");
      await page.getByText("公示的内容").waitFor();
    });
    await at("homeroom", WIDE, async (page) => {
      await page.goto(`/class/${classId}/records`);
      await page.getByText("写实记录不再加、不再改").waitFor();
      assert.equal(await page.getByLabel("名称", { exact: true }).count(), 0);
    });
    await at("guardian", PHONE, async (page) => {
      await page.goto(`/child/${student}/notice`);
      await page.getByText("公示的事实已经冻结").waitFor();
      assert.doesNotMatch(await page.locator("main").innerText(), /优秀|合格|待提高|次值日最认真/);
      await shot(page, "guardian-notice");
      await page.locator("li").filter({ hasText: fact }).first().getByRole("link", { name: /提异议/ }).click();
      await page.getByLabel("说说哪里不对，希望怎么改").fill("那天讲了两个班，二年级和三年级。");
      await shot(page, "guardian-objection");
      await send(page, "提交异议");
      await page.getByText("查看中").waitFor();
    });
    await day("2027-01-06");
    await at("office", WIDE, async (page) => {
      await page.goto("/office/objections");
      await page.getByRole("link", { name: /^去答复/ }).first().click();
      await page.getByLabel(/维持不变/).check();
      await page.getByLabel("书面答复").fill("问过三年级班主任，那一节没有去成，维持原样。");
      await shot(page, "office-answer");
      await send(page, / 答复$/);
    });
    await at("guardian", PHONE, async (page) => {
      await page.getByRole("link", { name: /收件箱/ }).click();
      await page.getByText("您提的异议有了答复").first().click();
      await page.getByText("那一节没有去成").waitFor();
      await shot(page, "guardian-answered");
    });
  });

  await chapter("checked, reviewed, sealed; the guardian sees it", async () => {
    await day("2027-01-14");
    await at("homeroom", WIDE, async (page) => {
      await page.goto(`/class/${classId}/check`);
      await shot(page, "homeroom-check");
      await send(page, / 核对签字$/);
      await page.getByText("等教务审核").waitFor();
    });
    await at("office", WIDE, async (page) => {
      await page.goto(`/office/notice/${classId}`);
      await send(page, / 审核通过$/);
      await page.getByText("等校长归档").waitFor();
      await shot(page, "office-reviewed");
    });
    await at("principal", WIDE, async (page) => {
      await page.goto(`/principal/seal/${classId}`);
      await shot(page, "principal-seal");
      await send(page, / 签字归档 \d+ 人$/);
      await page.getByText(/人归档好了/).waitFor();
    });
    await at("guardian", PHONE, async (page) => {
      await page.goto(`/child/${student}/versions`);
      await page.getByText(/2026.2027 学年第一学期/).first().waitFor();
      await shot(page, "guardian-sealed");
      await page.goto(`/child/${student}`);
      await page.getByText("次值日最认真").first().waitFor();
    });
    await at("homeroom", WIDE, async (page) => {
      await page.goto(`/class/${classId}/desk`);
      await shot(page, "homeroom-desk-after");
    });
    assert.deepEqual(troubles, []);
  });
});
