import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { type ResultLine, readResults } from "../../src/index.ts";

const path = "results/example.jsonl";
const text = readFileSync(path, "utf8");
const lines = text
  .trim()
  .split("\n")
  .map((line): ResultLine => JSON.parse(line));

test("results are the same from a path, a URL, a text, bytes and lines", async () => {
  const { name, ...read } = await readResults(path);
  expect(name).toBe(path);
  expect([read.run, ...read.lines]).toEqual(lines);
  expect(read.rows.length).toBe(read.run.plan.cases.length);
  for (const source of [pathToFileURL(path), { text }, { text: Buffer.from(text) }, { lines }]) {
    const { name: _, ...again } = await readResults(source);
    expect(again).toEqual(read);
  }
  expect((await readResults({ lines, name: "mine" })).name).toBe("mine");
});

test("a text that was cut off says so, and leaves its last line out", async () => {
  const cut = await readResults({ text: text.slice(0, -20) });
  expect(cut.truncated).toBe(true);
  expect(cut.lines.length).toBe(lines.length - 2);
});

test("what is wrong is refused by its line", async () => {
  const [first, one] = text.split("\n");
  await expect(readResults({ text: `${first}\n${one}\n{"type":"round"}\n`, name: "mine" })).rejects.toThrow(
    /^results: mine line 3: /,
  );
  await expect(readResults({ lines: lines.slice(1) })).rejects.toThrow(/line 1 must be of type run/);
  await expect(readResults({ lines: [] })).rejects.toThrow(/must hold a whole line/);
});
