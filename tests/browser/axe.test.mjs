// Every page that each role can reach, and its error, empty and dialog states: nothing
// for axe (WCAG 2.2 AA) to find, no sideways scroll, nothing from elsewhere, no word
// that ranks, and not heavier than a village's network carries.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openBrowser, person, signIn } from "./browser.mjs";
import { openDemo } from "./demo.mjs";
import { House } from "./house.mjs";
import { inspect } from "./looking.mjs";
import { HEADER, classRows, csv, pupilRow } from "./roster.mjs";
import { PASSWORD, TERM, linkIn } from "./school.mjs";

let browser, demo, bare;
before(async () => {
  browser = await openBrowser();
  demo = await openDemo("--schools", "1");
});
after(async () => {
  await browser?.close();
  await demo?.close();
  await bare?.close();
});

// Someone of the county before a browser of their own.
async function as(role, wanted) {
  const account = demo.first(role, wanted);
  const one = await person(browser, demo);
  await signIn(one.page, account.login, account.password);
  return { ...one, account };
}

// Sends a form as a browser would that checks nothing itself.
const submit = (page, button) => page.evaluate((named) => {
  const found = [...document.querySelectorAll("form button")].find((one) => one.textContent.includes(named));
  found.form.noValidate = true;
  found.click();
}, button);

async function look(page, states, troubles) {
  const faults = [];
  for (const [name, reach] of states) {
    const address = await reach();
    if (typeof address === "string") await page.goto(address);
    await page.waitForLoadState("load");
    faults.push(...await inspect(page, name));
  }
  assert.deepEqual(faults, []);
  assert.deepEqual(troubles, []);
}

test("nobody signed in", async () => {
  const { page, troubles } = await person(browser, demo);
  await look(page, [
    ["sign-in", () => "/sign-in"],
    ["sign-in, wrong", async () => {
      await page.getByLabel("账号", { exact: true }).fill("nobody");
      await page.getByLabel("密码", { exact: true }).fill("x");
      await page.getByRole("button", { name: "登录", exact: true }).click();
      await page.getByRole("alert").waitFor();
    }],
    ["sign-in, too often", async () => {
      const told = page.getByRole("alert").getByText("输错的次数太多了");
      for (let n = 0; n < 20 && !(await told.count()); n++) {
        await page.getByLabel("密码", { exact: true }).fill(`x${n}`);
        const answered = page.waitForResponse((answer) => answer.request().method() === "POST");
        await page.getByRole("button", { name: "登录", exact: true }).click();
        await answered;
        await page.waitForLoadState("load");
      }
      await told.waitFor();
    }],
    ["join", () => "/join"],
    ["join, unusable code", () => "/join/ABCD2345"],
    ["welcome, ended", () => "/welcome/nothing"],
    ["verify", () => "/verify"],
    ["verify, unknown", () => "/verify/AAAA-BBBB-CCCC"],
  ], troubles);
});

test("a homeroom teacher at the grid", async () => {
  const { page, context, account, troubles } = await as("homeroom");
  const grid = `/class/${account.class}/grid`;
  const cell = (r, c) => page.locator("#eg tbody tr").nth(r).locator(".cell, .cm").nth(c);
  await look(page, [
    ["grid", () => grid],
    ["grid, a range", async () => {
      await cell(9, 4).click();
      for (let n = 0; n < 4; n++) await page.keyboard.press("Shift+ArrowDown");
    }],
    ["grid, 待提高 without ground", async () => {
      await cell(0, 2).click();
      await page.keyboard.press("d");
      await page.keyboard.press("ArrowUp");
      await page.locator("#save-state").getByText("已自动保存").waitFor();
    }],
    ["grid, a comment too long", async () => {
      await cell(1, 5).click();
      await page.keyboard.insertText("长".repeat(200));
      await page.getByText("这一条还没有存").waitFor();
    }],
    ["grid, all keys", async () => {
      await page.keyboard.press("Control+z");
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "全部快捷键" }).click();
    }],
    ["grid, paste", async () => {
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "从表格粘贴" }).click();
    }],
    ["grid, nobody found", async () => {
      await page.keyboard.press("Escape");
      await page.getByLabel("按姓名或拼音找").fill("zzzz");
    }],
    ["grid, no network", async () => {
      await page.getByLabel("按姓名或拼音找").fill("");
      await context.setOffline(true);
      await cell(2, 0).click();
      await page.keyboard.press("h");
      await page.locator("#save-state").getByText("网络断开").waitFor();
    }],
    ["grid, session ended", async () => {
      await context.setOffline(false);
      await page.locator("#save-state").getByText("已自动保存").waitFor();
      await context.clearCookies();
      await cell(2, 0).click();
      await page.keyboard.press("l");
      await page.getByRole("dialog", { name: "请再输一次密码" }).waitFor();
      await page.getByRole("dialog").getByLabel("账号").fill(account.login);
      await page.getByRole("dialog").getByLabel("密码", { exact: true }).fill("x");
      await page.getByRole("dialog").getByRole("button").click();
      await page.getByRole("dialog").getByText("账号或密码不对").waitFor();
    }],
  ], troubles);
});

