import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { continueLines, createLines } from "../../src/record/append.ts";
import { BLOCKS } from "../../src/record/line-kind.ts";
import { readBlocks } from "../../src/record/read-blocks.ts";
import type {
  BlockEntry,
  BlockLine,
  BlocksLine,
  LostLine,
  SlotMeans,
  StageLine,
} from "../../src/record/schema/block-lines.ts";
import { blockFile, cellName, lostLine, onlyCell } from "../gate/judge/block-file.ts";
import { refusal } from "../input/refusal.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { fileOf } from "./sample-lines.ts";

const folder = scratchFolder();
const small = blockFile({
  cells: 2,
  pairs: 2,
  rule: { stage1Blocks: 2, stage2Blocks: 2 },
  ratio: onlyCell(1, 1.2),
});
const { gate } = small;
const [checked, otherChecked, first, block, otherBlock, second, laterBlock] =
  small.lines as readonly BlocksLine[];
const stage = first as StageLine;
const measured = block as BlockLine;
const [entry] = measured.entries;

let written = 0;
function read(lines: readonly unknown[] | string) {
  const content = typeof lines === "string" ? lines : fileOf(lines);
  return readBlocks(folder.write(`${written++}.jsonl`, content));
}

test("a file reads back as it was written, whatever the order in which it was", () => {
  const { lines } = small;
  expect(read([gate, ...lines])).toMatchObject({ gate, lines, truncated: false });
  const lost = [lostLine(), lostLine({ wrong: false, cell: null, side: null, block: 2 })];
  expect(read([gate, ...lines, ...lost]).lines).toEqual([...lines, ...lost]);
});

test("a file cut off at any byte reads as far as its last whole line, or is refused for having none", () => {
  const whole = fileOf([gate, ...small.lines]);
  const bytes = Buffer.from(whole);
  const head = fileOf([gate]).length;
  const seams = [...whole.matchAll(/\n/g)].flatMap(({ index }) => [index - 1, index, index + 1]);
  const within = Array.from({ length: 60 }, (_, at) => Math.floor((at * bytes.length) / 60));
  for (const end of [...seams, ...within]) {
    const path = folder.write("cut.jsonl", bytes.subarray(0, end));
    // A line that lacks its end alone is whole.
    const closed = bytes[end] === 0x0a;
    if (end < head - 1) {
      expect(refusal(() => readBlocks(path))).toMatch(/must hold a whole line, got \d+ bytes without one/);
      continue;
    }
    const found = readBlocks(path);
    const kept = whole.slice(0, end).split("\n").length - (closed ? 1 : 2);
    expect(found.lines).toEqual(small.lines.slice(0, kept));
    expect(found.truncated).toBe(found.validBytes < end);
    const read = bytes.subarray(0, found.validBytes).toString() + (closed ? "\n" : "");
    expect(read).toBe(fileOf([gate, ...found.lines]));
  }
});

test("what is continued after a cut is the file that was never cut", () => {
  const path = join(folder.path, "whole.jsonl");
  const file = createLines(BLOCKS, path, gate);
  for (const line of small.lines) file.append(line);
  file.close();
  const bytes = readFileSync(path);
  const least = fileOf([gate]).length - 1;
  fc.assert(
    fc.property(fc.integer({ min: least, max: bytes.length }), (end) => {
      const cut = folder.write("continued.jsonl", bytes.subarray(0, end));
      const { lines, validBytes } = readBlocks(cut);
      const more = continueLines(BLOCKS, cut, validBytes);
      for (const line of small.lines.slice(lines.length)) more.append(line);
      more.close();
      expect(readFileSync(cut)).toEqual(bytes);
    }),
    { numRuns: 20 },
  );
});

