import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { COMPARISON_FORMATS, isComparisonFormat } from "../../../src/report/comparison/formats.ts";
import { writeComparison } from "../../../src/report/comparison/write-comparison.ts";
import { calmComparison, sampleComparison, slower } from "./sample-comparison.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "attnbench-comparison-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const names = {
  html: ["index.html"],
  md: ["comparison.md"],
  json: ["comparison.json"],
  junit: ["junit.xml"],
  bencher: ["bencher.json"],
  "github-action-benchmark": ["benchmark-smaller.json", "benchmark-bigger.json"],
  go: ["base.txt", "head.txt"],
  csv: ["comparison.csv", "work.csv", "one-sided.csv"],
  svg: ["ratio.svg"],
  png: ["ratio.png"],
  vega: ["ratio.vl.json"],
} as const;

test("each format writes its files and no other", async () => {
  expect(COMPARISON_FORMATS).toEqual(Object.keys(names));
  for (const format of COMPARISON_FORMATS) {
    const own = join(folder, format);
    const paths = await writeComparison(sampleComparison(), own, [format]);
    expect(paths).toEqual(names[format].map((name) => join(own, name)));
    expect((await readdir(own)).sort()).toEqual([...names[format]].sort());
  }
});

test("all formats at once, in a folder that is made, each file once", async () => {
  const paths = await writeComparison(sampleComparison(), join(folder, "deep", "er"), [
    ...COMPARISON_FORMATS,
    "md",
  ]);
  expect(paths.map((path) => basename(path))).toEqual(Object.values(names).flat());
  expect(await readFile(paths[0], "utf8")).toMatch(/^<!DOCTYPE html>/);
  expect((await readFile(join(folder, "deep", "er", "ratio.png"))).subarray(1, 4).toString()).toBe("PNG");
});

test("the same comparison gives the same bytes", async () => {
  const read = async (paths: readonly string[]) => Promise.all(paths.map((path) => readFile(path, "base64")));
  const first = await read(await writeComparison(sampleComparison(), folder, COMPARISON_FORMATS));
  expect(await read(await writeComparison(sampleComparison(), folder, COMPARISON_FORMATS))).toEqual(first);
});

test("there is no chart where there is no ratio", async () => {
  expect(await writeComparison(calmComparison(), folder, ["html", "svg", "png", "vega"])).toEqual([
    join(folder, "index.html"),
  ]);
});

test("samples reach Go's format", async () => {
  const samples = [{ case: slower.case, base: [1, 2, 3], head: [4, 5, 6] }];
  const [base] = await writeComparison(sampleComparison({ cells: [slower] }), folder, ["go"], samples);
  expect((await readFile(base, "utf8")).match(/ns\/op/g)).toHaveLength(3);
});

test("a comparison that cannot be written whole leaves no file that was not there before", async () => {
  await mkdir(join(folder, "junit.xml"));
  await writeFile(join(folder, "comparison.md"), "old");
  await expect(writeComparison(sampleComparison(), folder, COMPARISON_FORMATS)).rejects.toThrow(
    /junit\.xml: must be a regular file/,
  );
  expect((await readdir(folder)).sort()).toEqual(["comparison.md", "junit.xml"]);
});

test("a folder that cannot be made is one clear line", async () => {
  const taken = join(folder, "taken");
  await writeFile(taken, "");
  await expect(writeComparison(sampleComparison(), taken, ["md"])).rejects.toThrow(
    /taken: cannot be made, a file is in its place; name a folder/,
  );
});

test("a format is known by its name and by nothing that every object has", () => {
  expect(["html", "go", "pdf", "constructor", "__proto__"].map(isComparisonFormat)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});
