import fc from "fast-check";
import { expect, test } from "vitest";
import { blockNoise } from "../../../src/gate/judge/block-noise.ts";
import { blockNumbers, pairCounts } from "../../../src/gate/judge/block-numbers.ts";
import { pairedSamples } from "../../../src/gate/judge/paired-samples.ts";
import { type BlockEntry, type BlockLine, isVoid } from "../../../src/record/schema/block-lines.ts";
import { blockFile, cellName, onlyCell } from "./block-file.ts";

const entry: BlockEntry = {
  cell: "a",
  against: "head",
  base_s: [1, 2, 4, 8],
  head_s: [2, 2, 4, 24],
  disturbed: [],
  base_min_s: 1,
  head_min_s: 3,
};

function block(place: number, ...entries: BlockEntry[]): BlockLine {
  return {
    type: "block",
    run: 0,
    stage: 1,
    block: place,
    order: "ABBA",
    at_s: 0,
    seconds: 1,
    load: 0,
    entries,
  };
}

test("a block is one number: the median over its pairs of the logarithm of head over base", () => {
  // Ratios 2, 1, 1 and 3.
  const { logRatios, minima, base_s, head_s, blocks } = blockNumbers([block(7, entry)], "a", "head");
  expect(logRatios).toEqual([Math.log(2) / 2]);
  expect(minima).toEqual([Math.log(3)]);
  expect({ base_s, head_s, blocks }).toEqual({ base_s: [3], head_s: [3], blocks: [7] });
});

test("a disturbed pair has no say, however far off it is", () => {
  const seconds = fc.double({ min: 1e-6, max: 1e3, noNaN: true });
  const pairs = fc.array(fc.tuple(seconds, seconds), { minLength: 2, maxLength: 8 });
  fc.assert(
    fc.property(pairs, fc.tuple(seconds, seconds), fc.nat(8), (kept, wild, place) => {
      const at = Math.min(place, kept.length);
      const numbersOf = (all: typeof kept, disturbed: number[]) => {
        const times = { base_s: all.map(([base]) => base), head_s: all.map(([, head]) => head) };
        return blockNumbers([block(0, { ...entry, ...times, disturbed })], "a", "head");
      };
      expect(numbersOf(kept.toSpliced(at, 0, wild), [at])).toEqual(numbersOf(kept, []));
    }),
  );
});

test.each([
  [4, 1, false],
  [4, 2, true],
  [5, 2, false],
  [5, 3, true],
  [12, 6, false],
  [24, 18, false],
  [24, 19, true],
  [1, 0, false],
  [1, 1, true],
])("an entry of %i pairs of which %i were disturbed: void is %s", (pairs, disturbed, expected) => {
  const times = Array<number>(pairs).fill(1);
  const one = {
    ...entry,
    base_s: times,
    head_s: times,
    disturbed: Array.from({ length: disturbed }, (_, index) => index),
  };
  expect(isVoid(one)).toBe(expected);
  expect(blockNumbers([block(0, one)], "a", "head").logRatios).toHaveLength(expected ? 0 : 1);
});

test("what stands against a twin, and what other cells took, is no number of a cell against head", () => {
  const lines = [block(0, { ...entry, against: "twin" }, { ...entry, cell: "b" }), block(1, entry), block(2)];
  expect(blockNumbers(lines, "a", "head").blocks).toEqual([1]);
  expect(blockNumbers(lines, "a", "twin").blocks).toEqual([0]);
  expect(blockNumbers(lines, "c", "head").logRatios).toEqual([]);
});

test("pairs are counted with those that were disturbed", () => {
  const lines = [block(0, entry, { ...entry, cell: "b", disturbed: [1, 3] }), block(1)];
  expect(pairCounts(lines)).toEqual({ all: 8, disturbed: 2 });
  expect(pairCounts([])).toEqual({ all: 0, disturbed: 0 });
});

test("the noise of a cell is about the mean of each stage, so that stages that differ are no noise", () => {
  const ratio = onlyCell(0, ({ stage }) => (stage === 1 ? 1.2 : 1.1));
  const noise = blockNoise(blockFile({ cells: 2, noise: 0, ratio }));
  expect(noise.get(cellName(0))).toBeLessThan(1e-9);
  const many = blockNoise(blockFile({ cells: 1, noise: 0.02, runs: 200, seed: 5 }));
  expect(many.get(cellName(0))).toBeGreaterThan(0.019);
  expect(many.get(cellName(0))).toBeLessThan(0.021);
});

test("a cell without two blocks in any stage has no noise that is known", () => {
  const missing = ({ block: place, cell }: { block: number; cell: string }) =>
    cell === cellName(1) && place > 0;
  expect([...blockNoise(blockFile({ cells: 2, missing })).keys()]).toEqual([cellName(0)]);
});

test("the samples for other tools are those of the first run, both stages, a number a block", () => {
  const blocks = blockFile({ cells: 3, runs: 2, noise: 0.001, ratio: onlyCell(1, 1.2) });
  const samples = pairedSamples(blocks);
  expect(samples.map((one) => one.case)).toEqual([0, 1, 2].map(cellName));
  expect(samples.map(({ base, head }) => [base.length, head.length])).toEqual([
    [6, 6],
    [22, 22],
    [6, 6],
  ]);
  const void3 = blockFile({ cells: 3, disturbed: ({ cell }) => (cell === cellName(2) ? [0, 1, 2] : []) });
  expect(pairedSamples(void3).map((one) => one.case)).toEqual([0, 1].map(cellName));
});
