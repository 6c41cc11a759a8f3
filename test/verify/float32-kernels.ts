import type { Problem } from "../../src/core/problem.ts";
import { rowOffset } from "../../src/core/shape.ts";
import type { Kernel } from "../../src/kernels/kernel.ts";
import { simpleKernel } from "../../src/kernels/simple-kernel.ts";
import type { FeatureMap } from "../../src/mechanisms/feature-map/declare.ts";
import { isElementwise, isFeatureMap } from "../../src/mechanisms/feature-map/declare.ts";
import {
  isSoftmaxPattern,
  type SoftmaxPattern,
  scaleOf,
} from "../../src/mechanisms/softmax-pattern/declare.ts";
import { bindHeads } from "../../src/pattern/bind.ts";
import { elementwiseOf } from "../mechanisms/elementwise-of.ts";

/**
 * Right kernels that are as imprecise as float32 allows, and sum in other orders than the reference does. The gate must
 * let them through: what a WebAssembly or GPU kernel may do, they do.
 */

const { fround } = Math;

/** Adds numbers up in float32. */
type Sum = (terms: Float32Array, count: number) => number;

const lastFirst: Sum = (terms, count) => {
  let sum = 0;
  for (let at = count - 1; at >= 0; at--) sum = fround(sum + terms[at]);
  return sum;
};

/** As four lanes of a vector do. */
const fourLanes: Sum = (terms, count) => {
  const lanes = new Float32Array(4);
  for (let at = 0; at < count; at++) lanes[at & 3] += terms[at];
  return fround(fround(lanes[0] + lanes[2]) + fround(lanes[1] + lanes[3]));
};

/** `exp` that is off by up to one float32 step on top of its rounding, now up, now down, and exact at 0 as all are. */
const roughExp = (x: number): number => {
  if (x === 0) return 1;
  const direction = (Math.imul(Math.floor(x * 4096), 0x9e3779b1) >>> 30) - 1;
  return fround(Math.exp(x) * (1 + Math.min(direction, 1) * 2 ** -23));
};

function twoPasses(id: string, sum: Sum, exp: (x: number) => number): Kernel {
  return simpleKernel({
    id,
    supports: ({ mechanism }) => isSoftmaxPattern(mechanism) || "it has no feature maps",
    prepare: (problem, output) => () =>
      forEachRow(problem, (keys, queryAt, keysAt) => {
        const { q, k, v, shape } = problem.inputs;
        const { headDim } = shape;
        const scale = fround(scaleOf(problem.mechanism as SoftmaxPattern, headDim));
        const terms = new Float32Array(Math.max(headDim, keys.length));
        const weights = new Float32Array(keys.length);
        for (let at = 0; at < keys.length; at++) {
          const keyAt = keysAt + keys[at] * headDim;
          for (let i = 0; i < headDim; i++) terms[i] = fround(q[queryAt + i] * scale) * k[keyAt + i];
          weights[at] = sum(terms, headDim);
        }
        const largest = weights.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
        for (let at = 0; at < keys.length; at++) weights[at] = exp(fround(weights[at] - largest));
        const factor = fround(1 / sum(weights, keys.length));
        for (let i = 0; i < headDim; i++) {
          for (let at = 0; at < keys.length; at++)
            terms[at] = weights[at] * v[keysAt + keys[at] * headDim + i];
          output[queryAt + i] = keys.length === 0 ? 0 : sum(terms, keys.length) * factor;
        }
      }),
  });
}

