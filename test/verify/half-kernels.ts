import { DTYPES, type Dtype, formatOf } from "../../src/core/dtype.ts";
import type { Problem } from "../../src/core/problem.ts";
import { layoutOf, offsetIn } from "../../src/core/shape.ts";
import { js } from "../../src/kernels/js/index.ts";
import type { ReadyKernel } from "../../src/kernels/kernel.ts";
import { simpleKernel } from "../../src/kernels/simple-kernel.ts";
import {
  isSoftmaxPattern,
  type SoftmaxPattern,
  scaleOf,
} from "../../src/mechanisms/softmax-pattern/declare.ts";
import { bindHeads } from "../../src/pattern/bind.ts";

/** The problem as js takes it: its numbers, and nothing of their dtype. */
function plain({ dtype: _, ...same }: Problem): Problem {
  return same;
}

/**
 * Computes in float64 as js does, any kind, and rounds what it gives: the best that a kernel of that dtype can be. `spoil`
 * is what else it does to a number of the output.
 */
export function roundsOutput(
  id: string,
  {
    dtypes = DTYPES,
    spoil = (value) => value,
    input,
  }: {
    dtypes?: readonly Dtype[];
    spoil?: (value: number, dtype: Dtype) => number;
    /** How it reads its inputs; as they are if omitted. */
    input?: (value: number) => number;
  } = {},
): ReadyKernel {
  return simpleKernel({
    id,
    dtypes,
    freedoms: js.freedoms ?? [],
    forms: js.forms ?? [],
    supports: (task) => js.supports(task),
    prepare(problem, output) {
      const { dtype = "float32", inputs } = problem;
      const { round } = formatOf(dtype);
      const [q, k, v] = [inputs.q, inputs.k, inputs.v].map((tensor) => tensor.slice());
      const own =
        input === undefined ? plain(problem) : { ...plain(problem), inputs: { ...inputs, q, k, v } };
      const inner = js.prepare(own, output);
      return () => {
        if (input !== undefined) {
          for (const [to, from] of [
            [q, inputs.q],
            [k, inputs.k],
            [v, inputs.v],
          ] as const) {
            for (const [at, value] of from.entries()) to[at] = input(value);
          }
        }
        inner.run();
        for (const [at, value] of output.entries()) output[at] = round(spoil(value, dtype));
      };
    },
  });
}

/** How a softmax kernel rounds. */
interface Steps {
  /** Each number that is stored between two operations. */
  readonly stored: (value: number) => number;
  /** Each sum so far. */
  readonly sums: (value: number) => number;
}

/** Softmax attention of any pattern in plain loops that round as they are told. */
export function softmaxBy(
  id: string,
  steps: (dtype: Dtype) => Steps,
  dtypes: readonly Dtype[] = DTYPES,
): ReadyKernel {
  return simpleKernel({
    id,
    dtypes,
    freedoms: ["queries"],
    supports: ({ mechanism }) => isSoftmaxPattern(mechanism) || "it has softmax attention only",
    prepare: (problem, output) => {
      const { dtype = "float32", shape, inputs } = problem;
      const { stored, sums } = steps(dtype);
      const mechanism = problem.mechanism as SoftmaxPattern;
      const patterns = bindHeads(mechanism, problem);
      const { headDim, valueDim, length } = shape;
      // As PyTorch's math does: the root of the scale on both sides, so that no product is beyond float16.
      const root = Math.sqrt(scaleOf(mechanism, headDim));
      const [query, keys] = [new Float64Array(headDim), new Float64Array(length * headDim)];
      const weights = new Float64Array(length);
      return () => {
        for (let batch = 0; batch < shape.batch; batch++) {
          for (let head = 0; head < shape.heads; head++) {
            const keysAt = offsetIn(layoutOf(shape, "k"), batch, head, 0);
            const valuesAt = offsetIn(layoutOf(shape, "v"), batch, head, 0);
            for (let at = 0; at < keys.length; at++) keys[at] = stored(inputs.k[keysAt + at] * root);
            for (let row = 0; row < shape.queries; row++) {
              const queryAt = offsetIn(layoutOf(shape, "q"), batch, head, row);
              const out = offsetIn(layoutOf(shape, "output"), batch, head, row);
              for (let i = 0; i < headDim; i++) query[i] = stored(inputs.q[queryAt + i] * root);
              const ranges = patterns[head].intervals(row);
              let largest = Number.NEGATIVE_INFINITY;
              for (let at = 0; at < ranges.length; at += 2) {
                for (let key = ranges[at]; key < ranges[at + 1]; key++) {
                  let score = 0;
                  for (let i = 0; i < headDim; i++) score = sums(score + query[i] * keys[key * headDim + i]);
                  weights[key] = stored(score);
                  largest = Math.max(largest, weights[key]);
                }
              }
              let total = 0;
              for (let at = 0; at < ranges.length; at += 2) {
                for (let key = ranges[at]; key < ranges[at + 1]; key++) {
                  weights[key] = Math.exp(weights[key] - largest);
                  total = sums(total + weights[key]);
                }
              }
              const values = new Float64Array(valueDim);
              for (let at = 0; at < ranges.length; at += 2) {
                for (let key = ranges[at]; key < ranges[at + 1]; key++) {
                  const weight = stored(weights[key] / total);
                  for (let i = 0; i < valueDim; i++) {
                    values[i] = sums(values[i] + weight * inputs.v[valuesAt + key * valueDim + i]);
                  }
                }
              }
              for (let i = 0; i < valueDim; i++) output[out + i] = stored(values[i]);
            }
          }
        }
      };
    },
  });
}
