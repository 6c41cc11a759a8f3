import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Format } from "../../src/report/formats.ts";
import { writeReport } from "../../src/report/write-report.ts";
import { sampleResults } from "./sample-results.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "attnbench-report-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const first = sampleResults();
const second = { ...first, run: { ...first.run, started: "2031-01-01T00:00:00.000Z" } };
const write = (results: readonly (typeof first)[], ...formats: Format[]) =>
  writeReport(results, folder, { formats });
const names = (...ends: string[]) =>
  readdirSync(folder).filter((name) => ends.some((end) => name.endsWith(end)));

test("a report in the folder of one on other results leaves none of its charts", async () => {
  await write([first, second], "html", "svg", "vega", "md");
  expect(names("-2.svg")).not.toEqual([]);
  const removed: string[] = [];
  const paths = await writeReport([second], folder, {
    formats: ["html"],
    removed: (gone) => removed.push(...gone),
  });
  expect(readdirSync(folder)).toEqual(["index.html"]);
  expect(paths).toEqual([join(folder, "index.html")]);
  expect(removed).toContain("time-1.svg");
});

test("formats are added to a report on the same results", async () => {
  await write([first], "html", "svg");
  await write([first], "md", "vega");
  expect(names("index.html", "summary.md")).toHaveLength(2);
  expect(names(".svg")).toHaveLength(names(".vl.json").length);
});

test("where neither page nor summary tells of which results, a chart that changed does", async () => {
  const fewer = { ...first, rows: first.rows.slice(1) };
  await write([first], "svg", "vega");
  await write([first], "vega");
  expect(names(".svg")).not.toEqual([]);
  await write([fewer], "vega");
  expect(names(".svg")).toEqual([]);
  // Of what has no file in common nothing is known.
  await write([first], "svg");
  expect(names(".vl.json")).not.toEqual([]);
});

test("a stranger's files stay, whatever their names", async () => {
  await write([first], "html", "svg");
  const strange = {
    "time-2.svg": "<svg>mine</svg>",
    "cases.csv": "a,b\n",
    "work.vl.json": "{}",
    "time.txt": "x",
    "summary.md": "# Mine",
  };
  for (const [name, text] of Object.entries(strange)) writeFileSync(join(folder, name), text);
  mkdirSync(join(folder, "pairs-7.svg"));
  await write([second], "html");
  for (const [name, text] of Object.entries(strange))
    expect(readFileSync(join(folder, name), "utf8")).toBe(text);
  expect(readdirSync(folder).sort()).toEqual([...Object.keys(strange), "index.html", "pairs-7.svg"].sort());
});

test("a folder with nothing of ours but names is left alone", async () => {
  writeFileSync(join(folder, "time.png"), "\x89PNG and so on", "latin1");
  writeFileSync(join(folder, "index.html"), "<p>mine");
  await write([first], "md");
  expect(readdirSync(folder).sort()).toEqual(["index.html", "summary.md", "time.png"]);
});
