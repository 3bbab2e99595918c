// The server killed (SIGKILL) in the midst of uploads and saves, its photos in a folder
// or in an object store: up again, it has everything it said it has, whole, and nothing
// by halves.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { crc32, deflateSync } from "node:zlib";
import { freePort } from "./house.mjs";
import { DOMAINS, Hand, TERM, hidden, openSchool, slips } from "./school.mjs";

const PUPILS = 6;
const ROUNDS = 4;
const here = dirname(fileURLToPath(import.meta.url));
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const today = () => new Date(Date.now() + 8 * 3600e3).toISOString().slice(0, 10);

// A PNG of soft stripes, another for each n.
function picture(n) {
  const [width, height] = [160, 120];
  const rows = Buffer.alloc((width * 3 + 1) * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * (width * 3 + 1) + 1 + x * 3;
      rows[at] = 128 + 100 * Math.sin((x * (n % 7 + 1)) / 20);
      rows[at + 1] = 128 + 100 * Math.sin((y * (n % 5 + 1)) / 15);
      rows[at + 2] = (n * 37 + x + y) % 256;
    }
  }
  const chunk = (name, body) => {
    const named = Buffer.concat([Buffer.from(name), body]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(body.length);
    sum.writeUInt32BE(crc32(named));
    return Buffer.concat([length, named, sum]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), chunk("IHDR", head), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);
}

// The S3 server that tests/object-store starts, with one bucket.
class Bucket {
  async start() {
    this.port = await freePort();
    this.server = spawn(resolve(here, "../object-store/serve"), [String(this.port)], { stdio: "ignore" });
    this.ended = new Promise((ended) => this.server.once("exit", ended));
    let gone = false;
    this.ended.then(() => { gone = true; });
    for (;;) {
      assert.equal(gone, false, "the S3 server stopped; run tests/install test");
      try {
        if ((await this.ask("/county", { method: "PUT" })).ok) return this;
      } catch (notYet) {
        await new Promise((next) => setImmediate(next));
      }
    }
  }

  // The name alone is looked at, so that the server knows whose bucket it is.
  ask(path, options = {}) {
    const who = "AWS4-HMAC-SHA256 Credential=tester/20261124/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0";
    return fetch(`http://127.0.0.1:${this.port}${path}`, { ...options, headers: { authorization: who } });
  }

  get settings() {
    return { QINGHE_FILES: "s3://county/files", AWS_ENDPOINT_URL: `http://127.0.0.1:${this.port}`, AWS_ACCESS_KEY_ID: "tester", AWS_SECRET_ACCESS_KEY: "secret", AWS_REGION: "us-east-1" };
  }

  // Every object: [its name without shelves, its bytes].
  async all() {
    const listed = await (await this.ask("/county?list-type=2&prefix=files/&max-keys=1000")).text();
    const keys = [...listed.matchAll(/<Key>([^<]+)<\/Key>/g)].map((found) => found[1]);
    return Promise.all(keys.map(async (key) => [key.replace("files/", "").replace("/", ""), Buffer.from(await (await this.ask(`/county/${key}`)).arrayBuffer())]));
  }

  async close() {
    this.server.kill("SIGKILL");
    await this.ended;
  }
}

async function inFolder(folder) {
  const all = [];
  for (const shelf of await readdir(folder)) {
    for (const rest of await readdir(join(folder, shelf))) {
      // What was being written when the program ended has a name no photo is asked by.
      if (!rest.startsWith(".")) all.push([shelf + rest, await readFile(join(folder, shelf, rest))]);
    }
  }
  return all;
}

let bucket;
const open = [];
before(async () => { bucket = await new Bucket().start(); });
after(async () => {
  for (const school of open) await school.house.close();
  await bucket?.close();
});