/** One pass over the keys with a running maximum, as tile kernels do, a tile being `tile` keys. */
function onePass(id: string, tile: number): Kernel {
  return simpleKernel({
    id,
    supports: ({ mechanism }) => isSoftmaxPattern(mechanism) || "it has no feature maps",
    prepare: (problem, output) => () =>
      forEachRow(problem, (keys, queryAt, keysAt) => {
        const { q, k, v, shape } = problem.inputs;
        const { headDim } = shape;
        const scale = fround(scaleOf(problem.mechanism as SoftmaxPattern, headDim));
        const terms = new Float32Array(headDim);
        const scores = new Float32Array(tile);
        const values = new Float32Array(headDim);
        let maximum = Number.NEGATIVE_INFINITY;
        let total = 0;
        for (let first = 0; first < keys.length; first += tile) {
          const count = Math.min(tile, keys.length - first);
          let largest = maximum;
          for (let at = 0; at < count; at++) {
            const keyAt = keysAt + keys[first + at] * headDim;
            for (let i = 0; i < headDim; i++) terms[i] = q[queryAt + i] * k[keyAt + i];
            scores[at] = fourLanes(terms, headDim) * scale;
            largest = Math.max(largest, scores[at]);
          }
          const factor = maximum === Number.NEGATIVE_INFINITY ? 0 : roughExp(fround(maximum - largest));
          maximum = largest;
          total = fround(total * factor);
          for (let i = 0; i < headDim; i++) values[i] *= factor;
          for (let at = 0; at < count; at++) {
            const weight = roughExp(fround(scores[at] - maximum));
            total = fround(total + weight);
            const keyAt = keysAt + keys[first + at] * headDim;
            for (let i = 0; i < headDim; i++) values[i] += fround(weight * v[keyAt + i]);
          }
        }
        for (let i = 0; i < headDim; i++) output[queryAt + i] = total === 0 ? 0 : values[i] / total;
      }),
  });
}

/** Linear attention through a state that float32 numbers hold: of all keys, or of those so far. */
const float32State = simpleKernel({
  id: "float32-state",
  supports: ({ mechanism }) =>
    (isFeatureMap(mechanism) && isElementwise(mechanism.feature)) || "it has elementwise feature maps only",
  prepare: (problem, output) => () => {
    const { causal, shape, inputs } = problem;
    const mechanism = problem.mechanism as FeatureMap;
    const { epsilon } = mechanism;
    const { headDim, length } = shape;
    const phi = (x: number): number => fround(elementwiseOf(mechanism).phi(x));
    const terms = new Float32Array(headDim);
    for (let slice = 0; slice < shape.batch * shape.heads; slice++) {
      const base = slice * length * headDim;
      const state = new Float32Array(headDim * headDim);
      const normaliser = new Float32Array(headDim);
      const write = (at: number): void => {
        for (let i = 0; i < headDim; i++) {
          const key = phi(inputs.k[at + i]);
          normaliser[i] += key;
          for (let column = 0; column < headDim; column++)
            state[i * headDim + column] += fround(key * inputs.v[at + column]);
        }
      };
      const read = (at: number): void => {
        for (let i = 0; i < headDim; i++) terms[i] = phi(inputs.q[at + i]) * normaliser[i];
        const divisor = fround(lastFirst(terms, headDim) + epsilon);
        for (let column = 0; column < headDim; column++) {
          for (let i = 0; i < headDim; i++) terms[i] = phi(inputs.q[at + i]) * state[i * headDim + column];
          output[at + column] = lastFirst(terms, headDim) / divisor;
        }
      };
      if (!causal) for (let token = 0; token < length; token++) write(base + token * headDim);
      for (let token = 0; token < length; token++) {
        if (causal) write(base + token * headDim);
        read(base + token * headDim);
      }
    }
  },
});

/** Every one of them; each task is supported by some. */
export const float32Kernels: readonly Kernel[] = [
  twoPasses("last-key-first", lastFirst, (x) => fround(Math.exp(x))),
  twoPasses("four-lanes", fourLanes, roughExp),
  onePass("running-maximum", 1),
  onePass("tiles-of-64", 64),
  float32State,
];

/** Visits every row with its keys, in the order of the intervals. */
function forEachRow(
  problem: Problem,
  visit: (keys: readonly number[], queryAt: number, keysAt: number) => void,
): void {
  const { shape } = problem;
  const patterns = bindHeads(problem.mechanism as SoftmaxPattern, problem);
  for (let batch = 0; batch < shape.batch; batch++) {
    for (let head = 0; head < shape.heads; head++) {
      for (let row = 0; row < shape.length; row++) {
        const ranges = patterns[head].intervals(row);
        const keys: number[] = [];
        for (let at = 0; at < ranges.length; at += 2) {
          for (let key = ranges[at]; key < ranges[at + 1]; key++) keys.push(key);
        }
        visit(keys, rowOffset(shape, batch, head, row), rowOffset(shape, batch, head, 0));
      }
    }
  }
}
