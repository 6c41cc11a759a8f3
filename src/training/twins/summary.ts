import { chainOf, isSummary, type Summary } from "../../mechanisms/summary/declare.ts";
import type { Arrays } from "../arrays/arrays.ts";
import type { Tensor } from "../arrays/tensor.ts";
import { carryOut, isSmooth, type Matrices, type Smooth } from "./chain-steps.ts";
import type { Twin, TwinKind, TwinTask } from "./twin.ts";

/** Some size at which a chain is asked for its steps, which are of the same sorts at any other. */
const ANY = { queries: 8, length: 8, headDim: 4, valueDim: 4, causal: false, scale: 1 };

/** Attention through summaries: its chain, step by step. */
export const summaryTwin: TwinKind<Summary> = {
  is: isSummary,
  whyNot({ chain }) {
    const choosing = chain(ANY).find((step) => !isSmooth(step));
    return choosing === undefined ? null : `chooses ${choosing.step}, of which no twin is written`;
  },
  twin,
};

function twin(arrays: Arrays, { mechanism, shape, causal }: TwinTask<Summary>): Twin {
  const steps = chainOf(mechanism, shape, causal).filter((step): step is Smooth => isSmooth(step));
  return ({ q, k, v, named }) => {
    const matrices: Matrices = new Map<string, Tensor>(Object.entries({ ...named, q, k, v }));
    for (const step of steps) carryOut(arrays, step, matrices);
    const out = matrices.get("out");
    if (out === undefined) throw new TypeError(`summary: the chain of ${mechanism.text} must make out`);
    return out;
  };
}
