// What every page must be, whatever it shows: looked at wide, on a phone and on a
// narrow one.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { NARROW, PHONE, WIDE } from "./browser.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

// UX.md 5.4. The one sentence that may say 名次 says that there is none.
export const BANNED = /排名|名次|第\s*[0-9一二三四五六七八九十n]+\s*名|总分|得分|平均分|击败|超过.{0,8}%|优等生|差生/;
export const banned = (text) => BANNED.exec(text.replaceAll("没有名次", ""))?.[0];

// Everything that is wrong with the page as it stands now.
export async function inspect(page, name) {
  const faults = [];
  const before = page.viewportSize();
  for (const size of [WIDE, PHONE, NARROW]) {
    await page.setViewportSize(size);
    const seen = await page.evaluate(async ([source, rules]) => {
      // A script tag would be stopped by the page's own policy.
      if (!window.axe) (0, eval)(source);
      const { violations } = await window.axe.run(document, { resultTypes: ["violations"], runOnly: { type: "tag", values: rules } });
      const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
      return {
        violations: violations.map((one) => `${one.id}: ${one.nodes.map((node) => `${node.target} (${node.any.concat(node.all, node.none).map((check) => check.message).join("; ")})`).slice(0, 4).join(" | ")}`),
        sideways: document.documentElement.scrollWidth - window.innerWidth,
        headings: [...document.querySelectorAll("h1")].filter((heading) => heading.offsetParent).length,
        styled: document.querySelectorAll("[style]").length,
        twice: ids.filter((id, n) => ids.indexOf(id) !== n),
        dangling: [...document.querySelectorAll('a[href^="#"], [for], [aria-describedby], [aria-labelledby]')].flatMap((one) =>
          [one.hash && decodeURIComponent(one.hash.slice(1)), one.htmlFor, ...["aria-describedby", "aria-labelledby"].flatMap((name) => (one.getAttribute(name) || "").split(" "))].filter((id) => id && !ids.includes(id))),
        text: document.body.innerText,
        language: document.documentElement.lang,
      };
    }, [axe, RULES]);
    const at = `${name} at ${size.width}`;
    for (const violation of seen.violations) faults.push(`${at}: ${violation}`);
    if (seen.sideways > 0) faults.push(`${at}: scrolls ${seen.sideways} px sideways`);
    if (seen.headings !== 1) faults.push(`${at}: ${seen.headings} main headings`);
    if (seen.styled) faults.push(`${at}: ${seen.styled} inline styles`);
    if (seen.twice.length) faults.push(`${at}: ids twice: ${seen.twice}`);
    if (seen.dangling.length) faults.push(`${at}: points at what is not there: ${seen.dangling}`);
    if (banned(seen.text)) faults.push(`${at}: says ${banned(seen.text)}`);
    if (seen.language !== "zh-CN") faults.push(`${at}: is in ${seen.language}`);
  }
  await page.setViewportSize(before);
  return faults;
}
