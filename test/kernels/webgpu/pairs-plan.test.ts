import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type BoundPattern, rowsOf } from "../../../src/core/pattern.ts";
import { shapeOf } from "../../../src/core/shape.ts";
import { plannedPairs } from "../../../src/kernels/webgpu/pairs/count-work.ts";
import { cutTasks, tilesOf } from "../../../src/kernels/webgpu/pairs/cut-tasks.ts";
import { type PairsPlan, planPairs } from "../../../src/kernels/webgpu/pairs/plan.ts";
import { tileSizeFor } from "../../../src/kernels/webgpu/pairs/tile-size.ts";
import { isSoftmaxPattern } from "../../../src/mechanisms/softmax-pattern/declare.ts";
import { softmaxPatternKind } from "../../../src/mechanisms/softmax-pattern/kind.ts";
import { everything } from "../../../src/pattern/band.ts";
import { bindHeads } from "../../../src/pattern/bind.ts";
import { comb } from "../../../src/pattern/comb.ts";
import { globalTokens } from "../../../src/pattern/global-tokens.ts";
import { union } from "../../../src/pattern/union.ts";
import { examples } from "../../examples.ts";
import { ofPattern } from "../../mechanisms/judge.ts";
import { algebraWithDraws } from "../../pattern/arbitrary-patterns.ts";
import { attendsNothing, everyThirdRow, strictPast } from "../hand-written-patterns.ts";
import { expandedPlan } from "./expanded-plan.ts";
import { mechanismOf } from "./linear-mechanisms.ts";

const SIZES = [tileSizeFor(32_768), tileSizeFor(16_384)];
const [LARGE, SMALL] = SIZES;

/** Any pattern over up to three tiles of rows and keys, and over as many queries as keys or others. */
const bound: fc.Arbitrary<{ readonly pattern: BoundPattern; readonly text: string }> = fc
  .record({
    pattern: fc.oneof(
      { weight: 6, arbitrary: algebraWithDraws },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          attendsNothing,
          strictPast,
          everyThirdRow,
          everything(),
          union(comb(7), globalTokens(3)),
        ),
      },
    ),
    length: fc.integer({ min: 1, max: 200 }),
    queries: fc.option(fc.integer({ min: 1, max: 200 }), { nil: undefined }),
    causal: fc.boolean(),
  })
  .map(({ pattern, length, queries, causal }) => ({
    mechanism: ofPattern(pattern),
    shape: shapeOf({ batch: 1, heads: 1, length, queries, headDim: 1 }),
    causal: causal && pattern.neverCausal !== true,
    threads: 1,
  }))
  .filter(({ mechanism, shape }) => softmaxPatternKind.whyNotShape?.(mechanism, shape) == null)
  .map((task) => ({
    pattern: bindHeads(task.mechanism, task)[0],
    text: `${task.mechanism.pattern.text}${task.causal ? ", causal" : ""}`,
  }));

const wantedItems = fc.constantFrom(1, 5, 1000);

