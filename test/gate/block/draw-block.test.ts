import fc from "fast-check";
import { expect, test } from "vitest";
import { drawBlock, drawInjected, drawNulls } from "../../../src/gate/block/draw-block.ts";
import { smallCell } from "../stand-in.ts";

const cells = Array.from({ length: 12 }, (_, at) => smallCell({ case: `cell-${at}` }));
const content = { cells, nulls: cells.slice(3, 5), injected: "cell-7", inject: 0.05 };
const draw = (seed: number, block: number, stage = 1, run = 0) =>
  drawBlock(seed, { run, stage, block }, content);
const many = Array.from({ length: 400 }, (_, block) => draw(1, block));
const names = ({ entries }: (typeof many)[number]) =>
  entries.map(({ cell, against }) => `${against} ${cell?.case ?? ""}`);

/** Whether so many of 400 fair coins may come up heads: all but a billionth do. */
const isFair = (count: number) => Math.abs(count - 200) < 61;

test("the same place draws the same block, and any other another", () => {
  const place = fc.tuple(fc.nat(2 ** 32 - 1), fc.nat(1000), fc.constantFrom(1, 2), fc.nat(50));
  fc.assert(
    fc.property(place, ([seed, block, stage, run]) => {
      const drawn = draw(seed, block, stage, run);
      expect(draw(seed, block, stage, run)).toEqual(drawn);
      for (const other of [
        draw((seed + 1) % 2 ** 32, block, stage, run),
        draw(seed, block + 1, stage, run),
        draw(seed, block, 3 - stage, run),
        draw(seed, block, stage, run + 1),
      ]) {
        expect(other).not.toEqual(drawn);
      }
    }),
  );
});

test("every block holds every entry once, whatever its order", () => {
  const expected = names(many[0]).toSorted();
  expect(expected).toHaveLength(12 + 2 + 1);
  expect(new Set(expected).size).toBe(15);
  for (const drawn of many) expect(names(drawn).toSorted()).toEqual(expected);
});

test("the injected cell alone is prolonged, and not where base is held against itself", () => {
  const drawn = drawBlock(1, { run: 0, stage: 1, block: 0 }, { ...content, injected: "cell-3" });
  for (const { cell, against, pad } of drawn.entries) {
    expect(pad).toBe(cell?.case === "cell-3" && against === "head" ? 0.05 : 0);
  }
});

test("orders, firsts and both of them together are each as frequent", () => {
  expect(isFair(many.filter(({ order }) => order === "ABBA").length)).toBe(true);
  expect(isFair(many.filter(({ first }) => first === "base").length)).toBe(true);
  expect(isFair(many.filter(({ order, first }) => (order === "ABBA") === (first === "base")).length)).toBe(
    true,
  );
});

test("no entry stands more often before another than behind it", () => {
  for (const [one, other] of [
    ["head cell-0", "head cell-11"],
    ["head cell-3", "twin cell-3"],
    ["yardstick ", "head cell-7"],
  ]) {
    const before = many.filter((drawn) => names(drawn).indexOf(one) < names(drawn).indexOf(other));
    expect(isFair(before.length)).toBe(true);
  }
});

test("memory is shifted by whole cache lines, up to a megabyte, on each side by another", () => {
  for (const side of ["base", "head", "twin"] as const) {
    const shifts = many.map(({ padding }) => padding[side]);
    for (const shift of shifts) {
      expect(shift % 64).toBe(0);
      expect(shift).toBeGreaterThanOrEqual(0);
      expect(shift).toBeLessThan(2 ** 20);
    }
    expect(new Set(shifts).size).toBeGreaterThan(380);
  }
  expect(isFair(many.filter(({ padding }) => padding.base < padding.head).length)).toBe(true);
});

test("each block has numbers of its own", () => {
  expect(new Set(many.map(({ seed }) => seed)).size).toBe(400);
});

test("a tenth of the cells stand against a second load of base, one at least, each once", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), fc.nat(1e6), fc.nat(100), (count, seed, run) => {
      const all = Array.from({ length: count }, (_, at) => at);
      const drawn = drawNulls(seed, { run, stage: 1 }, all);
      expect(drawn).toHaveLength(Math.ceil(count / 10));
      expect(new Set(drawn).size).toBe(drawn.length);
      for (const one of drawn) expect(all).toContain(one);
      expect(drawNulls(seed, { run, stage: 1 }, all)).toEqual(drawn);
    }),
  );
  expect(drawNulls(1, { run: 0, stage: 2 }, [])).toEqual([]);
});

test("over many runs every cell has its turn, as a null and as the one made slower", () => {
  const all = Array.from({ length: 10 }, (_, at) => at);
  const runs = Array.from({ length: 200 }, (_, run) => run);
  expect(new Set(runs.flatMap((run) => drawNulls(1, { run, stage: 1 }, all))).size).toBe(10);
  expect(new Set(runs.map((run) => drawInjected(1, run, all))).size).toBe(10);
  expect(runs.map((run) => drawInjected(1, run, all))).toEqual(runs.map((run) => drawInjected(1, run, all)));
});
