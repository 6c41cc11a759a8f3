import { expect, test } from "vitest";
import { filesOfReport } from "../../src/library/report.ts";
import { readRun } from "../../src/library/results.ts";
import {
  foundIn,
  hasTimes,
  pageOf,
  resultsOf,
  withoutWaiting,
} from "../../src/page/live-report/run-report.ts";
import type { ResultLine, RunLine } from "../../src/record/schema/result-lines.ts";
import { builtScripts } from "../../src/report/page/script.ts";
import { pageStyle } from "../../src/report/page/style.ts";
import { exampleLines } from "./fake-engine.ts";

const [run, ...rest] = exampleLines();
const lines = rest as readonly Exclude<ResultLine, RunLine>[];
const resultsAfter = (count: number) =>
  resultsOf(withoutWaiting({ name: "example", run: run as RunLine, lines: lines.slice(0, count) }));

test("the report that is saved is the one that attnbench report makes of the file", async () => {
  const text = exampleLines()
    .map((line) => `${JSON.stringify(line)}\n`)
    .join("");
  const files = await filesOfReport([readRun({ text, name: "example.jsonl" })], { formats: ["html"] });
  expect(await pageOf(resultsAfter(lines.length), "file", builtScripts())).toBe(files.get("index.html"));
});

test("what is framed has the one style that the page's policy knows, and its scripts or none", async () => {
  const scripts = builtScripts();
  const still = await pageOf(resultsAfter(200), "still", scripts);
  const live = await pageOf(resultsAfter(200), "live", scripts);
  for (const page of [still, live]) {
    expect([...page.matchAll(/<style>(.*?)<\/style>/gs)].map(([, style]) => style)).toEqual([pageStyle()]);
  }
  const scriptsOf = (page: string) => [...page.matchAll(/<script>(.*?)<\/script>/gs)].map(([, text]) => text);
  expect(scriptsOf(still)).toEqual([]);
  expect(scriptsOf(live)).toEqual([scripts.vega, scripts.own]);
});

test("at any line of a run there is something to say, and a page", async () => {
  for (const count of [0, 1, 35, 36, 40, 99]) {
    const results = resultsAfter(count);
    const found = foundIn(results);
    if (hasTimes(results)) expect(found).toContain("variant");
    else expect(found).toBe("nothing has a time yet");
    expect(found).not.toMatch(/before its first round|ended early/);
    expect(await pageOf(results, "still", builtScripts())).toContain("</html>");
  }
});
