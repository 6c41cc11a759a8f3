import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { compare, readResults, report } from "../../src/library/index.ts";
import { suitePage } from "../../src/page/document/page.ts";
import { builtSuiteScripts } from "../../src/page/document/scripts.ts";
import { type PageServer, servePage } from "../../src/page/server/serve-page.ts";
import type { ResultLine } from "../../src/record/schema/result-lines.ts";
import { noChromium, openChromium, whyNoChromium } from "../browser/chromium.ts";
import { hostile } from "../report/hostile-results.ts";
import { exampleLines, fakeEngine } from "./fake-engine.ts";

/** The page, with an engine that tells what a results file says. */
const pageWith = (engine: string) => suitePage(builtSuiteScripts(() => engine));

/** Milliseconds within which what is waited for has come, or never will. */
const HANG_MS = 300_000;

let browser: Browser;
let folder = "";
const servers: PageServer[] = [];
const contexts: BrowserContext[] = [];

beforeAll(async () => {
  if (noChromium) return;
  folder = await mkdtemp(join(tmpdir(), "attnbench-page-"));
  browser = await openChromium();
});
// An engine that hangs takes a core for itself, and pages of earlier tests draw on.
afterEach(async () => {
  for (const context of contexts.splice(0)) await context.close();
});
afterAll(async () => {
  if (noChromium) return;
  await browser.close();
  for (const server of servers) await server.close();
  await rm(folder, { recursive: true, force: true });
});

const places = {
  "from disk": async (engine: string) => {
    const path = join(folder, `page-${Math.random()}.html`);
    await writeFile(path, pageWith(engine).html);
    return pathToFileURL(path).href;
  },
  served: async (engine: string) => {
    const server = await servePage(pageWith(engine), 0);
    servers.push(server);
    return server.address;
  },
} as const;

interface Opened {
  readonly page: Page;
  /** What nobody should see: messages of the console, errors, dialogs, requests to elsewhere. */
  readonly noise: readonly string[];
}

async function opened(
  place: keyof typeof places,
  engine: string,
  options: BrowserContextOptions = {},
): Promise<Opened> {
  const address = await places[place](engine);
  const context = await browser.newContext(options);
  contexts.push(context);
  const page = await context.newPage();
  page.setDefaultTimeout(HANG_MS);
  const noise: string[] = [];
  page.on("console", (message) => noise.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => noise.push(`error: ${error.message}`));
  page.on("request", (request) => {
    const url = request.url();
    if (url !== address && !url.startsWith("blob:") && !url.startsWith("data:"))
      noise.push(`request: ${url}`);
  });
  await page.goto(address);
  await page.waitForSelector("html[data-ready]");
  return { page, noise };
}

const status = (page: Page) => page.locator("#status");
const waitFor = (page: Page, text: string) =>
  status(page).filter({ hasText: text }).waitFor({ timeout: HANG_MS });

/** Tries to leave the page, and tells whether it asks first; it then stays. */
async function leavingAsks(page: Page): Promise<boolean> {
  const asks = page.waitForEvent("dialog").then(async (dialog) => {
    await dialog.dismiss();
    return true;
  });
  // A page that is left asks nothing.
  asks.catch(() => {});
  return await page.goto("about:blank").then(
    () => false,
    () => asks,
  );
}

async function saved(page: Page, button: string): Promise<{ readonly name: string; readonly path: string }> {
  const [download] = await Promise.all([page.waitForEvent("download"), page.click(button)]);
  const path = join(folder, `${Math.random()}-${download.suggestedFilename()}`);
  await download.saveAs(path);
  return { name: download.suggestedFilename(), path };
}

