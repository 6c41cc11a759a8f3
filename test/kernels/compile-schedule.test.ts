import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BoundPattern } from "../../src/core/pattern.ts";
import { parameterize } from "../../src/core/variant.ts";
import { compileSchedule } from "../../src/kernels/compile-schedule.ts";
import { OPENS_ROWS, TASK_WORDS, type TileSizes } from "../../src/kernels/schedule.ts";
import { countTiles } from "../../src/kernels/walk-schedule.ts";
import { isSoftmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { axisCells, axisWindow } from "../../src/pattern/axis.ts";
import { band, everything } from "../../src/pattern/band.ts";
import { blockBand } from "../../src/pattern/block-band.ts";
import { causal } from "../../src/pattern/causal.ts";
import { columns } from "../../src/pattern/columns.ts";
import { comb } from "../../src/pattern/comb.ts";
import { grid } from "../../src/pattern/grid.ts";
import { powersOfTwo } from "../../src/pattern/powers-of-two.ts";
import { union } from "../../src/pattern/union.ts";
import { within } from "../../src/pattern/within.ts";
import { variants } from "../../variants/index.ts";
import {
  algebraWithDraws,
  blockColumns,
  cells,
  combs,
  lengths,
  primitives,
  segmentations,
  windows,
} from "../pattern/arbitrary-patterns.ts";
import { brokenProtocol, computes, misfits, tasksOf, timesComputed } from "./expanded-schedule.ts";
import { attendsNothing, strictPast } from "./hand-written-patterns.ts";

const tiles = fc.oneof(
  fc.constant({ queries: 32, keys: 64 }),
  fc.record({ queries: fc.integer({ min: 1, max: 40 }), keys: fc.integer({ min: 1, max: 100 }) }),
  fc.constant({ queries: 48, keys: 128, panel: 16, rows: 6 }),
);

/** Patterns in which several combs and contiguous parts meet, beside all others. */
const patterns = fc.oneof(
  algebraWithDraws,
  fc
    .tuple(
      fc.array(combs, { minLength: 1, maxLength: 3 }),
      fc.option(primitives, { nil: undefined }),
      fc.boolean(),
    )
    .map(([teeth, beside, past]) => {
      const whole = union(
        ...[...teeth, ...(beside === undefined ? [] : [beside])].map(({ pattern }) => pattern),
      );
      return past ? causal(whole) : whole;
    }),
  // Several orders in which pairs are dense, and which share some.
  fc
    .tuple(
      fc.array(fc.oneof(blockColumns, cells, segmentations, windows), { minLength: 2, maxLength: 3 }),
      fc.boolean(),
    )
    .map(([parts, past]) => {
      const whole = union(...parts.map(({ pattern }) => pattern));
      return past ? causal(whole) : whole;
    }),
  fc.constantFrom(attendsNothing, strictPast),
);

/** A mask that excludes no key. */
const UNLIMITED = {
  left: Number.POSITIVE_INFINITY,
  right: Number.POSITIVE_INFINITY,
  from: 0,
  to: Number.POSITIVE_INFINITY,
};

function forAll(check: (pattern: BoundPattern, tile: TileSizes) => void): void {
  fc.assert(
    fc.property(patterns, lengths, fc.nat(3), tiles, (pattern, length, head, tile) => {
      check(pattern.bind({ length, head }), tile);
    }),
    { numRuns: 500 },
  );
}

describe("compileSchedule", () => {
  it("computes every pair of any pattern once, and no other", () => {
    forAll((pattern, tile) => {
      const { length } = pattern;
      const times = timesComputed(tasksOf(compileSchedule(pattern, tile)), length);
      const wrong = times.findIndex(
        (count, at) => count !== Number(pattern.attends(Math.floor(at / length), at % length)),
      );
      if (wrong >= 0) {
        const [query, key] = [Math.floor(wrong / length), wrong % length];
        expect({ query, key, times: times[wrong] }).toEqual({
          query,
          key,
          times: Number(pattern.attends(query, key)),
        });
      }
    });
  });

  it("takes no class of a comb for another where one of the combs has fewer keys", () => {
    // Key 0 is in the second comb alone, and keys 1 and 2 are in both.
    const pattern = union(within(comb(2, 0), { ...UNLIMITED, from: 1 }), comb(Number.MAX_SAFE_INTEGER, 0));
    for (const rows of [1, 32]) {
      const schedule = compileSchedule(pattern.bind({ length: 3, head: 0 }), { queries: 64, keys: 64, rows });
      expect([...timesComputed(tasksOf(schedule), 3)]).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1]);
    }
  });

  it("opens each row once a pass, empty in the first, and writes it in the last", () => {
    forAll((pattern, tile) => {
      const schedule = compileSchedule(pattern, tile);
      expect(brokenProtocol(tasksOf(schedule), pattern.length, schedule.passes)).toBeNull();
    });
  });

  it("never exceeds the tile sizes asked for where a tile has a mask, and no mask says more than it must", () => {
    forAll((pattern, tile) => {
      expect(misfits(tasksOf(compileSchedule(pattern, tile)), tile)).toEqual([]);
    });
  });

  it.each([
    ["distances of powers of two", powersOfTwo()],
    [
      "windows of an image",
      grid(64, axisWindow(7, 1, "clamp"), axisWindow(7, 1, "clamp"), { wholeRows: true }),
    ],
  ])("leaves no row alone where keys lie in many short ranges: %s", (_, pattern) => {
    const tasks = tasksOf(
      compileSchedule(pattern.bind({ length: 2048, head: 0 }), { queries: 48, keys: 113 }),
    );
    const groups = tasks.filter(({ flags }) => (flags & OPENS_ROWS) !== 0).map(({ rows }) => rows.length);
    expect(groups.filter((rows) => rows < 6).length).toBeLessThan(0.02 * groups.length);
  });

  it("is counted as its tasks are, in tiles of at most so many rows", () => {
    forAll((pattern, tile) => {
      const schedule = compileSchedule(pattern, tile);
      const counted = { pairs: 0, queries: 0, keys: 0 };
      for (const { rows, keys, flags } of tasksOf(schedule)) {
        counted.pairs += rows.length * keys.length;
        counted.keys += Math.ceil(rows.length / tile.queries) * keys.length;
        if ((flags & OPENS_ROWS) !== 0) counted.queries += rows.length;
      }
      expect(countTiles(schedule, tile.queries)).toEqual(counted);
      expect(counted.queries).toBe(pattern.length * schedule.passes);
    });
  });

  it("stores identical masks once and none that is full or empty", () => {
    forAll((pattern, tile) => {
      const schedule = compileSchedule(pattern, tile);
      const placeOf = new Map<string, number>();
      for (const [index, task] of tasksOf(schedule).entries()) {
        if (task.mask === null) continue;
        const at = schedule.tasks[index * TASK_WORDS + 6];
        const text = task.mask.join();
        expect(placeOf.get(text) ?? at).toBe(at);
        placeOf.set(text, at);
        const attended = timesComputed([task], pattern.length).reduce((sum, times) => sum + times, 0);
        expect(attended).toBeGreaterThan(0);
        expect(attended).toBeLessThan(task.rows.length * task.keys.length);
      }
      const used = [...placeOf.keys()].reduce((sum, text) => sum + text.split(",").length, 0);
      expect(schedule.masks.length).toBeLessThanOrEqual(used);
    });
  });

  it("says where passes begin, and whether the first goes in natural order", () => {
    forAll((pattern, tile) => {
      const schedule = compileSchedule(pattern, tile);
      const { passStarts, passes, hasNaturalPass } = schedule;
      expect(passStarts.length).toBe(passes);
      const tasks = tasksOf(schedule);
      for (const [pass, start] of passStarts.entries()) {
        const end = passStarts[pass + 1] ?? schedule.tasks.length;
        const rows = tasks
          .slice(start / TASK_WORDS, end / TASK_WORDS)
          .filter(({ flags }) => flags & OPENS_ROWS);
        const visited = rows.flatMap((task) => task.rows);
        expect(new Set(visited).size).toBe(pattern.length);
        const natural = visited.every((row, at) => row === at);
        if (pass === 0 && hasNaturalPass) expect(natural).toBe(true);
      }
    });
  });

  it("takes one task for full attention at any length, without masks", () => {
    for (const length of [1, 31, 32, 33, 1000, 65_536, 2 ** 20]) {
      const { tasks, masks } = compileSchedule(everything().bind({ length, head: 0 }), {
        queries: 32,
        keys: 64,
      });
      expect(tasks.length / TASK_WORDS).toBe(1);
      expect(masks.length).toBe(0);
    }
  });

  it("takes one task a residue class for a comb, whose keys are all full", () => {
    const bound = comb(64).bind({ length: 65_536, head: 0 });
    const { tasks, masks } = compileSchedule(bound, { queries: 32, keys: 64 });
    expect(tasks.length / TASK_WORDS).toBe(64);
    expect(masks.length).toBe(0);
  });

  it("keeps rows together that attend the same keys, however many they are", () => {
    const blocks = blockBand(64, 1).bind({ length: 1000, head: 0 });
    const { tasks, masks } = compileSchedule(blocks, { queries: 48, keys: 113 });
    expect(tasks.length / TASK_WORDS).toBe(Math.ceil(1000 / 64));
    expect(masks.length).toBe(0);
  });

  it("runs each window of an image as one task without a mask, and keys that all attend as one list", () => {
    const along = axisCells(7, 0);
    const swin = grid(128, along, along, { wholeRows: false }).bind({ length: 8192, head: 0 });
    const windows = compileSchedule(swin, { queries: 48, keys: 128 });
    expect([windows.passes, windows.masks.length]).toEqual([1, 0]);
    expect(windows.tasks.length / TASK_WORDS).toBe(Math.ceil(128 / 7) * Math.ceil(64 / 7));
    const fixed = union(blockBand(128, 1), columns(128, 8)).bind({ length: 8192, head: 0 });
    const summaries = compileSchedule(fixed, { queries: 48, keys: 128 });
    expect([summaries.passes, summaries.masks.length]).toEqual([2, 0]);
    expect(summaries.tokens.length).toBe(1 + (8192 / 128) * 8);
  });

  it("cuts a strip of windows so that rows computed together attend most of their keys", () => {
    const along = axisWindow(7, 1, "clamp");
    const bound = grid(128, along, along, { wholeRows: true }).bind({ length: 8192, head: 0 });
    const tasks = tasksOf(compileSchedule(bound, { queries: 48, keys: 128, panel: 16, rows: 6 }));
    let computed = 0;
    for (const task of tasks) {
      for (let row = 0; row < task.rows.length; row += 6) {
        const rows = Math.min(6, task.rows.length - row);
        const attended = task.keys.flatMap((_, key) =>
          Array.from({ length: rows }, (_, at) => computes(task, row + at, key)).some(Boolean) ? [key] : [],
        );
        computed += attended.length === 0 ? 0 : rows * (attended[attended.length - 1] + 1 - attended[0]);
      }
    }
    expect(computed / bound.pairs()).toBeLessThan(1.5);
  });

  it("runs a comb in one pass of strided tiles, and a comb beside a band in two", () => {
    const alone = compileSchedule(comb(7).bind({ length: 100, head: 0 }), { queries: 32, keys: 64 });
    expect([alone.passes, alone.masks.length]).toEqual([1, 0]);
    for (const { rows, keys } of tasksOf(alone)) {
      expect(new Set([...rows, ...keys].map((token) => token % 7)).size).toBe(1);
    }
    const beside = union(comb(7), band(3, 3)).bind({ length: 100, head: 0 });
    expect(compileSchedule(beside, { queries: 32, keys: 64 }).passes).toBe(2);
  });
});

