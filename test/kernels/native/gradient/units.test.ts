import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { kvHeadOf, shapeOf } from "../../../../src/core/shape.ts";
import { parameterize } from "../../../../src/core/variant.ts";
import { compileSchedule } from "../../../../src/kernels/compile-schedule.ts";
import { cutSegments, type HeadItem, pairsOf } from "../../../../src/kernels/native/gradient/units.ts";
import { itemsOf } from "../../../../src/kernels/native/pairwise/items.ts";
import { TILE_SIZES } from "../../../../src/kernels/native/pairwise/softmax-kernel.ts";
import { CLOSES_ROWS, TASK_WORDS } from "../../../../src/kernels/schedule.ts";
import { tokensOf } from "../../../../src/kernels/walk-schedule.ts";
import type { JudgedProblem } from "../../../../src/mechanisms/judged.ts";
import { isSoftmaxPattern } from "../../../../src/mechanisms/softmax-pattern/declare.ts";
import { bindHeads } from "../../../../src/pattern/bind.ts";
import { full } from "../../../../variants/dense/full.ts";
import { alsoUnlike, problemOf, problemsFor } from "../../arbitrary-problems.ts";

const problems = problemsFor(
  null,
  alsoUnlike(
    fc
      .record({
        batch: fc.constant(1),
        heads: fc.integer({ min: 1, max: 2 }),
        length: fc.integer({ min: 1, max: 2000 }),
        headDim: fc.constant(2),
      })
      .map(shapeOf),
  ),
).filter(({ mechanism }) => isSoftmaxPattern(mechanism));

/** The items of each head of keys, by passes. */
function groupsOf({ mechanism, ...problem }: JudgedProblem): HeadItem[][][] {
  if (!isSoftmaxPattern(mechanism)) throw new TypeError("must be attention over a pattern");
  const { shape } = problem;
  const schedules = bindHeads(mechanism, problem).map((pattern) => compileSchedule(pattern, TILE_SIZES));
  const passes = Math.max(...schedules.map((schedule) => itemsOf(schedule).length));
  return Array.from({ length: shape.kvHeads }, (_, group) =>
    Array.from({ length: passes }, (_, pass) =>
      [...schedules.entries()]
        .filter(([head]) => kvHeadOf(shape, head) === group)
        .flatMap(([head, schedule]) =>
          (itemsOf(schedule)[pass] ?? []).map((item) => ({ head, schedule, item })),
        ),
    ),
  );
}

/** All keys of an item's tasks. */
function* keysOf({ schedule: { tasks, tokens }, item }: HeadItem): Generator<number> {
  for (let task = item.task; ; task += TASK_WORDS) {
    const [first, list, count] = tasks.subarray(task + 3, task + 6);
    const keys = tokensOf(tokens, { first, list, count });
    for (let at = 0; at < count; at++) yield keys.token(at);
    if ((tasks[task + TASK_WORDS - 1] & CLOSES_ROWS) !== 0) return;
  }
}

describe("segments of a backward pass", () => {
  it("have every item once, in its order, and sums for every key that their items meet", () => {
    fc.assert(
      fc.property(problems, (problem) => {
        const { length } = problem.shape;
        const groups = groupsOf(problem);
        for (const [group, segments] of cutSegments(groups, length).entries()) {
          for (const [pass, items] of groups[group].entries()) {
            expect(segments.flatMap(({ passes }) => passes[pass])).toEqual(items);
          }
          for (const { passes, keys } of segments) {
            for (const item of passes.flat()) {
              for (const key of keysOf(item)) {
                if (!(keys !== null && key >= keys.from && key < keys.to)) expect(keys).toContain(key);
              }
            }
            if (keys !== null) expect([keys.from >= 0, keys.to <= length]).toEqual([true, true]);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it("are several of about equal work where that is enough", () => {
    const shape = shapeOf({ batch: 1, heads: 1, length: 2000, headDim: 2 });
    for (const causal of [false, true]) {
      const groups = groupsOf(problemOf(parameterize(full, {}).mechanism, shape, causal));
      const [segments] = cutSegments(groups, shape.length);
      const work = segments.map(({ passes }) => passes.flat().reduce((sum, item) => sum + pairsOf(item), 0));
      const share = work.reduce((sum, own) => sum + own, 0) / work.length;
      const most = Math.max(...groups.flat(2).map(pairsOf));
      expect(segments.length).toBeGreaterThanOrEqual(causal ? 2 : 4);
      for (const own of work) expect(Math.abs(own - share)).toBeLessThanOrEqual(most);
    }
  });
});