/** Lines that stand where they must not, or say what cannot be: the file, the line that is refused, and why. */
const refused: readonly (readonly [string, readonly unknown[], number, RegExp])[] = [
  ["a second gate", [gate, gate], 2, /a file must hold one gate, got a second/],
  [
    "no gate",
    [checked],
    1,
    /must be of type gate, got checked; give a file that attnbench gate or calibrate wrote/,
  ],
  [
    "another schema",
    [{ ...gate, schema: 2 }],
    1,
    /the schema must be 1, got 2; use the version of attnbench/,
  ],
  ["a line of no known type", [gate, { type: "round" }], 2, /type: must be of a known kind, got "round"/],
  ["no object", [gate, [1]], 2, /must be an object, got \[1\]/],
  [
    "a cell planned twice",
    [{ ...gate, plan: { ...gate.plan, cells: [...gate.plan.cells, gate.plan.cells[0]] } }],
    1,
    /a cell must appear once/,
  ],
  [
    "a cell with the name of the fixed kernel",
    [{ ...gate, plan: { ...gate.plan, cells: [{ ...gate.plan.cells[0], case: "yardstick" }] } }],
    1,
    /not be named yardstick/,
  ],
  [
    "a cell checked that is not planned",
    [gate, { ...checked, cell: "nope\u001b[31m" }],
    2,
    /got 'nope\\u\{1b\}\[31m'/,
  ],
  [
    "a cell checked twice",
    [gate, checked, otherChecked, checked],
    4,
    /it must appear once, got checked .* again/,
  ],
  ["a stage twice", [gate, stage, stage], 3, /it must appear once, got stage 0 1 again/],
  [
    "a stage of a run that is not planned",
    [gate, { ...stage, run: 1 }],
    2,
    /a run must be under the 1 planned, got 1/,
  ],
  [
    "a stage with an unknown cell",
    [gate, { ...stage, cells: ["nope"] }],
    2,
    /a cell must be one of the plan, got 'nope'/,
  ],
  ["a stage with an unknown null", [gate, { ...stage, nulls: ["nope"] }], 2, /got 'nope'/],
  ["a stage with an unknown injected cell", [gate, { ...stage, injected: "nope" }], 2, /got 'nope'/],
  ["a third stage", [gate, { ...stage, stage: 3 }], 2, /stage: must be at most 2, got 3/],
  ["stage 0", [gate, { ...stage, stage: 0 }], 2, /stage: must be more than 0, got 0/],
  ["a block before its stage", [gate, measured, stage], 2, /a block must come after the line of its stage/],
  [
    "a block of a stage that never was",
    [gate, stage, laterBlock],
    3,
    /a block must come after the line of its stage/,
  ],
  ["a lost block before its stage", [gate, lostLine({ wrong: false })], 2, /after the line of its stage/],
  ["a block twice", [gate, stage, measured, otherBlock, measured], 5, /got block 0 1 0 again/],
  [
    "a lost block twice",
    [gate, stage, lostLine({ wrong: false }), lostLine({ wrong: false })],
    4,
    /got lost 0 1 0/,
  ],
  ["a cell wrong twice in one block", [gate, lostLine(), lostLine()], 3, /got lost 0 1 0 local/],
  ["a lost cell that is not planned", [gate, lostLine({ cell: "nope" })], 2, /got 'nope'/],
];

test.each(refused)("%s is refused by line", (_, lines, number, says) => {
  const message = refusal(() => read(lines));
  expect(message).toMatch(new RegExp(`\\d\\.jsonl line ${number}[: ]`));
  expect(message).toMatch(says);
});

const means: SlotMeans = {
  calls: 3,
  base_s: [1, 1],
  head_s: [1, 1],
  base_waited_s: [0, 0],
  head_waited_s: [0, 0.5],
  stolen: [1],
};

test("an entry may hold the means of its slots, or not, as older versions wrote it", () => {
  const held = { ...measured, entries: [{ ...entry, means }, ...measured.entries.slice(1)] };
  const { lines } = read([gate, checked, otherChecked, stage, held]);
  expect(lines.at(-1)).toEqual(held);
});

/** Entries that no gate writes. */
const badEntries: readonly (readonly [string, Partial<BlockEntry> | Record<string, unknown>, RegExp])[] = [
  ["of an unknown cell", { cell: "nope" }, /a cell must be one of the plan, got 'nope'/],
  [
    "against something else",
    { against: "tail" },
    /entries.0.against: must be one of head, twin, yardstick, got "tail"/,
  ],
  ["without times", { base_s: [], head_s: [] }, /entries.0.base_s: must have at least 1 entry, got \[\]/],
  ["with more times of base", { base_s: [1, 1, 1] }, /as many times of base as of head/],
  ["with more times of head", { head_s: [1, 1, 1] }, /as many times of base as of head/],
  ["with a disturbed pair that is not there", { disturbed: [2] }, /and disturb only those/],
  ["with a pair disturbed twice", { disturbed: [1, 1] }, /a pair must be disturbed once/],
  ["with a pair before the first", { disturbed: [-1] }, /disturbed.0: must be at least 0, got -1/],
  ["with half a pair", { disturbed: [0.5] }, /disturbed.0: .*got 0.5/],
  [
    "with a time of 0",
    { base_s: [0, 1] },
    /base_s.0: must be from 1e-12 to 1e9 seconds, as calls take, got 0/,
  ],
  [
    "with a time below 0",
    { head_s: [1, -1] },
    /head_s.1: must be from 1e-12 to 1e9 seconds, as calls take, got -1/,
  ],
  ["with an endless time", { head_s: [1, 1e10] }, /head_s.1: must be from .*, got 10000000000/],
  ["with a time that is missing", { head_s: [1, null] }, /head_s.1: .*got null/],
  [
    "with a mean less than it has pairs",
    { means: { ...means, head_s: [1] } },
    /a mean and a time of waiting for each/,
  ],
  [
    "with a wait more",
    { means: { ...means, base_waited_s: [0, 0, 0] } },
    /a mean and a time of waiting for each/,
  ],
  [
    "with a stolen pair past the last",
    { means: { ...means, stolen: [2] } },
    /a stolen pair must be one of the cell's/,
  ],
  [
    "with a pair stolen twice",
    { means: { ...means, stolen: [1, 1] } },
    /a stolen pair must be one of the cell's, and appear/,
  ],
  [
    "with an absurd mean",
    { means: { ...means, head_s: [1, 1e300] } },
    /means.head_s.1: must be from .*, got 1e\+300/,
  ],
  ["with a fastest call of nothing", { base_min_s: 0 }, /base_min_s: must be from .*, got 0/],
  ["with a fastest call in words", { head_min_s: "fast" }, /head_min_s: .*got "fast"/],
];