test("a homeroom teacher's other pages", async () => {
  const { page, account, troubles } = await as("homeroom");
  const pupil = `/class/${account.class}/student/${account.students[0]}`;
  await look(page, [
    ["grid, last term", async () => {
      await page.goto(`/class/${account.class}/grid`);
      await page.locator(".terms-row a").last().click();
      await page.getByText("往期，只能看").waitFor();
    }],
    ["one pupil", () => pupil],
    ["one pupil, refused", async () => {
      await page.getByLabel("班主任评语").fill("长".repeat(151));
      await submit(page, "存好");
      await page.getByRole("alert").waitFor();
    }],
    ["before signing", () => `/class/${account.class}/${TERM}/sign`],
    ["sign, refused", async () => {
      await page.evaluate(() => {
        const form = document.createElement("form");
        form.method = "post";
        form.append(document.querySelector("input[name=csrf]").cloneNode());
        document.body.append(form);
        form.submit();
      });
      await page.getByRole("heading", { name: "没有改动" }).waitFor();
    }],
    ["slips", () => `/class/${account.class}/slips`],
    ["slips, made", async () => {
      await page.getByRole("button", { name: "做绑定单" }).click();
      await page.locator(".slip").first().waitFor();
    }],
    ["a family", () => `/class/${account.class}/family/${account.students[0]}`],
    ["a family, a link", async () => {
      await page.getByRole("button", { name: /给新链接/ }).first().click();
      await page.locator(".link").waitFor();
    }],
    ["a family, refused", async () => {
      await submit(page, "登记");
      await page.getByRole("alert").waitFor();
    }],
    ["sessions", () => "/sessions"],
    ["second factor", () => "/second-factor"],
    ["second factor, refused", async () => {
      await submit(page, "开动态码");
      await page.getByRole("alert").waitFor();
    }],
    ["password", () => "/password"],
    ["password, refused", async () => {
      await submit(page, "改密码");
      await page.getByRole("alert").waitFor();
    }],
    ["not found", () => "/there-is-no-such-page"],
  ], troubles);
});

test("a parent who joins, and what is wrong in the form", async () => {
  const teacher = await as("homeroom", (one) => one.login !== demo.first("homeroom").login);
  await teacher.page.goto(`/class/${teacher.account.class}/slips`);
  await teacher.page.getByRole("button", { name: "做绑定单" }).click();
  const code = (await teacher.page.locator(".slip .code").first().textContent()).replace("-", "");
  const { page, troubles } = await person(browser, demo);
  await look(page, [
    ["join, a child", () => `/join/${code}`],
    ["join, refused", async () => {
      await submit(page, "同意并绑定");
      await page.getByRole("alert").waitFor();
    }],
    ["joined", async () => {
      await page.getByLabel("母亲", { exact: true }).check();
      await page.getByLabel("您的姓名").fill("陈秀兰");
      await page.getByLabel("账号").fill("13804138206");
      await page.getByLabel("新密码").fill("灶台边趴着三只猫");
      await page.getByLabel("再输一次").fill("灶台边趴着三只猫");
      await page.getByLabel(/我是孩子的监护人/).check();
      await page.getByRole("button", { name: "同意并绑定" }).click();
      await page.getByText("绑定好了").waitFor();
    }],
  ], troubles);
});