describe("a plan of pairs", () => {
  it("computes every pair of any pattern once, and no other, and writes or joins every row once", () => {
    fc.assert(
      fc.property(bound, fc.constantFrom(...SIZES), wantedItems, ({ pattern }, size, wanted) => {
        const rows = rowsOf(pattern);
        const { times, broken } = expandedPlan(planPairs(pattern, size, wanted), size, rows, pattern.length);
        expect(broken).toBeNull();
        const wrong = times.findIndex(
          (count, at) =>
            count !== Number(pattern.attends(Math.floor(at / pattern.length), at % pattern.length)),
        );
        expect(wrong < 0 ? null : [Math.floor(wrong / pattern.length), wrong % pattern.length]).toBeNull();
      }),
      examples(1000),
    );
  });

  it("counts no fewer pairs than there are, and none twice in a pattern of whole tiles", () => {
    fc.assert(
      fc.property(bound, fc.constantFrom(...SIZES), ({ pattern }, size) => {
        const { scores, values } = plannedPairs(planPairs(pattern, size, 1), size, 16);
        expect(Math.min(scores, values)).toBeGreaterThanOrEqual(pattern.pairs());
      }),
      examples(300),
    );
    const whole = planPairs(boundOf("full", 256, false), LARGE, 1);
    expect(plannedPairs(whole, LARGE, 16)).toEqual({ scores: 256 ** 2, values: 256 ** 2 });
  });

  // The bound; longer sequences have fewer edges.
  it.each(
    ["local", "longformer", "bigbird"].flatMap((id) =>
      [false, true].flatMap((causal) =>
        [4096, 8192, 65_536].flatMap((length) => SIZES.map((size) => ({ id, causal, length, size }))),
      ),
    ),
  )(
    "computes at most 1.5 pairs for one: $id, $length tokens, causal $causal, tiles of $size.keys keys",
    ({ id, causal, length, size }) => {
      const pattern = boundOf(id, length, causal);
      const { scores, values } = plannedPairs(planPairs(pattern, size, 1024), size, 16);
      expect((scores + values) / 2 / pattern.pairs()).toBeLessThanOrEqual(1.5);
    },
  );

  it("cuts long lists of keys where there are too few groups of rows, and no others", () => {
    const items = (length: number, wanted: number): number =>
      planPairs(boundOf("full", length, false), LARGE, wanted).items;
    expect(items(1024, 1)).toBe(16);
    expect(items(1024, 64)).toBe(64);
    // Two tiles are not cut.
    expect(items(128, 1024)).toBe(2);
    expect(items(1024, 1_000_000)).toBe(16 * 8);
  });

  it("puts classes of few members together, as many as have room in a square", () => {
    // 64 classes of 4 or 5 members, 6 to 8 of which have room.
    const plan = planPairs(boundOf("stride", 300, false), LARGE, 1);
    expect(plan.items).toBe(10);
    expect(plannedPairs(plan, LARGE, 16).scores).toBe(10 * 32 ** 2);
    // 16 members are half of a square, and 17 are more.
    expect(planPairs(boundOf("stride", 64 * 16, true), LARGE, 1).items).toBe(32);
    expect(planPairs(boundOf("stride", 64 * 17, true), LARGE, 1).items).toBe(64);
  });

  it("hands out the longest items first", () => {
    const { sections } = planPairs(boundOf("full", 1024, true), SMALL, 1);
    const tiles = itemsOf(sections).map(({ tasks }) =>
      tasks.reduce((sum, count) => sum + Math.ceil(count / SMALL.keys), 0),
    );
    expect(tiles).toEqual(tiles.toSorted((a, b) => b - a));
    expect(new Set(tiles).size).toBeGreaterThan(8);
  });

  it("cuts tasks into pieces of at most so many tiles, none of them lost", () => {
    const task = fc.integer({ min: 1, max: 700 }).map((count) => ({ first: 0, list: -1, count, mask: -1 }));
    fc.assert(
      fc.property(
        fc.array(task, { maxLength: 8 }),
        fc.integer({ min: 1, max: 9 }),
        fc.nat(5),
        (tasks, most, first) => {
          const cuts = cutTasks(tasks, first, 64, most);
          expect(cuts.every(({ tiles }) => tiles >= 1 && tiles <= most)).toBe(true);
          const keys = cuts.flatMap(({ from, to, keyFrom, keyTo }) =>
            tasks
              .slice(from - first, to - first)
              .flatMap(({ count }, at) =>
                range(keyFrom, Math.min(count, keyTo)).map((key) => [from + at, key]),
              ),
          );
          expect(keys).toEqual(
            tasks.flatMap(({ count }, at) => range(0, count).map((key) => [first + at, key])),
          );
          expect(cuts.reduce((sum, { tiles }) => sum + tiles, 0)).toBe(tilesOf(tasks, 64));
        },
      ),
      examples(500),
    );
  });
});

function boundOf(id: string, length: number, causal: boolean): BoundPattern {
  const mechanism = mechanismOf(id);
  if (!isSoftmaxPattern(mechanism)) throw new TypeError(`${id} has no pattern`);
  return bindHeads(mechanism, {
    shape: shapeOf({ batch: 1, heads: 1, length, headDim: 1 }),
    causal,
    threads: 1,
  })[0];
}

/** Of each item the keys of its tasks. */
function itemsOf({ items, tasks }: PairsPlan["sections"]): { readonly tasks: readonly number[] }[] {
  return Array.from({ length: items.length / 8 }, (_, item) => {
    const [from, to, keyFrom, keyTo] = items.subarray(8 * item + 3, 8 * item + 7);
    return { tasks: range(from, to).map((task) => Math.min(tasks[4 * task + 2], keyTo) - keyFrom) };
  });
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, at) => from + at);
}