test.each(badEntries)("an entry %s is refused", (_, change, says) => {
  const bad = { ...measured, entries: [{ ...entry, ...change }, ...measured.entries.slice(1)] };
  const message = refusal(() => read([gate, checked, otherChecked, stage, bad]));
  expect(message).toMatch(/jsonl line 5: /);
  expect(message).toMatch(says);
});

test("an entry that a block holds twice is refused: the second would never be looked at", () => {
  const twice = { ...measured, entries: [...measured.entries, { ...entry, head_s: entry.base_s }] };
  expect(refusal(() => read([gate, stage, twice]))).toMatch(
    /line 3: a block must hold an entry once, got .* again/,
  );
});

test("a plan that no gate makes is refused", () => {
  const planned = (change: object) => refusal(() => read([{ ...gate, plan: { ...gate.plan, ...change } }]));
  const ruled = (change: object) => planned({ rule: { ...gate.plan.rule, ...change } });
  expect(planned({ runs: 0 })).toMatch(/plan.runs: .*got 0/);
  expect(planned({ inject: 2 })).toMatch(/plan.inject: .*got 2/);
  expect(planned({ slot_s: 0 })).toMatch(/plan.slot_s/);
  expect(planned({ budget_s: 0 })).toMatch(/plan.budget_s/);
  expect(planned({ rule: null })).toMatch(/plan.rule: .*got null/);
  for (const blocks of [0, 1, 1.5, 1001]) expect(ruled({ stage1Blocks: blocks })).toMatch(/stage1Blocks/);
  for (const alpha of [0, 0.5]) expect(ruled({ alpha })).toMatch(/plan.rule.alpha/);
  for (const name of ["routeAbove", "floor", "least", "ungatedAbove"]) {
    expect(ruled({ [name]: -0.1 })).toMatch(new RegExp(`plan.rule.${name}: .*got -0.1`));
    expect(ruled({ [name]: 1.1 })).toMatch(new RegExp(`plan.rule.${name}: .*got 1.1`));
  }
  expect(ruled({ margin: 0 })).toMatch(/plan.rule.margin/);
});

test("fields that nobody knows are passed over, and fields that are missing are not", () => {
  for (const line of [checked, stage, measured, second, lostLine() as LostLine]) {
    const before = line.type === "block" ? [gate, stage] : [gate];
    expect(() => read([...before, { ...line, unheard: { of: 1 } }])).not.toThrow();
    for (const name of Object.keys(line)) {
      const { [name]: _, ...less } = line as unknown as Record<string, unknown>;
      expect(refusal(() => read([...before, less]))).toMatch(`line ${before.length + 1}: ${name}: `);
    }
  }
});

test("any bytes at all are read or refused in one clear line", () => {
  const whole = fileOf([gate, ...small.lines]);
  const damage = fc.record({
    at: fc.nat(whole.length - 1),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 4 }),
  });
  fc.assert(
    fc.property(damage, ({ at, bytes }) => {
      const content = Buffer.from(whole, "utf8");
      content.set(bytes.subarray(0, content.length - at), at);
      const path = folder.write("damaged.jsonl", content);
      try {
        readBlocks(path);
      } catch {
        refusal(() => readBlocks(path));
      }
    }),
  );
});

test("a results file is no blocks file, and says what would be", () => {
  const example = join(import.meta.dirname, "../../results/example.jsonl");
  expect(refusal(() => readBlocks(example))).toMatch(
    /^blocks: .*example.jsonl line 1.*; give a file that attnbench gate or calibrate wrote$/,
  );
});

test("a line that no reader would take is not written", () => {
  const path = join(folder.path, "lying.jsonl");
  const file = createLines(BLOCKS, path, gate);
  const before = readFileSync(path);
  const lying = { ...measured, entries: [{ ...entry, base_s: [Number.NaN] }] };
  expect(refusal(() => file.append(lying))).toMatch(/^blocks: a line of type block: entries.0.base_s.0: /);
  file.close();
  expect(readFileSync(path)).toEqual(before);
  expect(refusal(() => createLines(BLOCKS, path, gate))).toMatch(/already exists; continue it with --resume/);
  expect(cellName(0)).toBe(gate.plan.cells[0].case);
});