describe.skipIf(noChromium).for(Object.keys(places) as (keyof typeof places)[])(
  `the page %s${whyNoChromium}`,
  (place) => {
    test("runs, shows the report, and saves the lines that it was told; nothing is said or asked elsewhere", async () => {
      const { page, noise } = await opened(place, fakeEngine());
      await page.click("#run");
      await waitFor(page, "done");
      await page.waitForSelector("#frame iframe");
      // Its charts wake when they come into sight.
      await page.locator("#report").evaluate((section) => section.scrollIntoView());
      await page.frameLocator("#frame iframe").locator("figure.is-live").first().waitFor();
      expect(await page.locator("#found").textContent()).toContain("Fastest at 4k: global");
      const { name, path } = await saved(page, "#save-results");
      expect(name).toMatch(/^attnbench-\d{8}T\d{6}\.jsonl$/);
      expect(readFileSync(path, "utf8")).toBe(
        exampleLines()
          .map((line) => `${JSON.stringify(line)}\n`)
          .join(""),
      );
      expect(noise).toEqual([]);
    });

    test("what it saves is read by report and compare, and its report is the one that they make", async () => {
      const { page, noise } = await opened(place, fakeEngine());
      await page.click("#run");
      await waitFor(page, "done");
      await page.waitForSelector("#frame iframe");
      const results = await saved(page, "#save-results");
      const html = await saved(page, "#save-report");
      const read = await readResults({ text: readFileSync(results.path), name: results.name });
      const files = await report(read, { formats: ["html"] });
      expect(readFileSync(html.path, "utf8")).toBe(files.get("index.html"));
      const { cells } = await compare(read, read);
      expect(cells).toHaveLength(35);
      expect(noise).toEqual([]);
    });

    test("stops between two calls, keeps what it has, and runs again the same or anew", async () => {
      const { page, noise } = await opened(place, fakeEngine({ waitsAfter: 60 }));
      await page.fill("input[name=lengths]", "256,512");
      await page.click("#run");
      await page.locator("#phase").filter({ hasText: "measuring" }).waitFor();
      expect(await page.locator("#run").isDisabled()).toBe(true);
      await page.click("#stop");
      await waitFor(page, "stopped");
      const { path } = await saved(page, "#save-results");
      const lines = readFileSync(path, "utf8").trimEnd().split("\n");
      expect(lines).toHaveLength(61);
      await page.fill("input[name=lengths]", "1k");
      await page.click("#rerun");
      await page.locator("#remarks").filter({ hasText: '"lengths":"256,512"' }).waitFor();
      await page.click("#stop");
      await waitFor(page, "stopped");
      await page.click("#run");
      await page.locator("#remarks").filter({ hasText: '"lengths":"1k"' }).waitFor();
      await page.click("#stop");
      await waitFor(page, "stopped");
      expect(noise).toEqual([]);
    });

    test("an engine that hangs is stopped at once by asking twice, and the next run works", async () => {
      const { page, noise } = await opened(place, fakeEngine({ hangsAfter: 50 }));
      await page.click("#run");
      await page.locator("#phase").filter({ hasText: "measuring" }).waitFor();
      await page.click("#stop");
      await page.locator("#stop").filter({ hasText: "Stop now" }).click();
      await waitFor(page, "stopped at once");
      await page.click("#rerun");
      await page.locator("#phase").filter({ hasText: "measuring" }).waitFor();
      expect(noise).toEqual([]);
    });

    test("an engine that breaks is told in one line, and what it measured stands", async () => {
      const { page, noise } = await opened(place, fakeEngine({ breaksAfter: 100 }));
      await page.click("#run");
      await waitFor(
        page,
        "ended by a failure: Uncaught Error: out of order; what was measured until then stands",
      );
      const { path } = await saved(page, "#save-results");
      expect(readFileSync(path, "utf8").trimEnd().split("\n")).toHaveLength(100);
      expect(noise).toEqual([]);
    });

    test("what is refused is told by the label of its field, and the next run is not held up by it", async () => {
      const { page, noise } = await opened(place, fakeEngine());
      await page.fill("input[name=lengths]", "no");
      await page.click("#run");
      await page
        .locator("#refused")
        .filter({ hasText: /^lengths: must be lengths, got 'no'$/ })
        .waitFor();
      await page.fill("input[name=lengths]", "");
      await page.click("#run");
      await waitFor(page, "done");
      expect(await page.locator("#refused").isVisible()).toBe(false);
      expect(noise).toEqual([]);
    });

    test("a run that is refused leaves the one before as it is: its report, its lines, its choices, and that they are unsaved", async () => {
      const { page, noise } = await opened(place, fakeEngine());
      await page.fill("input[name=lengths]", "1k");
      await page.click("#run");
      await waitFor(page, "done");
      await page.waitForSelector("#frame iframe");
      await page.fill("input[name=lengths]", "no");
      await page.click("#run");
      await page.locator("#refused").filter({ hasText: "must be lengths" }).waitFor();
      expect(await leavingAsks(page)).toBe(true);
      const results = await saved(page, "#save-results");
      const html = await saved(page, "#save-report");
      expect(readFileSync(results.path, "utf8").trimEnd().split("\n")).toHaveLength(exampleLines().length);
      expect(results.name).toMatch(/^attnbench-\d{8}T\d{6}\.jsonl$/);
      expect(html.name).toBe(results.name.replace(".jsonl", ".html"));
      expect(await status(page).textContent()).toBe("done");
      expect(await page.locator("#remarks").textContent()).toContain('"lengths":"1k"');
      await page.click("#rerun");
      await page.locator("#refused").waitFor({ state: "hidden" });
      await waitFor(page, "done");
      expect(await page.locator("#remarks").textContent()).toContain('"lengths":"1k"');
      expect(noise).toEqual([]);
    });

    test("hostile names in its lines are text, in the page and in its report", async () => {
      const { page, noise } = await opened(place, fakeEngine({ lines: hostileLines() }));
      page.on("dialog", () => expect.unreachable("a script of the lines ran"));
      await page.click("#run");
      await waitFor(page, "done");
      const frame = page.frameLocator("#frame iframe");
      await frame.locator("main").waitFor();
      expect(await page.locator("img").count()).toBe(0);
      expect(await frame.locator("img").count()).toBe(0);
      expect(await page.locator("#found").textContent()).not.toMatch(/\p{Cf}|(?!\n)\p{Cc}/u);
      expect(noise).toEqual([]);
    });

    test("says what its clock can see, and what it lacks", async () => {
      const { page } = await opened(place, fakeEngine());
      const facts = await page.locator("#browser").textContent();
      expect(facts).toContain("Its clock steps every 100 µs");
      expect(facts).toContain(place === "served" ? "is isolated" : "is not isolated");
      expect(await page.locator("#browser .lack").count()).toBe(1);
    });

    test("at the width of a phone nothing is wider than the screen, before and after a run, and what kernels are lines up", async () => {
      const { page, noise } = await opened(place, fakeEngine(), {
        viewport: { width: 360, height: 740 },
        colorScheme: "dark",
        hasTouch: true,
        isMobile: true,
      });
      const excess = () => page.evaluate("document.documentElement.scrollWidth - innerWidth");
      expect(await excess()).toBe(0);
      const lefts = await page
        .locator("#kernels .count")
        .evaluateAll((abouts) => abouts.map((about) => about.getBoundingClientRect().left));
      expect(lefts).toHaveLength(3);
      expect(new Set(lefts).size).toBe(1);
      await page.click("details.further summary");
      expect(await excess()).toBe(0);
      await page.click("#run");
      await waitFor(page, "done");
      await page.waitForSelector("#frame iframe");
      expect(await excess()).toBe(0);
      await page.click("#enlarge");
      expect(await excess()).toBe(0);
      expect(noise).toEqual([]);
    });
  },
);

