import { spawnSync } from "node:child_process";
import process from "node:process";
import { expect, test } from "vitest";
import { spelledOut } from "../../../src/commands/words/standard-input.ts";
import { scratchFolder } from "../../input/scratch-folder.ts";
import { fileOf, sampleLines } from "../../record/sample-lines.ts";
import { launcher } from "../launched.ts";

const folder = scratchFolder();
const withInput = (input: string, ...words: readonly string[]) =>
  spawnSync(process.execPath, [launcher, ...words], { cwd: folder.path, input, encoding: "utf8" });

test.each([
  ["report -", "report /dev/stdin"],
  ["compare a.jsonl - --json", "compare a.jsonl /dev/stdin --json"],
  ["run --config -", "run --config /dev/stdin"],
  ["run --replay=-", "run --replay=/dev/stdin"],
  ["gate --from - --json", "gate --from /dev/stdin --json"],
  ["run --out - --config ./-", "run --out - --config ./-"],
  ["sweep - --dry-run", "sweep /dev/stdin --dry-run"],
  ["sweep --dry-run --engine local -", "sweep --dry-run --engine local /dev/stdin"],
  ["sweep plan.yaml --out -", "sweep plan.yaml --out -"],
  ["sweep status -", "sweep status -"],
])("'-' in %s is standard input where a file is read", (words, expected) => {
  expect(spelledOut(words.split(" ")).join(" ")).toBe(expected);
});

test("results come from standard input, and are called so", () => {
  const file = folder.write("base.jsonl", fileOf(sampleLines()));
  const { stdout, stderr, status } = withInput(fileOf(sampleLines()), "compare", file, "-", "--json");
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  expect(JSON.parse(stdout)[0]?.head?.name ?? JSON.parse(stdout).head.name).toBe("standard input");
});

test("so does a sweep's plan, and its faults are told with their lines", () => {
  const plan = "name: piped\ngrid: { variants: local, lengths: 8, kernel: js }\n";
  const { stdout, stderr, status } = withInput(plan, "sweep", "-", "--dry-run");
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  expect(stdout).toMatch(/^piped, by local: 1 shard of 2 cases in all/);
  expect(withInput("name: -piped\ngrid: {}\n", "sweep", "-", "--dry-run").stderr).toMatch(
    /^attnbench: standard input line 1: name: must be .*\n$/,
  );
});

test("so does a configuration, and what is wrong with it is said of it", () => {
  const run = withInput('{"lengths":"64","dry-run":true,"nope":1}', "run", "--config", "-");
  expect(run).toMatchObject({ status: 2, stdout: "" });
  expect(run.stderr).toMatch(/^attnbench: unknown option in standard input 'nope'; .*\n$/);
});
