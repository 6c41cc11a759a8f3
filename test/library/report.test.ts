import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compare, readResults, report } from "../../src/index.ts";
import { commandLine } from "../commands/command-line.ts";
import { scratchFolder } from "../input/scratch-folder.ts";

const folder = scratchFolder();
const [example, decode] = ["results/example.jsonl", "results/example-decode.jsonl"];

test("report gives the files that the command writes, to the byte", async () => {
  const out = join(folder.path, "report");
  expect((await commandLine(["report", example, decode, "--out", out])).code).toBe(0);
  const files = await report([await readResults(example), await readResults(decode)]);
  expect([...files.keys()].sort()).toEqual(readdirSync(out).sort());
  for (const [name, content] of files) expect(Buffer.from(content)).toEqual(readFileSync(join(out, name)));
});

test("report takes results of one run alone, and gives what was asked for", async () => {
  const results = await readResults(example);
  const files = await report(results, { formats: ["csv", "md"], title: "Mine" });
  expect([...files.keys()]).toEqual(["cases.csv", "summary.md"]);
  expect(files.get("summary.md")).toMatch(/^# Mine/);
  await expect(report(results, { formats: [] })).rejects.toThrow(/^--format: must name something/);
});

test("compare gives the comparison that the command prints", async () => {
  const words = ["compare", example, example, "--variants", "local,full", "--group-by", "variant", "--json"];
  const { stdout } = await commandLine([...words, "--fail-on", "slower", "--accept-work"]);
  const results = await readResults(example);
  const comparison = await compare(results, results, {
    variants: ["local", "full"],
    groupBy: "variant",
    failOn: ["slower"],
    acceptWork: true,
  });
  const { schema: _, ...printed } = JSON.parse(stdout);
  expect(JSON.parse(JSON.stringify(comparison))).toEqual(printed);
  expect(comparison.groups.length).toBe(2);
});

test("compare refuses a threshold that is none, as a number and as a text", async () => {
  const results = await readResults(example);
  for (const threshold of [3, 0, Number.NaN, "3"]) {
    await expect(compare(results, results, { threshold })).rejects.toThrow(/^--threshold: must be a share/);
  }
});
