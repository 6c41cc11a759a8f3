import { chainOf, isSummary, type Summary } from "../../mechanisms/summary/declare.ts";
import type { Arrays } from "../arrays/arrays.ts";
import type { Tensor } from "../arrays/tensor.ts";
import { carryOut, type Matrices } from "./chain-steps.ts";
import type { Twin, TwinKind, TwinTask } from "./twin.ts";

/** Attention through summaries: its chain, step by step. */
export const summaryTwin: TwinKind<Summary> = { is: isSummary, whyNot: () => null, twin };

function twin(arrays: Arrays, { mechanism, shape, causal }: TwinTask<Summary>): Twin {
  const steps = chainOf(mechanism, shape, causal);
  return ({ q, k, v, named }) => {
    const matrices: Matrices = new Map<string, Tensor>(Object.entries({ ...named, q, k, v }));
    for (const step of steps) carryOut(arrays, step, matrices);
    const out = matrices.get("out");
    if (out === undefined) throw new TypeError(`summary: the chain of ${mechanism.text} must make out`);
    return out;
  };
}
