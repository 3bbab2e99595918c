// A school under way, brought there by its own front door over plain HTTP, as a
// script would: its office, homeroom teachers, classes with pupils, guardians.
import { House } from "./house.mjs";
import { HEADER, classRows, csv } from "./roster.mjs";

export const PASSWORD = "山里的第七棵梨树";
export const TERM = "2026-1";
export const SCHOOL = "3121042101";
export const DOMAINS = ["moral", "academic", "physical", "aesthetic", "labour"];

// Someone without a browser: keeps cookies, sends back the hidden fields of the page.
export class Hand {
  constructor(house) {
    this.house = house;
    this.cookies = new Map();
  }

  async ask(path, options = {}) {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { ...(cookie && { cookie }), ...options.headers };
    const answer = await fetch(this.house.address + path, { redirect: "manual", ...options, headers });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      this.cookies.set(name, value);
    }
    return { status: answer.status, location: answer.headers.get("location") || "", text: await answer.text() };
  }

  async post(path, fields, page = "/password") {
    const csrf = hidden((await this.ask(page)).text, "csrf");
    return this.ask(path, { method: "POST", body: new URLSearchParams({ csrf, ...fields }) });
  }

  async json(path, value, page) {
    const csrf = /<meta name="csrf" content="([^"]+)"/.exec((await this.ask(page)).text)[1];
    const headers = { "content-type": "application/json", accept: "application/json", "x-csrf-token": csrf };
    const answer = await this.ask(path, { method: "POST", headers, body: JSON.stringify(value) });
    return { ...answer, json: JSON.parse(answer.text) };
  }

  async bring(name, bytes) {
    const form = new FormData();
    form.set("csrf", hidden((await this.ask("/office/roster")).text, "csrf"));
    form.set("file", new File([bytes], name));
    return this.ask("/office/roster", { method: "POST", body: form });
  }

  async setPassword(link, password = PASSWORD) {
    const set = await this.ask(new URL(link).pathname, { method: "POST", body: new URLSearchParams({ password, again: password }) });
    if (set.status !== 303) throw new Error(`the link ${link} was not taken: ${set.text}`);
    return this;
  }
}

export function hidden(page, name) {
  const found = new RegExp(`name="${name}" value="([^"]*)"`).exec(page);
  return found ? found[1] : "";
}

export const linkIn = (text) => /https?:\/\/[^\s<"]+\/welcome\/[^\s<"]+/.exec(text)[0];

// One class with so many pupils, under a homeroom teacher `lin`; a second one
// without anybody, if `second`; the house with some settings otherwise.
export async function openSchool({ pupils = 8, second = false, settings = {} } = {}) {
  const house = await House.empty(settings);
  const made = await house.run("init", "--county", "石泉县", "--school", SCHOOL, "石泉镇九年一贯制学校");
  if (made.code !== 0) throw new Error(made.err);
  await house.serve();
  const office = await new Hand(house).setPassword(linkIn(made.out));
  await office.post("/office/classes", { cohort: "2025", number: "1" });
  if (second) await office.post("/office/classes", { cohort: "2025", number: "2" });
  const page = (await office.ask("/office/classes")).text;
  const classes = [...new Set([...page.matchAll(/\/office\/classes\/([0-9a-f-]+)\/homeroom/g)].map((found) => found[1]))];
  const school = { house, office, classId: classes[0], classes };
  const rows = classRows("八年级(1)班", pupils);
  school.names = rows.map((row) => row[HEADER.indexOf("姓名")]);
  const tried = await office.bring("名单.csv", csv(rows));
  const taken = await office.post("/office/roster/take", { token: hidden(tried.text, "token") });
  if (!taken.location.includes("taken")) throw new Error(tried.text);
  school.lin = await new Hand(house).setPassword(await appoint(office, classes[0], "lin", "林静"));
  school.grid = `/class/${school.classId}/grid`;
  school.students = async () => {
    const grid = (await school.lin.ask(school.grid)).text;
    return [...new Set([...grid.matchAll(/data-student="([^"]+)"/g)].map((found) => found[1]))];
  };
  return school;
}

export async function appoint(office, classId, login, name) {
  const page = await office.post(`/office/classes/${classId}/homeroom`, { login, name });
  return linkIn(page.text);
}

// Fills the whole class with 良好 and a comment, so that it can be signed.
export async function fill(school, { except = [], bands = {} } = {}) {
  const students = (await school.students()).filter((_, n) => !except.includes(n));
  const cells = students.flatMap((student, n) =>
    DOMAINS.map((domain) => ({ student, domain, band: "good", revision: 0, ...(bands[`${n} ${domain}`] || {}) })));
  const saved = await school.lin.json(`/class/${school.classId}/${TERM}/cells`, cells, school.grid);
  if (saved.json.saved?.length !== cells.length) throw new Error(saved.text);
  const comments = students.map((student) => ({ student, text: "做事有头有尾，值日从不用提醒。下学期愿你在课上多开口。", revision: 0 }));
  await school.lin.json(`/class/${school.classId}/${TERM}/comments`, comments, school.grid);
}

export async function sign(school) {
  const signed = await school.lin.post(`/class/${school.classId}/${TERM}/sign`, {});
  if (signed.status !== 303) throw new Error(signed.text);
}

// A binding code per pupil, in seat order.
export async function slips(school) {
  const page = await school.lin.post(`/class/${school.classId}/slips`, {});
  return [...page.text.matchAll(/<p class="code">([^<]+)</g)].map((found) => found[1]);
}
