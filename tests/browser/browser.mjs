// Debian's Chromium, and people in it. Every page a test opens is watched: a request
// that leaves our host, a script that fails or a breach of the content policy is
// kept in `troubles`, and a test ends by looking that there were none.
import { chromium } from "playwright-core";

export const WIDE = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };
export const NARROW = { width: 320, height: 640 };

export function openBrowser() {
  // Launched this way Playwright gives a fresh profile folder and removes it again.
  return chromium.launch({
    executablePath: process.env.QINGHE_CHROMIUM || "/usr/bin/chromium",
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

// Someone with a browser profile of their own.
export async function person(browser, house, options = {}) {
  const context = await browser.newContext({
    baseURL: house.address,
    viewport: WIDE,
    locale: "zh-CN",
    timezoneId: "Asia/Shanghai",
    ...options,
  });
  context.setDefaultTimeout(15000);
  const troubles = [];
  context.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin !== house.address && !["data:", "blob:", "about:"].includes(url.protocol)) troubles.push(`asks elsewhere: ${url}`);
  });
  context.on("weberror", (error) => troubles.push(`script: ${error.error()}`));
  context.on("console", (message) => {
    // A refused request is told by the page; the browser's own line about it is not news.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) troubles.push(`console: ${message.text()}`);
  });
  const page = await context.newPage();
  return { context, page, troubles };
}

export async function signIn(page, login, password) {
  await page.goto("/sign-in");
  await page.getByLabel("账号", { exact: true }).fill(login);
  await page.getByLabel("密码", { exact: true }).fill(password);
  await page.getByRole("button", { name: "登录", exact: true }).click();
  await page.waitForURL((url) => url.pathname !== "/sign-in");
}
