import type { Shape } from "../../../core/shape.ts";
import type { Cell } from "../../../mechanisms/cell/declare.ts";
import type { Workspace } from "../../workspace.ts";
import { sigmoid } from "../weighing.ts";
import type { HeadAt, SumsByHead } from "./sums-by-head.ts";

/** One head of a cell, there and back. */
export interface CellBack {
  run(sums: SumsByHead, at: HeadAt): void;
  readonly tokenFlops: number;
}

/** `h = keep h' + write v`, gates given by the call: `write` is σ(k), or `σ(k) / (σ(q) + σ(k))`. */
export function gatedBack({ cell }: Cell, { length, headDim }: Shape, workspace: Workspace): CellBack {
  const isGru = cell === "min-gru";
  const [states, keeps, writes] = [0, 0, 0].map(() => workspace.float64(length * headDim));
  return {
    tokenFlops: 20 * headDim,
    run(sums, at) {
      const [q, k, v] = ["q", "k", "v"].map((name) => sums.factor(name, at));
      const dout = sums.dout(at);
      for (let i = 0; i < length * headDim; i++) {
        const [ofQ, ofK] = [q.values[q.at + i], k.values[k.at + i]];
        // A share of two logistic functions is one of the difference of their logarithms.
        const x = isGru ? ofK : logSigmoid(ofK) - logSigmoid(ofQ);
        writes[i] = sigmoid(x);
        keeps[i] = sigmoid(-x);
        const before = i < headDim ? 0 : keeps[i] * states[i - headDim];
        states[i] = before + writes[i] * v.values[v.at + i];
      }
      for (let channel = 0; channel < headDim; channel++) {
        let carried = 0;
        for (let i = (length - 1) * headDim + channel; i >= 0; i -= headDim) {
          const g = carried + dout.values[dout.at + i];
          if (g === 0) continue;
          carried = g * keeps[i];
          const before = i < headDim ? 0 : states[i - headDim];
          if (v.sums !== null) v.sums[i] = g * writes[i];
          const ofShare = g * (v.values[v.at + i] - before) * writes[i] * keeps[i];
          if (k.sums !== null) k.sums[i] = isGru ? ofShare : ofShare * sigmoid(-k.values[k.at + i]);
          if (q.sums !== null && !isGru) q.sums[i] = -ofShare * sigmoid(-q.values[q.at + i]);
        }
      }
    },
  };
}

function logSigmoid(x: number): number {
  return Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x)));
}
