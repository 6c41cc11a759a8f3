import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { LARGE, type SimulatedSweep, writeSimulated } from "../../scripts/simulate-sweep.ts";
import { scratchFolder } from "../input/scratch-folder.ts";

/** A fiftieth of the large sweep: twenty thousand cases, two million samples. */
const SMALLER: SimulatedSweep = { ...LARGE, shards: LARGE.shards / 50 };

/** Memory for JavaScript's objects that programs here are given, in MiB: two thirds of what the objects of that sweep take together. */
const HEAP_MIB = 80;

const root = join(import.meta.dirname, "../..");
const scratch = scratchFolder();
const place = (name: string) => join(scratch.path, name);

/** Runs a program in so little memory that it ends if it keeps what it reads. */
function inLittleMemory(...words: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [`--max-old-space-size=${HEAP_MIB}`, ...words],
    {
      encoding: "utf8",
      maxBuffer: 2 ** 26,
    },
  );
  return { status, stdout, stderr };
}

const attnbench = (...words: readonly string[]) => inLittleMemory(join(root, "src/cli.ts"), ...words);

/** A program that reads all runs of a file, and keeps them if told so. */
const reader = (path: string, keep: boolean) => `
const { readRuns } = await import(${JSON.stringify(pathToFileURL(join(root, "src/record/collection/read-runs.ts")).href)});
const kept = [];
let runs = 0;
for await (const run of readRuns(${JSON.stringify(path)})) {
  runs++;
  if (${keep}) kept.push(run);
}
console.log(runs);
`;

describe("a sweep whose results are larger than the memory", () => {
  beforeAll(() => {
    writeSimulated(place("base"), SMALLER);
    writeSimulated(place("head"), { ...SMALLER, seed: 2, changed: 0.01 });
    for (const side of ["base", "head"]) {
      const { status, stderr } = attnbench("sweep", "collect", place(side), "--out", place(`${side}.jsonl`));
      expect({ status, stderr }).toMatchObject({ status: 0 });
    }
  });

  test("is collected whole", () => {
    expect(statSync(place("base.jsonl")).size).toBeGreaterThan(1e8);
  });

  test("is read run by run, where whatever keeps them all has no room", () => {
    const path = place("base.jsonl");
    const streamed = inLittleMemory("--input-type=module", "-e", reader(path, false));
    expect(streamed).toMatchObject({ status: 0, stdout: `${SMALLER.shards}\n` });
    expect(inLittleMemory("--input-type=module", "-e", reader(path, true)).status).not.toBe(0);
  });

  test("is compared, and what was slowed is found", () => {
    const words = ["compare", place("base.jsonl"), place("head.jsonl"), "--json"];
    const { status, stdout, stderr } = attnbench(...words);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const { headline } = JSON.parse(stdout) as { headline: string };
    // A hundredth of twenty thousand cells was slowed by a tenth.
    const slower = Number(/^(\d+) of 20000 cells slower/.exec(headline)?.[1]);
    expect(slower).toBeGreaterThan(150);
    expect(slower).toBeLessThan(250);
    expect(headline).not.toMatch(/faster/);
  });

  test.each(["parquet", "sqlite", "csv"])("is exported as %s", (format) => {
    const { status, stderr } = attnbench(
      "export",
      place("base.jsonl"),
      "--format",
      format,
      "--out",
      place(`export-${format}`),
    );
    expect({ status, stderr }).toMatchObject({ status: 0 });
  });
});