test("a signed class, for its teacher and its families", async () => {
  // One that nobody else of these tests writes in and that is not signed yet.
  const [unsigned] = demo.accounts.filter((one) => one.role === "homeroom").slice(2);
  const { page, account, troubles } = await as("homeroom", (one) => one === unsigned);
  await page.goto(`/class/${account.class}/grid`);
  await page.evaluate(async ([base, students, term]) => {
    const csrf = document.querySelector("meta[name=csrf]").content;
    const domains = ["moral", "academic", "physical", "aesthetic", "labour"];
    const revision = (student, domain) => Number(document.querySelector(`[data-student="${student}"][data-domain="${domain}"]`).dataset.revision);
    const cells = students.flatMap((student) => domains.map((domain) => ({ student, domain, band: "good", ground: { text: "" }, help: "", revision: revision(student, domain) })));
    const headers = { "content-type": "application/json", accept: "application/json", "x-csrf-token": csrf };
    await fetch(`${base}/${term}/cells`, { method: "POST", headers, body: JSON.stringify(cells) });
  }, [`/class/${account.class}`, account.students, TERM]);
  await look(page, [
    ["desk", () => `/class/${account.class}/desk`],
    ["desk, three weeks without a record", () => `/class/${account.class}/desk?show=quiet`],
    ["who has not evaluated themselves", () => `/class/${account.class}/remind/self`],
    ["reminded", async () => {
      await page.getByRole("button", { name: "发提醒" }).click();
      await page.getByRole("status").waitFor();
    }],
    ["housework that differs", () => `/class/${account.class}/remind/housework`],
    ["inbox", () => "/inbox"],
    ["before signing, gaps only", () => `/class/${account.class}/${TERM}/sign`],
    ["signed", async () => {
      const gaps = page.getByRole("checkbox");
      if (await gaps.count()) await gaps.check();
      await page.getByRole("button", { name: /签字$/ }).click();
      await page.getByText("家长和学生现在看得到等级和评语").waitFor();
    }],
    ["grid, signed", () => `/class/${account.class}/grid`],
    ["one pupil, signed", () => `/class/${account.class}/student/${account.students[1]}`],
    ["one pupil, signed, without reason", async () => {
      await submit(page, "存好，");
      await page.getByRole("alert").waitFor();
    }],
  ], troubles);
  for (const role of ["guardian", "pupil"]) {
    const mine = demo.accounts.find((one) => one.role === role && one.students.some((student) => account.students.includes(student)));
    if (!mine) continue;
    const family = await as(role, (one) => one === mine);
    const child = `/child/${mine.students.find((student) => account.students.includes(student))}`;
    await look(family.page, [[`${role}, signed`, () => child]], family.troubles);
  }
});

test("families", async () => {
  const { page, account, troubles } = await as("guardian");
  const child = `/child/${account.students[0]}`;
  await look(page, [
    ["child", () => child],
    ["child, this term", () => `${child}?term=${TERM}`],
    ["child, message refused", async () => {
      await page.getByRole("textbox").fill("长".repeat(300));
      await submit(page, "存好");
      await page.getByRole("alert").waitFor();
    }],
    ["what is held", () => `${child}/data`],
    ["what is held, refused", async () => {
      await submit(page, "交给学校");
      await page.getByRole("alert").waitFor();
    }],
    ["what is held, asked", async () => {
      await page.getByLabel(/哪一项/).fill("出生日期应为 3 月 6 日");
      await page.getByRole("button", { name: "交给学校" }).click();
      await page.getByText("出生日期应为 3 月 6 日").waitFor();
    }],
    ["not theirs", () => "/office"],
  ], troubles);
  const pupil = await as("pupil");
  await look(pupil.page, [["my own page", () => `/child/${pupil.account.students[0]}`]], pupil.troubles);
});

