import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shapeOf } from "../../../../src/core/shape.ts";
import { parameterize, type Variant } from "../../../../src/core/variant.ts";
import { compileSchedule } from "../../../../src/kernels/compile-schedule.ts";
import { type GradientItems, gradientItems } from "../../../../src/kernels/wasm/gradient/items.ts";
import { GRADIENT_ITEM, GRADIENT_ROWS, GROUP_WORDS } from "../../../../src/kernels/wasm/gradient/layout.ts";
import { type Group, groupsOf } from "../../../../src/kernels/wasm/gradient/segments.ts";
import { ITEM_WORDS, PANEL_QUERIES, TILE, TILE_SIZES } from "../../../../src/kernels/wasm/layout.ts";
import { isSoftmaxPattern } from "../../../../src/mechanisms/softmax-pattern/declare.ts";
import { bindHeads } from "../../../../src/pattern/bind.ts";
import { full } from "../../../../variants/dense/full.ts";
import { bigbird } from "../../../../variants/sparse/bigbird.ts";
import { local } from "../../../../variants/sparse/local.ts";
import { problemOf } from "../../arbitrary-problems.ts";

const WIDTH = 64;
const COSTS = { pairFlops: 10 * WIDTH, keyFloats: 2 * WIDTH, inPlace: true };

interface Asked {
  readonly variant: Variant;
  readonly length: number;
  readonly causal: boolean;
  readonly threads: number;
}

/** The groups of rows of one head's backward pass, and its items. */
function itemsFor({ variant, length, causal, threads }: Asked): { groups: Group[]; items: GradientItems } {
  const { mechanism, ...problem } = problemOf(
    parameterize(variant, {}).mechanism,
    shapeOf({ batch: 1, heads: 1, length, headDim: 1 }),
    causal,
  );
  if (!isSoftmaxPattern(mechanism)) throw new TypeError("must be attention over a pattern");
  const [pattern] = bindHeads(mechanism, problem);
  const schedule = compileSchedule(pattern, TILE_SIZES);
  const items = gradientItems(schedule, { length, turns: false, threads }, COSTS);
  return { groups: groupsOf(schedule).flat(), items };
}

/** The pairs of each item of the passes, phase by phase, as threads take them. */
function pairsOfPhases({ groups, items }: { groups: Group[]; items: GradientItems }): number[][] {
  const { words, phaseEnds, ranges } = items;
  return phaseEnds.flatMap((end, phase) => {
    const pairs: number[] = [];
    for (let at = phaseEnds[phase - 1] ?? 0; at < end; at += ITEM_WORDS) {
      const [kind, range] = words.subarray(at, at + 2);
      if (kind !== GRADIENT_ITEM.begin && kind !== GRADIENT_ITEM.goOn) return [];
      const [from, to] = ranges.subarray(2 * range, 2 * range + 2);
      pairs.push(groups.slice(from, to).reduce((sum, group) => sum + group.pairs, 0));
    }
    return [pairs];
  });
}

/** How much less the busiest of so many threads does than one alone, if each takes the next item when it is done. */
function speedUp(phases: readonly (readonly number[])[], threads: number): number {
  let alone = 0;
  let busiest = 0;
  for (const items of phases) {
    const busy = new Array<number>(threads).fill(0);
    for (const pairs of items) busy[busy.indexOf(Math.min(...busy))] += pairs;
    alone += items.reduce((sum, pairs) => sum + pairs, 0);
    busiest += Math.max(...busy);
  }
  return alone / busiest;
}

const asked = fc.record({
  variant: fc.constantFrom(full, local, bigbird),
  length: fc.integer({ min: 1, max: 2500 }),
  causal: fc.boolean(),
  threads: fc.integer({ min: 1, max: 3 }),
});

describe("the items of a head's backward pass", () => {
  it("have every group of rows once, whatever the threads, and the same sums of keys", () => {
    fc.assert(
      fc.property(asked, (one) => {
        const { groups, items } = itemsFor(one);
        const alone = itemsFor({ ...one, threads: 1 });
        expect(items.groups.length).toBe(groups.length * GROUP_WORDS);
        const taken = pairsOfPhases({ groups, items }).map((pairs) => pairs.toSorted((a, b) => a - b));
        expect(taken).toEqual(pairsOfPhases(alone).map((pairs) => pairs.toSorted((a, b) => a - b)));
        const all = groups.reduce((sum, { pairs }) => sum + pairs, 0);
        expect(taken.flat().reduce((sum, pairs) => sum + pairs, 0)).toBe(all);
        expect(items.segments).toEqual(alone.items.segments);
      }),
      { numRuns: 60 },
    );
  });

  it("open rows without a mask in groups that fit, of which none has two panels more than another", () => {
    fc.assert(
      fc.property(fc.integer({ min: TILE.queries + 1, max: 5000 }), (length) => {
        const { groups } = itemsFor({ variant: full, length, causal: false, threads: 1 });
        let next = 0;
        for (const { row, rows } of groups) {
          expect(row).toBe(next);
          expect(rows).toBeLessThanOrEqual(GRADIENT_ROWS);
          next = row + rows;
        }
        expect(next).toBe(length);
        const panels = groups.map(({ rows }) => Math.ceil(rows / PANEL_QUERIES));
        expect(Math.max(...panels) - Math.min(...panels)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 60 },
    );
  });

  it.each([false, true])("leave two threads nearly the same of full attention: causal %s", (causal) => {
    for (let length = 512; length <= 4096; length += 97) {
      const phases = pairsOfPhases(itemsFor({ variant: full, length, causal, threads: 2 }));
      expect([length, speedUp(phases, 2) > 1.7]).toEqual([length, true]);
    }
  });

  it("give several threads the longest first", () => {
    fc.assert(
      fc.property(asked, (one) => {
        for (const pairs of pairsOfPhases(itemsFor({ ...one, threads: 2 }))) {
          expect(pairs).toEqual(pairs.toSorted((a, b) => b - a));
        }
      }),
      { numRuns: 60 },
    );
  });
});