/** Pairs computed by whole tiles over pairs attended, at N = 4096 and the defaults, rounded up: what tiling costs. */
const TILING_COST: Readonly<Record<string, readonly [whole: number, causal: number]>> = {
  full: [1, 1.008],
  local: [1.12, 1.24],
  stride: [1, 1.32],
  global: [1, 1.001],
  longformer: [1.11, 1.26],
  bigbird: [1, 1.06],
};

describe.each(variants.filter(({ id }) => Object.hasOwn(TILING_COST, id)))(
  "the schedule of $id",
  (variant) => {
    it.each([false, true])("computes little more than its pairs at 4096 tokens, causal: %s", (past) => {
      const { mechanism } = parameterize(variant, {});
      if (!isSoftmaxPattern(mechanism)) throw new TypeError("it has no pattern");
      const pattern = past ? causal(mechanism.pattern) : mechanism.pattern;
      const bound = pattern.bind({ length: 4096, head: 0 });
      const { pairs: executedPairs } = countTiles(compileSchedule(bound, { queries: 32, keys: 64 }), 32);
      const most = TILING_COST[variant.id][Number(past)];
      expect(executedPairs / bound.pairs()).toBeGreaterThanOrEqual(1);
      expect(executedPairs / bound.pairs()).toBeLessThanOrEqual(most);
    });
  },
);
