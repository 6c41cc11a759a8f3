import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { comparisonOf } from "../../src/compare/compare-results.ts";
import type { Format } from "../../src/report/formats.ts";
import { unitCharts } from "../../src/report/topics/index.ts";
import { writeReport } from "../../src/report/write-report.ts";
import { sampleResults } from "./sample-results.ts";

const charts = unitCharts("pass");
/** An exponent takes four lengths. */
const ofFew = charts.filter(({ id }) => id !== "exponents");

/** Every chart has something to draw in them, and is drawn soon. */
const few = () => sampleResults({ variants: 2, lengths: [256, 512, 1024] });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "attnbench-report-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("a report is a page, a summary, and each chart as picture and as Vega-Lite, and nothing else", async () => {
  const paths = await writeReport([sampleResults()], join(folder, "deep", "er"));
  expect(paths.map((path) => basename(path))).toEqual([
    "index.html",
    "summary.md",
    ...charts.flatMap(({ id }) => [`${id}.svg`, `${id}.vl.json`]),
  ]);
  expect((await readdir(join(folder, "deep", "er"))).sort()).toEqual(
    paths.map((path) => basename(path)).sort(),
  );
  const spec = JSON.parse(await readFile(paths[3], "utf8"));
  expect(spec.$schema).toBe("https://vega.github.io/schema/vega-lite/v6.json");
  expect(spec.data.values).toHaveLength(35);
  expect(await readFile(paths[2], "utf8")).toMatch(/^<svg /);
});

test("the charts of several files are numbered", async () => {
  const sample = few();
  const second = { ...sample, comparison: comparisonOf(sample, sample) };
  const paths = await writeReport([sample, second], folder);
  expect(paths.map((path) => basename(path))).toContain("work-2.svg");
  // The second file has one more, which holds it against the first.
  expect(paths).toHaveLength(2 + 2 * (ofFew.length + ofFew.length + 1));
});

test("the same results give the same bytes, over an older report too", async () => {
  const read = async (paths: readonly string[]) => Promise.all(paths.map((path) => readFile(path, "utf8")));
  const first = await read(await writeReport([few()], folder));
  expect(await read(await writeReport([few()], folder))).toEqual(first);
  expect(await readdir(folder)).toHaveLength(2 + 2 * ofFew.length);
});

test("charts that have nothing to draw leave no file", async () => {
  const failed = sampleResults({ alter: (line) => ({ ...line, outcome: "failed", reason: "red" }) });
  expect(await writeReport([failed], folder, { formats: ["html", "svg", "png", "vega"] })).toEqual([
    join(folder, "index.html"),
  ]);
});

test("a report that cannot be written whole leaves no file that was not there before", async () => {
  await mkdir(join(folder, "work.svg"));
  await expect(writeReport([few()], folder)).rejects.toThrow("must be a regular file");
  expect(await readdir(folder)).toEqual(["work.svg"]);
  await writeFile(join(folder, "time.svg"), "old");
  await writeFile(join(folder, "index.html"), "old");
  await expect(writeReport([few()], folder)).rejects.toThrow("must be a regular file");
  expect((await readdir(folder)).sort()).toEqual(["index.html", "time.svg", "work.svg"]);
  expect(await readFile(join(folder, "index.html"), "utf8")).toBe("old");
});

test("each format writes its files and no other", async () => {
  const names = async (formats: readonly Format[]) => {
    const own = join(folder, formats.join("-"));
    const tables = { cases: () => "variant\r\n", learned: () => "task\r\n" };
    await writeReport([few()], own, { formats, tables });
    return (await readdir(own)).sort();
  };
  const each = (ending: string) => ofFew.map(({ id }) => `${id}.${ending}`).sort();
  expect(await names(["html"])).toEqual(["index.html"]);
  expect(await names(["md"])).toEqual(["summary.md"]);
  expect(await names(["csv"])).toEqual(["cases.csv"]);
  expect(await names(["svg"])).toEqual(each("svg"));
  expect(await names(["vega"])).toEqual(each("vl.json"));
  expect(await names(["png"])).toEqual(each("png"));
});

test("the summary links to what was written beside it: the page, pictures before pixels", async () => {
  const links = async (formats: readonly Format[]) => {
    await writeReport([few()], folder, { formats });
    return [...(await readFile(join(folder, "summary.md"), "utf8")).matchAll(/\]\(([^)]*)\)/g)].map(
      ([, to]) => to,
    );
  };
  expect(await links(["md"])).toEqual([]);
  expect(await links(["md", "html"])).toEqual(["index.html"]);
  expect(await links(["md", "png"])).toEqual(ofFew.map(({ id }) => `${id}.png`));
  expect(await links(["md", "png", "svg"])).toEqual(ofFew.map(({ id }) => `${id}.svg`));
});

test("a folder in which none can be made is one clear line", async () => {
  await expect(writeReport([sampleResults({ variants: 1 })], "/proc/attnbench/report")).rejects.toThrow(
    /\/proc\/attnbench\/report: cannot be made, /,
  );
});

test("a folder that cannot be made is one clear line", async () => {
  const taken = join(folder, "taken");
  await writeFile(taken, "");
  await expect(writeReport([sampleResults({ variants: 1 })], taken)).rejects.toThrow(
    /taken: cannot be made, a file is in its place; name a folder/,
  );
});