test("a subject teacher, the principal, the county, and someone with several desks", async () => {
  for (const [role, address] of [["principal", "/principal"], ["county", "/county"], ["county_security", "/county/accounts"], ["county_audit", "/county/audit"]]) {
    const { page, troubles } = await as(role);
    await look(page, [[role, () => address]], troubles);
  }
  const subject = await as("subject");
  await look(subject.page, [["subject", () => `/subject/${subject.account.class}`]], subject.troubles);
  const many = await as("subject", (one) => demo.accounts.filter((other) => other.login === one.login).length > 1);
  await look(many.page, [["desks", () => "/desks"]], many.troubles);
});

test("the office", async () => {
  const { page, account, troubles } = await as("office");
  const bad = [
    pupilRow("八年级(1)班", 60, 201, { 出生日期: "2013.2.31", 性别: "M" }),
    pupilRow("七年级(9)班", 61, 202),
    pupilRow("八年级(1)班", 62, 203, { 民族: "满" }),
    ...classRows("八年级(2)班", 3, 220).map((row, n) => row.map((value, at) => (HEADER[at] === "班内学号" ? String(70 + n) : value))),
  ];
  let token;
  const bring = async (name, buffer) => {
    await page.goto("/office/roster");
    await page.getByLabel(/选一份名单/).setInputFiles({ name, mimeType: "text/csv", buffer });
    await page.getByRole("button", { name: "试跑" }).click();
  };
  await look(page, [
    ["board", () => "/office"],
    ["roster", () => "/office/roster"],
    ["roster, unreadable", async () => {
      await bring("照片.png", Buffer.from("这不是名单"));
      await page.getByText("读不了").waitFor();
    }],
    ["dry run", async () => {
      await bring("名单.csv", csv(bad));
      await page.getByText("试跑只看不存").waitFor();
      for (const one of await page.locator("summary").all()) await one.click();
    }],
    ["roster, taken", async () => {
      token = await page.locator("input[name=token]").inputValue();
      await page.getByRole("button", { name: /^收下/ }).click();
      await page.getByText("收下了").waitFor();
    }],
    ["taken twice", async () => {
      await page.evaluate((token) => {
        const form = document.querySelector("form.drop").cloneNode(true);
        form.enctype = "application/x-www-form-urlencoded";
        form.action += "/take";
        form.querySelector("[type=file]").remove();
        form.insertAdjacentHTML("beforeend", `<input name="token" value="${token}">`);
        document.body.append(form);
        form.submit();
      }, token);
      await page.getByRole("heading", { name: "没有改动" }).waitFor();
    }],
    ["classes", () => "/office/classes"],
    ["classes, refused", async () => {
      await page.locator("summary").first().click();
      await page.getByLabel("账号", { exact: true }).first().fill("someone-new");
      await page.getByRole("button", { name: /^安排/ }).first().click();
      await page.getByRole("alert").waitFor();
    }],
    ["classes, a link", async () => {
      await page.getByLabel("姓名（新账号）").first().fill("新来的老师");
      await page.getByRole("button", { name: /^安排/ }).first().click();
      await page.locator(".link").waitFor();
    }],
    ["opening a term", () => "/office/opening"],
    ["staff", () => "/office/staff"],
    ["staff, refused", async () => {
      await page.locator("#login").fill("someone-else");
      await submit(page, "安排");
      await page.getByRole("alert").waitFor();
    }],
    ["pupils", () => "/office/pupils"],
    ["pupils, moved in, refused", async () => {
      await page.locator("details.move summary").click();
      await submit(page, "转入");
      await page.getByRole("alert").waitFor();
    }],
    ["pupils, nobody found", () => "/office/pupils?q=zzzz"],
    ["pupils, found", () => "/office/pupils?q=1"],
    ["a pupil's movements", () => page.locator(".tb tbody a").first().click()],
    ["a pupil's movements, all kinds", async () => {
      await page.getByRole("heading", { name: "办一件异动" }).waitFor();
      for (const one of await page.locator("details.move summary").all()) await one.click();
    }],
    ["a movement, refused", async () => {
      await submit(page, "记下");
      await page.getByRole("alert").waitFor();
    }],
    ["class list", async () => {
      await page.goto("/office/pupils");
      await page.locator(".lists a").first().click();
      await page.getByRole("heading", { name: /名单/ }).waitFor();
    }],
    ["class list, before anybody", async () => page.goto(`${new URL(page.url()).pathname}?on=2019-09-01`).then(() => {})],
    ["families", () => "/office/families"],
    ["families, a class", () => page.locator("nav[aria-label=选班级] a").first().click()],
    ["a family", () => page.locator("tbody th a").first().click()],
    ["requests", () => "/office/requests"],
    ["print", () => "/office/print"],
    ["print, a cohort", () => `/office/print/${account.graduated}`],
  ], troubles);
});

