import type { Server } from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CLOCK_STEPS } from "../../src/core/clock-steps.ts";
import { bundledEngine } from "../../src/page/bundle/bundled-engine.ts";
import type { EngineTells } from "../../src/page/protocol.ts";
import { readLines } from "../../src/record/read.ts";
import type { ResultLine } from "../../src/record/schema/result-lines.ts";
import { noChromium, openChromium, SOFTWARE_GPU, whyNoChromium } from "../browser/chromium.ts";
import { commandHost } from "../commands/hosted.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { askEngine, engineHtml, serveIsolated } from "./engine-page.ts";

const scratch = scratchFolder();
const ended = commandHost(scratch.path);

const linesOf = (told: readonly EngineTells[]): readonly ResultLine[] =>
  told.flatMap((one) => (one.tell === "line" ? [one.line] : []));

describe.skipIf(noChromium)(`the page's engine in Chromium${whyNoChromium}`, () => {
  let browser: Browser;
  let server: Server;
  let places: Record<"opened from a file" | "served", string>;
  beforeAll(async () => {
    const html = engineHtml(await bundledEngine());
    const served = await serveIsolated(html);
    server = served.server;
    const file = pathToFileURL(scratch.write("engine.html", html)).href;
    places = { "opened from a file": file, served: served.url };
    browser = await openChromium(SOFTWARE_GPU);
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  /** Opens the page and does something with it, which must leave nothing on the console. */
  async function onPage(place: keyof typeof places, act: (page: Page) => Promise<void>): Promise<void> {
    const page = await browser.newPage();
    page.setDefaultTimeout(300_000);
    const said: string[] = [];
    page.on("console", (message) => said.push(message.text()));
    page.on("pageerror", (thrown) => said.push(thrown.message));
    await page.goto(places[place]);
    await act(page);
    await page.close();
    expect(said).toEqual([]);
  }

  it.each(["opened from a file", "served"] as const)(
    "%s, measures js and wasm in a file that report and run --replay read",
    async (place) => {
      const name = place === "served" ? "served" : "opened";
      await onPage(place, async (page) => {
        const choices = { variants: ["full", "linear"], lengths: [64], kernels: ["js", "wasm"], rounds: 2 };
        const told = await askEngine(page, { ask: "run", choices }, "ended");
        expect(told.at(-1)).toEqual({ tell: "ended", stopped: false });
        const text = linesOf(told).map((line) => `${JSON.stringify(line)}\n`);
        scratch.write(`${name}.jsonl`, text.join(""));
      });
      const { run, lines } = readLines(join(scratch.path, `${name}.jsonl`));
      expect(run.environment.browser).toEqual({
        user_agent: expect.stringContaining("Chrome"),
        isolated: place === "served",
      });
      const cases = lines.filter((line) => line.type === "case");
      expect(cases.map(({ outcome, reason }) => [outcome, reason])).toEqual(
        Array(4).fill(["measured", null]),
      );
      const rounds = lines.filter((line) => line.type === "round");
      expect(rounds).toHaveLength(8);
      const step = run.environment.timer_resolution_s;
      for (const { samples, calls } of rounds) {
        expect(Math.min(...samples) * calls).toBeGreaterThanOrEqual(CLOCK_STEPS * step * (1 - 1e-6));
      }
      const report = await ended(`report ${name}.jsonl --out ${name}`);
      expect([report.code, report.stderr]).toEqual([0, ""]);
      const replay = await ended(`run --replay ${name}.jsonl --out ${name}-again.jsonl`);
      expect(replay.code).toBe(0);
      const again = readLines(join(scratch.path, `${name}-again.jsonl`));
      expect(again.run.plan.cases).toEqual(run.plan.cases);
    },
  );

  it("the two are compared like those of two machines", async () => {
    const plain = await ended("compare opened.jsonl served.jsonl");
    expect([plain.code, plain.stderr]).toEqual([
      2,
      expect.stringMatching(
        /compare: both files must come from the same machine and runtime, got browser not isolated, /,
      ),
    ]);
    expect((await ended("compare opened.jsonl opened.jsonl")).code).toBe(0);
  });

  it("served, divides the work of wasm kernels among threads, which opened from a file it has not", async () => {
    const choices = { variants: ["full"], lengths: [256], kernels: ["wasm"], threads: 3, rounds: 2 };
    await onPage("served", async (page) => {
      const told = await askEngine(page, { ask: "run", choices }, "ended");
      const [head, ...lines] = linesOf(told);
      expect(head.type === "run" && head.environment.ceilings?.map(({ threads }) => threads)).toEqual([
        3, 3, 3,
      ]);
      const cases = lines.filter((line) => line.type === "case");
      expect(cases.map(({ outcome, threads }) => [outcome, threads])).toEqual([["measured", 3]]);
      // Its threads are still there, and those of the machine's limits are new ones.
      const again = await askEngine(page, { ask: "run", choices }, "ended");
      expect(linesOf(again).filter(({ type }) => type === "round")).toHaveLength(2);
    });
    await onPage("opened from a file", async (page) => {
      expect(await askEngine(page, { ask: "run", choices })).toEqual([
        {
          tell: "refused",
          why: expect.stringMatching(/; threads share memory, which a browser allows only/),
        },
      ]);
    });
  });

  it("stops between two calls, and runs after that", async () => {
    await onPage("opened from a file", async (page) => {
      const choices = { variants: ["full"], lengths: [64], kernels: ["wasm"], rounds: 10_000 };
      await askEngine(page, { ask: "run", choices }, "line");
      const stopped = await askEngine(page, { ask: "stop" }, "ended");
      expect(stopped.at(-1)).toEqual({ tell: "ended", stopped: true });
      const again = await askEngine(page, { ask: "run", choices: { ...choices, rounds: 1 } }, "ended");
      expect(linesOf(again).map(({ type }) => type)).toEqual(["run", "case", "round"]);
    });
  });
});
