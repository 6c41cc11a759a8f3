import type { Task } from "../../core/problem.ts";
import { FLOAT_BYTES } from "../../core/shape.ts";
import type { LeastStep, StepKind } from "../kind.ts";
import { chainOf, type Pooling, poolingOf, type Summary } from "./declare.ts";

/** Decoding what pools blocks of tokens: the means of those that have ended, and a running block. */
export const summarySteps: StepKind<Summary> = {
  work({ mechanism, shape }, position) {
    const { batch, heads, kvHeads, headDim, valueDim } = shape;
    const { size } = poolingIn({ mechanism, shape });
    const ended = Math.floor((position + 1) / size);
    // Each number of the token is added to its block's sum.
    const flops = batch * (headDim + valueDim) * (kvHeads + 2 * heads * ended);
    return { pairs: null, usefulFlops: flops };
  },
  leastWork: leastStep,
  residentBytes: (_task, _window, { stateBytes }) => stateBytes,
  keeps(mechanism, length) {
    const { size } = poolingIn({ mechanism, shape: { ...USUAL, length, queries: length } });
    return `keeps ${Math.floor(length / size)} means of ${size} keys and values, and the sum of a block that has not ended`;
  },
};

const USUAL = { batch: 1, heads: 1, kvHeads: 1, headDim: 1, valueDim: 1 };

function poolingIn({ mechanism, shape }: Pick<Task<Summary>, "mechanism" | "shape">): Pooling {
  const pooling = poolingOf(chainOf(mechanism, shape, true));
  if (pooling === null) throw new TypeError(`${mechanism.text}: it is not decoded`);
  return pooling;
}

/** The means that a later step attends: without their keys if no step attends two of them. */
function leastStep({ mechanism, shape }: Task<Summary>, position: number): LeastStep {
  const { batch, heads, kvHeads, headDim, valueDim, length } = shape;
  const { size } = poolingIn({ mechanism, shape });
  const most = Math.floor(length / size);
  const [before, after] = [position, position + 1].map((tokens) => Math.floor(tokens / size));
  const width = valueDim + (most > 1 ? headDim : 0);
  const runs = position % size > 0 && before < most ? 1 : 0;
  const stateBytes = FLOAT_BYTES * batch * kvHeads * width * (before + runs);
  if (position >= length) return { flops: 0, bytes: 0, stateBytes };
  const flops = after > 1 ? 2 * batch * heads * after * (headDim + valueDim) : 0;
  const read = before * (valueDim + (after > 1 ? headDim : 0));
  return { flops, bytes: FLOAT_BYTES * batch * kvHeads * read, stateBytes };
}