test("a school on its first day: everything is empty and says what to do", async () => {
  bare = await House.empty();
  const made = await bare.run("init", "--teacher");
  await bare.serve();
  const { page, troubles } = await person(browser, bare);
  const link = linkIn(made.out);
  const desk = async (name) => {
    await page.goto("/desks");
    await page.getByRole("button", { name }).click();
  };
  await look(page, [
    ["welcome", () => link],
    ["welcome, refused", async () => {
      await submit(page, "设好密码");
      await page.getByRole("alert").waitFor();
    }],
    ["desks", async () => {
      await page.getByLabel("新密码").fill(PASSWORD);
      await page.getByLabel("再输一次").fill(PASSWORD);
      await page.getByRole("button", { name: "设好密码，进去" }).click();
      await page.getByRole("heading", { name: /现在做哪一件/ }).waitFor();
    }],
    ["grid without pupils", () => desk(/班主任/)],
    ["sign without pupils", () => page.getByRole("link", { name: "检查签字" }).click()],
    ["slips without pupils", () => page.getByRole("link", { name: "家长绑定" }).click()],
    ["board of a new school", () => desk(/教务与学籍/)],
    ["print without a cohort", () => page.getByRole("link", { name: "打印" }).click()],
    ["principal of a new school", () => desk(/校长/)],
  ], troubles);
});

// On the wire, first load, cold cache: gzip'd page, style sheets, scripts, pictures.
// What a script asks for once the page stands (what lies beside the grid's cells) is
// counted apart.
const LATER = 15_000;
test("pages weigh no more than UX.md allows", async () => {
  const teacher = await as("homeroom");
  const parent = await as("guardian");
  const limits = [
    [teacher, `/class/${teacher.account.class}/grid`, 50_000],
    [teacher, `/class/${teacher.account.class}/student/${teacher.account.students[0]}`, 30_000],
    [teacher, `/class/${teacher.account.class}/${TERM}/sign`, 35_000],
    [parent, `/child/${parent.account.students[0]}`, 35_000],
    [parent, "/sign-in", 35_000],
  ];
  for (const [{ context, page: open }, address, most] of limits) {
    const page = await context.newPage();
    const wire = await context.newCDPSession(page);
    await wire.send("Network.enable");
    await wire.send("Network.setCacheDisabled", { cacheDisabled: true });
    let [bytes, later] = [0, 0];
    const asked = new Set();
    wire.on("Network.requestWillBeSent", ({ requestId, type }) => { if (type === "Fetch" || type === "XHR") asked.add(requestId); });
    wire.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
      if (asked.has(requestId)) later += encodedDataLength; else bytes += encodedDataLength;
    });
    await page.goto(address, { waitUntil: "networkidle" });
    assert.ok(bytes > 3_000, `${address}: ${bytes} bytes cannot be the whole page`);
    assert.ok(bytes <= most, `${address} weighs ${bytes} bytes, more than ${most}`);
    assert.ok(later <= LATER, `${address} asks for ${later} bytes later, more than ${LATER}`);
    console.log(`# ${address.replace(/[0-9a-f]{32}/g, "…")}: ${bytes} bytes of ${most}`);
    await page.close();
    assert.ok(open);
  }
});