for (const store of ["a folder", "an object store"]) {
  test(`killed in the midst of uploads and saves, with its photos in ${store}, it has afterwards what it said it has`, async () => {
    const school = await openSchool({ pupils: PUPILS, settings: store === "a folder" ? {} : bucket.settings });
    open.push(school);
    const { house, lin, classId } = school;
    const [code] = await slips(school);
    const family = new Hand(house);
    const joined = await family.post(`/join/${code}`, { name: "李建国", relation: "父亲", login: "13800001111", password: "灶台边趴着三只猫", again: "灶台边趴着三只猫", consent: "yes" }, `/join/${code}`);
    assert.equal(joined.status, 303, joined.text);
    const child = /\/child\/([^/?]+)/.exec(joined.location)[1];
    const students = await school.students();
    const photos = (form, from, many) => {
      for (let n = from; n < from + many; n++) form.append("photos", new File([picture(n)], `${n}.png`, { type: "image/png" }));
      return form;
    };
    const form = (fields) => {
      const form = new FormData();
      for (const [name, value] of Object.entries(fields)) form.append(name, value);
      return form;
    };

    // What was acknowledged: the family's records with a photo, the teacher's with three
    // for one pupil and without for the class, and the newest band of each cell.
    const [ours, three, whole, bands] = [new Map(), new Map(), new Map(), new Map()];
    let [n, cells] = [0, []];
    const revisions = new Map();
    for (let round = 0; round < ROUNDS; round++) {
      let going = true;
      const token = async (person) => {
        const page = await person.ask("/password");
        assert.equal(page.status, 200, `round ${round}: ${page.status} ${page.location} ${page.text}`);
        return hidden(page.text, "csrf");
      };
      const [familyToken, teacherToken] = [await token(family), await token(lin)];
      const meta = /<meta name="csrf" content="([^"]+)"/.exec((await lin.ask(school.grid)).text)[1];
      for (const [, student, rest] of (await lin.ask(school.grid)).text.matchAll(/data-student="([^"]+)"([^>]*data-domain[^>]*)>/g)) {
        revisions.set(`${student} ${/data-domain="([^"]+)"/.exec(rest)[1]}`, Number(/data-revision="([^"]+)"/.exec(rest)[1]));
      }
      const until = async (work) => {
        while (going) {
          try {
            await work();
          } catch (gone) {
            if (gone instanceof assert.AssertionError) throw gone;
            return;
          }
        }
      };
      const before = [ours.size, three.size, whole.size, bands.size];
      const working = [
        until(async () => {
          const [id, at] = [randomUUID(), n++];
          const body = photos(form({ csrf: familyToken, id, act: "submit", pledge: "on", title: `家里第 ${at} 件事`, indicator: "D12", on: today() }), at * 5, 1);
          const answer = await family.ask(`/child/${child}/records`, { method: "POST", body });
          assert.match(answer.location, /saved=submitted/, answer.text);
          ours.set(id, at);
        }),
        until(async () => {
          const [id, at] = [randomUUID(), n++];
          const body = photos(form({ csrf: teacherToken, id, mode: "some", [`who_${child}`]: "on", title: `一人第 ${at} 件事`, indicator: "D12", on: today() }), at * 5, 3);
          const answer = await lin.ask(`/class/${classId}/records`, { method: "POST", body });
          assert.equal(answer.status, 303, answer.text);
          three.set(id, at);
        }),
        until(async () => {
          const [id, at] = [randomUUID(), n++];
          const body = new URLSearchParams({ csrf: teacherToken, id, mode: "all", title: `全班第 ${at} 件事`, indicator: "D12", on: today() });
          const answer = await lin.ask(`/class/${classId}/records`, { method: "POST", body });
          assert.equal(answer.status, 303, answer.text);
          whole.set(id, at);
        }),
        until(async () => {
          const band = ["good", "qualified"][n++ % 2];
          cells = students.flatMap((student) => DOMAINS.map((domain) => ({ student, domain, band, revision: revisions.get(`${student} ${domain}`) ?? 0 })));
          const answer = await lin.ask(`/class/${classId}/${TERM}/cells`, { method: "POST", headers: { "content-type": "application/json", accept: "application/json", "x-csrf-token": meta }, body: JSON.stringify(cells) });
          assert.equal(answer.status, 200, answer.text);
          for (const saved of JSON.parse(answer.text).saved) revisions.set(`${saved.student} ${saved.domain}`, saved.revision);
          bands.set(round, { band, revision: JSON.parse(answer.text).saved[0].revision });
        }),
      ];
      const each = () => [ours.size > before[0], three.size > before[1], whole.size > before[2], bands.size > before[3]];
      while (!each().every(Boolean)) await Promise.race([new Promise((next) => setImmediate(next)), ...(house.server.exitCode === null ? [] : [Promise.reject(new Error(house.said()))])]);
      house.server.kill("SIGKILL");
      await house.ended;
      going = false;
      await Promise.all(working);
      await house.serve();
    }

    // Everything it said it has.
    for (const [id, at] of [...ours]) {
      const page = await family.ask(`/child/${child}/records/${id}`);
      assert.ok(page.status === 200 && page.text.includes(`家里第 ${at} 件事`), `the family's record ${at}: ${page.status} ${page.location}`);
      for (const size of ["", "/small"]) assert.equal((await family.ask(`/child/${child}/evidence/${id}/1${size}`)).status, 200, `its photo ${at}`);
    }
    for (const [id, at] of three) {
      const page = await lin.ask(`/class/${classId}/records/${id}`);
      assert.ok(page.status === 200 && page.text.includes(`一人第 ${at} 件事`), `the record ${at}`);
      for (const photo of [1, 2, 3]) assert.equal((await lin.ask(`/class/${classId}/evidence/${id}/${photo}`)).status, 200, `photo ${photo} of ${at}`);
    }
    const calendar = (await lin.ask(`/class/${classId}/calendar`)).text;
    for (const at of whole.values()) assert.ok(calendar.includes(`全班第 ${at} 件事`), `the class's record ${at}`);
    const grid = (await lin.ask(school.grid)).text;
    const stand = [...grid.matchAll(/data-student="[^"]+"([^>]*data-domain[^>]*)>/g)].map((found) => Number(/data-revision="([^"]+)"/.exec(found[1])[1]));
    assert.equal(stand.length, PUPILS * DOMAINS.length);
    assert.ok(Math.min(...stand) >= [...bands.values()].at(-1).revision, "the bands that were saved last");

    // Nothing by halves: a save of the class is all its cells; whatever activity is there,
    // acknowledged or not, has all its pupils and all its photos.
    assert.equal(new Set(stand).size, 1, `one revision for all: ${stand}`);
    const there = [...new Set([...calendar.matchAll(new RegExp(`/class/${classId}/records/([0-9a-f]{32})`, "g"))].map((found) => found[1]))];
    assert.ok(there.length >= three.size + whole.size);
    for (const id of there) {
      const page = (await lin.ask(`/class/${classId}/records/${id}`)).text;
      const [pupils, shown] = [(page.match(/>撤下<span/g) || []).length, (page.match(/\/remove"/g) || []).length];
      assert.ok((pupils === PUPILS && shown === 0) || (pupils === 1 && shown === 3), `${id}: ${pupils} pupils, ${shown} photos`);
      for (let photo = 1; photo <= shown; photo++) assert.equal((await lin.ask(`/class/${classId}/evidence/${id}/${photo}`)).status, 200);
    }
    // And every file is what its name says.
    const files = store === "a folder" ? await inFolder(join(house.folder, "files")) : await bucket.all();
    // So small, each photo is its own thumbnail.
    assert.ok(files.length >= ours.size + 3 * three.size, `${files.length} files of ${ours.size} and ${three.size} records`);
    for (const [name, bytes] of files) assert.equal(sha256(bytes), name);
    const checked = await house.run("journal", "check");
    assert.equal(checked.code, 0, checked.out + checked.err);
  });
}