describe.skipIf(noChromium)(`the form of the page${whyNoChromium}`, () => {
  test("variants are filtered by name, title and family, and those out of sight stay as chosen", async () => {
    const { page } = await opened("from disk", fakeEngine());
    const shown = () => page.locator("#families input[name=variants]:visible").count();
    expect(await shown()).toBe(9);
    await page.fill("#filter", "linear");
    expect(await shown()).toBe(2);
    await page.click("button[data-pick=shown]");
    expect(await page.locator("#chosen").textContent()).toBe("8 of 9 chosen, 2 shown");
    await page.fill("#filter", "nothing");
    expect(await page.locator(".empty").isVisible()).toBe(true);
    await page.fill("#filter", "");
    await page.click("button[data-pick=none]");
    await page.getByRole("checkbox", { name: "sparse", exact: true }).check();
    await page.click("#run");
    await page
      .locator("#remarks")
      .filter({ hasText: '"variants":["local","stride","global","longformer","bigbird"]' })
      .waitFor();
  });

  test("a run is asked for what the form says, under the names of the choices", async () => {
    const { page } = await opened("from disk", fakeEngine());
    await page.click("button[data-pick=none]");
    await page.fill("input[name=lengths]", " 1k,2k ");
    await page.fill("input[name=heads]", "4");
    await page.fill("input[name=headDim]", "32");
    await page.selectOption("select[name=mode]", "decode");
    await page.selectOption("select[name=dtype]", "float16");
    await page.fill("input[name=budget]", "5m");
    await page.check("input[name=causal]");
    await page.check("input[name=kernels][value=js]");
    await page.click("details.further summary");
    await page.fill("input[name=kvHeads]", "2");
    await page.fill("input[name=valueDim]", "16");
    await page.fill("input[name=batch]", "2");
    await page.fill("input[name=threads]", "3");
    await page.fill("input[name=rounds]", "7");
    await page.fill("input[name=seed]", "0");
    await page.selectOption("select[name=input]", "peaked");
    await page.fill("textarea[name=set]", "local.window=8\n\nstride.reach=none\n");
    await page.click("#run");
    const asked = await page.locator("#remarks li").first().textContent();
    expect(JSON.parse(asked?.replace("asked: ", "") ?? "")).toEqual({
      kernels: ["js"],
      lengths: "1k,2k",
      heads: 4,
      headDim: 32,
      mode: "decode",
      dtype: "float16",
      budget: "5m",
      causal: true,
      kvHeads: 2,
      valueDim: 16,
      batch: 2,
      threads: 3,
      rounds: 7,
      seed: 0,
      input: "peaked",
      set: ["local.window=8", "stride.reach=none"],
    });
  });

  test("kernels that cannot run say why, and cannot be chosen", async () => {
    const { page } = await opened("from disk", fakeEngine());
    expect(await page.locator("input[name=kernels][value=webgpu]").isDisabled()).toBe(true);
    expect(await page.locator("#kernels").textContent()).toContain(
      "cannot run here: the browser has no adapter",
    );
  });

  test("leaving during a run, and before its lines are saved, asks first; afterwards it does not", async () => {
    const { page } = await opened("from disk", fakeEngine({ waitsAfter: 60 }));
    await page.click("#run");
    await page.locator("#phase").filter({ hasText: "measuring" }).waitFor();
    expect(await leavingAsks(page)).toBe(true);
    await page.click("#stop");
    await waitFor(page, "stopped");
    expect(await leavingAsks(page)).toBe(true);
    await saved(page, "#save-results");
    expect(await leavingAsks(page)).toBe(false);
  });

  test("all of it can be done by the keyboard, and the button that ends what it began takes the focus", async () => {
    const { page } = await opened("from disk", fakeEngine({ waitsAfter: 60 }));
    await page.focus("input[name=lengths]");
    await page.keyboard.press("Enter");
    await page.locator("#phase").filter({ hasText: "measuring" }).waitFor();
    await page.focus("#stop");
    await page.keyboard.press("Enter");
    await waitFor(page, "stopped");
    expect(await page.evaluate("document.activeElement.id")).toBe("run");
  });

  test("during a run the report is drawn anew, and the reader stays where they are", async () => {
    const { page, noise } = await opened("from disk", fakeEngine({ slowAfter: 60 }));
    await page.click("#run");
    const frame = page.frameLocator("#frame iframe");
    await frame.locator("main").waitFor();
    const first = await frame.locator("main").textContent();
    const inner = page.frames()[1];
    await inner.evaluate("window.scrollTo(0, 300)");
    const fold = await inner.evaluate(
      '(document.querySelector("details").open = true) && document.querySelector("details summary").textContent',
    );
    await frame
      .locator("main")
      .filter({ hasNotText: first ?? "" })
      .waitFor();
    expect(await inner.evaluate("scrollY")).toBe(300);
    // Other folds may have come before it.
    expect(
      await inner.evaluate(
        '[...document.querySelectorAll("details[open] > summary")].map((one) => one.textContent)',
      ),
    ).toContain(fold);
    await page.click("#stop");
    await waitFor(page, "stopped");
    expect(noise).toEqual([]);
  });
});

/** The lines of the example with every name and sentence hostile. */
function hostileLines(): readonly ResultLine[] {
  const fixed = new Set(["run", "case", "round", "measured", "forward", "full", "gaussian"]);
  const names = new Map<string, string>();
  const evil = (text: string) => {
    const known = names.get(text) ?? `${names.size}${hostile.slice(0, 300)}`;
    names.set(text, known);
    return known;
  };
  const poisoned = (value: unknown, key = ""): unknown => {
    if (typeof value === "string") return fixed.has(value) || key === "started" ? value : evil(value);
    if (Array.isArray(value)) return value.map((one) => poisoned(one));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, poisoned(inner, name)]));
  };
  return exampleLines().map((line) => poisoned(line) as ResultLine);
}
