import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { shapeOf } from "../../src/core/shape.ts";
import { parameterize } from "../../src/core/variant.ts";
import { fullFlops, fullPairs } from "../../src/core/work.ts";
import { builtInKinds } from "../../src/mechanisms/kinds.ts";
import { isDecoded } from "../../src/mechanisms/why-undefined.ts";
import { stepsOf } from "../../src/mechanisms/work-of-case.ts";
import { everything } from "../../src/pattern/band.ts";
import { bindHeads } from "../../src/pattern/bind.ts";
import { randomBlocks } from "../../src/pattern/random-blocks.ts";
import { linear } from "../../variants/feature-map/linear.ts";
import { variants } from "../../variants/index.ts";
import { ofPattern, workOf } from "../mechanisms/judge.ts";
import { algebraWithDraws } from "../pattern/arbitrary-patterns.ts";

const shapes = fc
  .record({
    batch: fc.integer({ min: 1, max: 3 }),
    heads: fc.integer({ min: 1, max: 3 }),
    length: fc.integer({ min: 1, max: 40 }),
    headDim: fc.integer({ min: 1, max: 20 }),
  })
  .map(shapeOf);

describe("the useful work", () => {
  it("of a pattern is a multiplication and an addition a dimension, for q·k and for w·v, of every pair", () => {
    fc.assert(
      fc.property(algebraWithDraws, shapes, fc.boolean(), (pattern, shape, causal) => {
        const task = { mechanism: ofPattern(pattern), shape, causal, threads: 1 };
        const patterns = bindHeads(task.mechanism, task);
        let pairs = 0;
        let operations = 0;
        for (let head = 0; head < shape.heads; head++) {
          for (let query = 0; query < shape.length; query++) {
            for (let key = 0; key < shape.length; key++) {
              if (!patterns[head].attends(query, key)) continue;
              pairs++;
              for (let i = 0; i < shape.headDim; i++) operations += shape.batch * (2 + 2);
            }
          }
        }
        expect(workOf(task)).toEqual({ pairs: pairs / shape.heads, usefulFlops: operations });
      }),
    );
  });

  it("of full attention follows from the shape alone", () => {
    const mechanism = ofPattern(everything());
    fc.assert(
      fc.property(shapes, fc.boolean(), (shape, causal) => {
        const task = { mechanism, shape, causal, threads: 1 };
        expect(workOf(task)).toEqual({
          pairs: fullPairs(shape, causal),
          usefulFlops: fullFlops(shape, causal),
        });
      }),
    );
  });

  it("of a feature map is a state of d·(d+1) numbers written and read a token, whatever the order of the keys", () => {
    const { mechanism } = parameterize(linear, {});
    fc.assert(
      fc.property(shapes, fc.boolean(), (shape, causal) => {
        let operations = 0;
        for (let token = 0; token < shape.batch * shape.heads * shape.length; token++) {
          for (let i = 0; i < shape.headDim; i++) {
            // Each column of v, and the column of ones that sums to the normaliser.
            for (let column = 0; column <= shape.headDim; column++) operations += 2 + 2;
          }
        }
        expect(workOf({ mechanism, shape, causal, threads: 1 })).toEqual({
          pairs: null,
          usefulFlops: operations,
        });
      }),
    );
  });

  it("gives the mean of heads that differ", () => {
    const pattern = randomBlocks(4, 1, 9);
    const shape = shapeOf({ batch: 1, heads: 3, length: 41, headDim: 2 });
    const task = { mechanism: ofPattern(pattern), shape, causal: true, threads: 1 };
    const patterns = bindHeads(task.mechanism, task);
    const counts = patterns.map((bound) => bound.pairs());
    expect(new Set(counts).size).toBeGreaterThan(1);
    expect(workOf(task).pairs).toBeCloseTo((counts[0] + counts[1] + counts[2]) / 3, 12);
  });
});

test("the steps of a sequence, taken together, do the work of one causal pass over it", () => {
  const shape = shapeOf({ batch: 2, heads: 3, length: 150, headDim: 4 });
  for (const variant of variants) {
    const { mechanism } = parameterize(variant, {});
    const task = builtInKinds.judged({ mechanism, shape, causal: true, threads: 1 });
    if (!isDecoded(task)) continue;
    const steps = Array.from({ length: shape.length }, (_, at) => stepsOf(task).work(task, at));
    const whole = task.kind.work(task);
    expect(steps.reduce((sum, { usefulFlops }) => sum + usefulFlops, 0)).toBe(whole.usefulFlops);
    if (whole.pairs === null) expect(steps.every(({ pairs }) => pairs === null)).toBe(true);
    else expect(steps.reduce((sum, { pairs }) => sum + (pairs ?? 0), 0)).toBeCloseTo(whole.pairs, 6);
  }
});
