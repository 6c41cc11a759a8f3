import { expect, it } from "vitest";
import type { Mechanism } from "../../src/core/mechanism.ts";
import { shapeOf } from "../../src/core/shape.ts";
import { syntheticSource } from "../../src/input/synthetic.ts";
import { guardedOutput } from "../../src/kernels/kernel.ts";
import { simpleKernel } from "../../src/kernels/simple-kernel.ts";
import { kindsOf } from "../../src/mechanisms/kinds.ts";
import { simpleKind } from "../../src/mechanisms/simple-kind.ts";
import { prepareCase } from "../../src/verify/prepare-case.ts";
import { gateRows } from "../../src/verify/rows.ts";

/** Channel by channel the mean of v, weighed by e^k: what AFT-simple sums (Zhai et al. 2021, arXiv 2105.14103). */
const keySum = simpleKind<Mechanism>({
  id: "keySum",
  causality: "never",
  flops: ({ shape }) => 4 * shape.batch * shape.heads * shape.length * shape.headDim,
  laws: [],
  reference({ k, v, length, headDim: d }, round) {
    const out = new Float64Array(length * d);
    for (let column = 0; column < d; column++) {
      let [largest, sum, total] = [Number.NEGATIVE_INFINITY, 0, 0];
      for (let at = column; at < length * d; at += d) largest = Math.max(largest, k[at]);
      for (let at = column; at < length * d; at += d) {
        const weight = round(Math.exp(round(k[at] - largest)));
        sum = round(sum + round(weight * v[at]));
        total = round(total + weight);
      }
      for (let at = column; at < length * d; at += d) out[at] = round(sum / total);
    }
    return out;
  },
});

/** The same in float32, with the largest key subtracted before `exp`, or not. */
const kernelOf = (subtracts: boolean) =>
  simpleKernel({
    id: "kernel",
    prepare({ shape, inputs: { k, v } }, output) {
      const { batch, heads, length, headDim: d } = shape;
      return () => {
        for (let first = 0; first < batch * heads * length * d; first += length * d) {
          for (let column = first; column < first + d; column++) {
            let [largest, sum, total] = [subtracts ? Number.NEGATIVE_INFINITY : 0, 0, 0];
            const end = first + length * d;
            for (let at = column; subtracts && at < end; at += d) largest = Math.max(largest, k[at]);
            for (let at = column; at < end; at += d) {
              const weight = Math.fround(Math.exp(k[at] - largest));
              sum = Math.fround(sum + Math.fround(weight * v[at]));
              total = Math.fround(total + weight);
            }
            for (let at = column; at < end; at += d) output[at] = sum / total;
          }
        }
      };
    },
  });

it("large keys expose what overflows in keys alone, where rows have no scores", async () => {
  const shape = shapeOf({ batch: 1, heads: 2, length: 30, headDim: 4 });
  const judged = kindsOf([keySum]).judged({ mechanism: { kind: "keySum" } });
  const context = { places: gateRows(shape, 1), fullRows: null, seed: 1, second: null, now: () => 0 };
  const outcomes = [true, false].map(async (subtracts) => {
    const inputs = syntheticSource("gaussian", 2).inputs(shape);
    const problem = { ...judged, shape, causal: false, threads: 1, inputs };
    const output = guardedOutput(inputs.q.length);
    const result = await prepareCase(problem, kernelOf(subtracts), { ...context, output });
    return result.outcome === "green" ? null : result.reason;
  });
  expect(await Promise.all(outcomes)).toEqual([null, expect.stringMatching(/with large keys: row 0/)]);
});
