import type { Problem } from "../../../core/problem.ts";
import { FLOAT_BYTES, type Layout, type Shape } from "../../../core/shape.ts";
import { type Aft, biasedKeys, isAft, LEARNED } from "../../../mechanisms/aft/declare.ts";
import {
  type Gradient,
  gradientArrays,
  isGradientOf,
  problemWithin,
} from "../../../mechanisms/gradient/declare.ts";
import type { Ability } from "../../by-kind.ts";
import type { Runnable } from "../../kernel.ts";
import { Workspace } from "../../workspace.ts";
import { aft } from "../aft.ts";
import type { Means } from "../means.ts";
import { type AftBack, AftMeans } from "./aft-means.ts";
import { PlainKeys } from "./aft-plain-keys.ts";
import { addToSums, isZero } from "./factor.ts";
import { inPasses } from "./passes.ts";
import { type HeadAt, SumsByHead, weightsOf } from "./sums-by-head.ts";

/** The gradients of attention-free transformers: pairs that have a bias one by one, and other keys by sums over rows. */
export const aftGradient: Ability<Gradient<Aft>, Means> = {
  is: isGradientOf(isAft),
  prepare: (problem, { output }) => prepareAftGradient(problem, output),
};

function prepareAftGradient(problem: Problem<Gradient<Aft>>, output: Float32Array): Runnable {
  const within = problemWithin(problem);
  const { mechanism, shape, causal } = within;
  const { batch, heads, length, headDim: d } = shape;
  const { gradients } = gradientArrays(problem, output);
  const workspace = new Workspace();
  const sums = new SumsByHead(problem, layoutsOf(mechanism, shape), gradients, workspace);
  const endOf = (row: number): number => (causal ? row + 1 : length);
  const stretches = {
    length,
    d,
    endOf,
    biasedOf: (row: number) => biasedKeys(mechanism.biases, row, endOf(row)),
  };
  const means = new AftMeans(stretches, workspace);
  const plain = new PlainKeys(stretches, workspace);
  /** `σ(q) dout` of every row. */
  const along = workspace.float64(length * d);
  const rank = mechanism.biases?.rank ?? 0;

  const runHead = (at: HeadAt): void => {
    const [q, k, v] = ["q", "k", "v"].map((name) => sums.factor(name, at));
    const tables =
      rank === 0 ? null : { u: sums.factor(LEARNED.ofQueries, at), w: sums.factor(LEARNED.ofKeys, at) };
    const biasOf = (row: number, key: number): number => {
      if (tables === null) return 0;
      const { u, w } = tables;
      let sum = 0;
      for (let r = 0; r < rank; r++) sum += u.values[u.at + row * rank + r] * w.values[w.at + key * rank + r];
      return sum;
    };
    const dout = sums.dout(at);
    means.run(k, v, biasOf);
    for (let i = 0; i < length * d; i++) {
      const x = q.values[q.at + i];
      const small = Math.exp(-Math.abs(x));
      const [open, shut] = x >= 0 ? [1, small] : [small, 1];
      along[i] = (dout.values[dout.at + i] * open) / (1 + small);
      if (along[i] !== 0 && q.sums !== null) q.sums[i] = (along[i] * means.means[i] * shut) / (1 + small);
    }
    const back: AftBack = { k, v, along, means: means.means, logSums: means.logSums };
    plain.run(back);
    for (let row = 0; row < length; row++) {
      if (isZero(along, row * d, d)) continue;
      const { from, to } = stretches.biasedOf(row);
      for (let key = from; key < to; key++) {
        const ofBias = pairBack(back, row, key, d, biasOf(row, key));
        if (tables === null) continue;
        addToSums(tables.u, row, ofBias, tables.w.values, tables.w.at + key * rank);
        addToSums(tables.w, key, ofBias, tables.u.values, tables.u.at + row * rank);
      }
    }
  };
  let pairs = 0;
  for (let row = 0; row < length; row++) {
    const { from, to } = stretches.biasedOf(row);
    pairs += to - from;
  }
  return inPasses(problem, output, {
    forward: (out) => aft.prepare(within, { output: out }),
    saved: [],
    backward: {
      run: () => sums.run(runHead),
      workspaceBytes: workspace.bytes,
      executedFlops: batch * heads * (pairs * (12 * d + 8 * rank) + length * d * 24),
      bytes: FLOAT_BYTES * batch * heads * (pairs * (4 * d + 4 * rank) + 12 * length * d),
    },
  });
}

/** Adds what a pair with a bias gets, channel by channel; returns the gradient of the bias. */
function pairBack(
  { k, v, along, means, logSums }: AftBack,
  row: number,
  key: number,
  d: number,
  bias: number,
): number {
  let ofBias = 0;
  for (let c = 0; c < d; c++) {
    const [own, other] = [row * d + c, key * d + c];
    const share = Math.exp(k.values[k.at + other] + bias - logSums[own]) * along[own];
    const moved = share * (v.values[v.at + other] - means[own]);
    if (v.sums !== null) v.sums[other] += share;
    if (k.sums !== null) k.sums[other] += moved;
    ofBias += moved;
  }
  return ofBias;
}

function layoutsOf({ biases }: Aft, { heads, length }: Shape): Readonly<Record<string, Layout>> {
  if (biases === null) return {};
  const table = weightsOf(heads, length, biases.rank);
  return { [LEARNED.ofQueries]: table, [LEARNED.ofKeys]: table };
}
