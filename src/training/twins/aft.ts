import { type Aft, isAft } from "../../mechanisms/aft/declare.ts";
import type { Arrays } from "../arrays/arrays.ts";
import type { Twin, TwinKind, TwinTask } from "./twin.ts";

/** Less than any sum of weights that has a meaning. */
const LEAST_SUM = 1e-37;

/** Sums of weighted values, channel by channel. Keys more than 80 below the largest of their channel weigh nothing. */
export const aftTwin: TwinKind<Aft> = {
  is: isAft,
  whyNot: ({ biases }) =>
    biases === null ? null : "adds learned biases to its keys, of which no twin is written",
  twin,
};

function twin(arrays: Arrays, { shape, causal }: TwinTask<Aft>): Twin {
  const { queries, length } = shape;
  return ({ q, k, v }) => {
    const seen = arrays.matrix(queries, length, (row, key) =>
      causal && key > row + length - queries ? 0 : 1,
    );
    const weights = k.sub(k.max(-2).stopped()).exp();
    const sums = seen.matmul(weights.mul(v)).div(seen.matmul(weights).add(LEAST_SUM));
    // σ is stable on both sides as e^-softplus(-x).
    return q.mul(-1).softplus().mul(-1).exp().mul(sums);
  };
}
