import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it, test } from "vitest";
import {
  GRADIENT_PASSES,
  OPERATION_IDS,
  OPERATIONS,
  UNITS,
  USUAL_OPERATION,
} from "../../src/core/operation.ts";

const source = resolve(import.meta.dirname, "../../src");

/** The folders in which operations are asked for what they are, never for their names. */
const FOLDERS = [
  "record",
  "compare",
  "plan",
  "report",
  "gate",
  "machine",
  "kernels",
  "mechanisms",
  "verify",
  "run",
  "library",
  "commands",
];

/** The command that trains models has the name of one. */
const COMMAND = 'words/parser.ts: "train",';

/** The pass of a gradient, which its mechanism declares, has the name of an operation. */
const OF_GRADIENTS = /\bpass [!=]== "/;

test.each(FOLDERS)("no file of %s names an operation: they ask its record", (folder) => {
  const named = readdirSync(join(source, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.[tj]s$/.test(file))
    .flatMap((file) =>
      readFileSync(join(source, folder, file), "utf8")
        .split("\n")
        .filter((line) => OPERATION_IDS.some((id) => line.includes(`"${id}"`)) && !OF_GRADIENTS.test(line))
        .map((line) => `${file}: ${line.trim()}`)
        .filter((line) => line !== COMMAND),
    );
  expect(named).toEqual([]);
});

describe.each(OPERATION_IDS)("the operation %s", (id) => {
  const operation = OPERATIONS[id];

  it("is what its record says, of a unit that reports know", () => {
    expect(operation.id).toBe(id);
    expect(UNITS).toContain(operation.unit);
  });

  it.each([0, 1, 7, 64, 1000])(
    "has room for what it takes in at %i, and outputs no more than that",
    (length) => {
      expect(operation.capacity(length)).toBeGreaterThanOrEqual(operation.tokens(length));
      expect(operation.outputs(length)).toBeLessThanOrEqual(operation.tokens(length));
    },
  );
});

test("each operation is called by another name, but for the first, which goes without saying", () => {
  const names = OPERATION_IDS.map((id) => OPERATIONS[id].named("full", true));
  expect(names).toEqual([
    "full",
    "full, cached",
    "full, recomputed",
    "full, backward",
    "full, forward and backward",
  ]);
  expect(USUAL_OPERATION).toBe("forward");
  expect(OPERATIONS.decode.named("local", false)).toBe("local");
});

test("a backward pass alone is given what it needs of the forward pass, and training gives the output", () => {
  const passes = OPERATION_IDS.filter((id) => OPERATIONS[id].pass !== null);
  expect(passes).toEqual(GRADIENT_PASSES);
  expect(passes.map((id) => OPERATIONS[id].pass)).toEqual(passes);
  expect(OPERATION_IDS.filter((id) => !OPERATIONS[id].makesOutput)).toEqual(["backward"]);
  expect(OPERATIONS.train.everyToo).toBe("forward");
});

test("a token attends all before it and itself; recomputed, the pairs of the whole sequence are made again", () => {
  expect(OPERATIONS.forward.fullPairs(4, false)).toBe(16);
  expect(OPERATIONS.forward.fullPairs(4, true)).toBe(10);
  expect(OPERATIONS.decode.fullPairs(4, true)).toBe(5);
  expect(OPERATIONS.recompute.fullPairs(4, true)).toBe(15);
  const mask = { left: 1, right: null, from: 0, to: null };
  expect(OPERATIONS.decode.fullPairs(4, true, mask)).toBe(2);
  expect(OPERATIONS.recompute.fullPairs(4, true, mask)).toBe(9);
});

test("one step is a row: its exponent is one less than that of a pass, and never below none", () => {
  expect([2, 1, 0.5].map(OPERATIONS.decode.exponentOf)).toEqual([1, 0, 0]);
  expect([2, 1].map(OPERATIONS.recompute.exponentOf)).toEqual([2, 1]);
});
