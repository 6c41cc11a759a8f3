import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { drawCharts } from "../../../src/report/drawings.ts";
import { renderPage } from "../../../src/report/page/page.ts";
import { noChromium, openChromium, whyNoChromium } from "../../browser/chromium.ts";
import { scratchFolder } from "../../input/scratch-folder.ts";
import { learnedAndTimed } from "../sample-learned.ts";

const folder = scratchFolder();
const CHARTS = ["recall-by-state", "learning-curves", "learned-arena"];
/** Milliseconds within which what is waited for has come, or never will. */
const HANG_MS = 300_000;
const TASKS = ["mqar", "selective-copy", "list-ops"];

/** What a chart of the page says, once it is drawn by the page's script. */
const wordsOf = (page: Page, chart: string) =>
  page.locator(`figure[id$=${chart}] .live svg text`).allTextContents();
/** Waits until it says so, however long drawing takes; while it is drawn anew it says nothing. */
const toSay = (page: Page, chart: string, words: RegExp) =>
  expect
    .poll(async () => (await wordsOf(page, chart)).join(" "), { message: chart, timeout: HANG_MS })
    .toMatch(words);
const selectOf = (page: Page, chart: string) => page.locator(`figure[id$=${chart}] select[name=task]`);

describe.skipIf(noChromium)(`pictures of what was learned, in Chromium${whyNoChromium}`, () => {
  let browser: Browser;
  let page: Page;
  const faults: string[] = [];
  beforeAll(async () => {
    const path = join(folder.path, "page.html");
    writeFileSync(path, renderPage([await drawCharts(learnedAndTimed({ tasks: 3 }))]));
    browser = await openChromium();
    page = await browser.newPage();
    page.setDefaultTimeout(HANG_MS);
    page.on("pageerror", (error) => faults.push(String(error)));
    await page.goto(pathToFileURL(path).href);
    for (const details of await page.locator("details").all()) {
      await details.evaluate((one) => one.setAttribute("open", ""));
    }
    for (const chart of CHARTS) {
      await page.locator(`figure[id$=${chart}]`).scrollIntoViewIfNeeded();
      await page.locator(`figure[id$=${chart}].is-live`).waitFor();
    }
  });
  afterAll(() => browser?.close());

  test("show all tasks until one is chosen, which all of them then show alone", async () => {
    for (const chart of CHARTS) {
      await toSay(page, chart, /mqar.*selective-copy.*list-ops/s);
      expect(await selectOf(page, chart).locator("option").allTextContents()).toEqual(["all 3", ...TASKS]);
    }
    await selectOf(page, "learning-curves").selectOption({ label: "selective-copy" });
    for (const chart of CHARTS) {
      expect(await selectOf(page, chart).inputValue(), chart).toBe("1");
      await toSay(page, chart, /^(?!.*(mqar|list-ops)).*selective-copy/s);
    }
    await selectOf(page, "recall-by-state").selectOption({ label: "all 3" });
    for (const chart of CHARTS) {
      await toSay(page, chart, /mqar.*list-ops/s);
    }
    expect(faults).toEqual([]);
  });
});
