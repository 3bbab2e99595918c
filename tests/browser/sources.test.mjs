// What can be read from the sources themselves: no word that ranks, nothing that old
// school computers (Chromium 86, Safari 14) do not know, no style in the page, and
// colours that can be read.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { banned } from "./looking.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

function files(folder, ending) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return files(path, ending);
    return ending.test(entry.name) ? [path] : [];
  });
}
const read = (path) => readFileSync(join(root, path), "utf8");
const templates = files("templates", /\.html$/);
const styles = files("assets", /\.css$/);

test("no word that ranks stands in templates, assets, printed pages or seeds", () => {
  const all = ["templates", "assets", "seed"].flatMap((folder) => files(folder, /\.(html|typ|css|js|svg|csv|toml|txt)$/));
  assert.ok(all.length > 40, "the folders are where they were");
  const found = all.flatMap((path) => read(path).split("\n").map((line, n) => [`${path}:${n + 1}`, banned(line)])).filter(([, word]) => word);
  assert.deepEqual(found, []);
});

test("the word list catches what it is for", () => {
  for (const said of ["班级排名", "第 3 名", "第三名", "综合得分", "总分 92", "击败了同学", "超过了 80% 的同学", "年级名次"]) assert.ok(banned(said), said);
  assert.equal(banned("只描述孩子自己的成长，没有名次。"), undefined);
});

test("style sheets keep to what Chromium 86 and Safari 14 know", () => {
  const young = /color-mix\(|oklch\(|oklab\(|:has\(|@layer|@container|@scope|:is\(|:where\(|\binset:|aspect-ratio|&\s*[.:>{]|data:|url\(|@import|\b(d|s|l)v[hw]\b/;
  for (const path of styles) {
    const text = read(path).replace(/\/\*.*?\*\//gs, "");
    text.split("\n").forEach((line, n) => assert.doesNotMatch(line, young, `${path}:${n + 1}`));
    assert.equal(text.split("{").length, text.split("}").length, `${path} closes what it opens`);
  }
});

test("scripts keep to the syntax that these browsers read", () => {
  const young = /\?\?=|\|\|=|&&=|\.at\(|replaceAll\(|structuredClone|Object\.hasOwn|static \{|#[a-z]+\s*[=(;]|<dialog|showModal|\binert\b|findLast|await import/;
  for (const path of files("assets", /\.js$/)) read(path).split("\n").forEach((line, n) => assert.doesNotMatch(line.replace(/\/\/.*/, ""), young, `${path}:${n + 1}`));
});

test("no template carries a style or a script of its own, or asks for anything elsewhere", () => {
  for (const path of templates) {
    const text = read(path);
    assert.doesNotMatch(text, /\sstyle=|<style|\son[a-z]+="/, path);
    for (const [, attributes] of text.matchAll(/<script([^>]*)>/g)) assert.match(attributes, /src="|type="application\/json"/, path);
    assert.doesNotMatch(text, /(?:src|href|action)="(?:https?:)?\/\//, path);
  }
});

test("every template's picture is in the sprite", () => {
  const sprite = new Set([...read("assets/icons.svg").matchAll(/<symbol id="([^"]+)"/g)].map((found) => found[1]));
  for (const path of templates) {
    for (const [, name] of read(path).matchAll(/<icon name="([^"]+)"/g)) assert.ok(sprite.has(name), `${relative(root, path)}: ${name}`);
  }
});

test("text can be read on what it stands on: 4.5 to 1, and 3 to 1 for the edges of controls", () => {
  const css = read("assets/app.css");
  const token = (name) => (name.startsWith("#") ? name : new RegExp(`--${name}:\\s*(#[0-9a-f]{3,6})`).exec(css)[1]);
  const light = (hex) => {
    const full = hex.length === 4 ? [...hex.slice(1)].map((digit) => digit + digit).join("") : hex.slice(1);
    const [r, g, b] = [0, 2, 4].map((at) => parseInt(full.slice(at, at + 2), 16) / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [a, b] = [light(token(one)), light(token(other))].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  };
  const pairs = [
    ...["ink", "ink-2", "ink-3"].flatMap((ink) => ["card", "paper", "sunken"].map((ground) => [ink, ground])),
    ...["moral", "academic", "physical", "aesthetic", "labour"].flatMap((domain) => [[domain, "card"], [domain, `${domain}-t`], ["#fff", domain]]),
    ["qing-700", "card"], ["qing-700", "qing-50"], ["#fff", "qing-700"], ["#fff", "qing-900"], ["warn", "warn-50"], ["warn", "card"], ["zhu", "card"], ["#fff", "zhu"], ["zhu-dark", "card"],
    ["#0b3b38", "#c5e2dc"], ["#0d4f4a", "#e8f3f0"], ["#5a625e", "#f6f5ef"],
  ];
  for (const [text, ground] of pairs) assert.ok(contrast(text, ground) >= 4.5, `${text} on ${ground}: ${contrast(text, ground).toFixed(2)}`);
  for (const [edge, ground] of [["ctl", "card"], ["focus", "card"], ["focus", "paper"]]) assert.ok(contrast(edge, ground) >= 3, `${edge} on ${ground}`);
});

test("no lock file names the place its packages came from", () => {
  assert.doesNotMatch(read("tests/browser/package-lock.json"), /"resolved"/);
});
