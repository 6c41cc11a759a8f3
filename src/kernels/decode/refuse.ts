import type { Task } from "../../core/problem.ts";
import type { Shape } from "../../core/shape.ts";
import type { AttentionInputs } from "../../core/tensors.ts";
import type { Token } from "../stepper.ts";

/** Why no built-in stepper takes a task, whatever its mechanism; `true` if there is no such reason. */
export function decodes({ causal, threads }: Task): true | string {
  if (!causal) return "decoding is causal; add --causal";
  return threads === 1 ? true : `decoding runs on 1 thread, got ${threads}`;
}

/** Refuses a prefill of `count` tokens that the inputs or the capacity, `shape.length`, do not hold. */
export function checkPrefill(shape: Shape, position: number, inputs: AttentionInputs, count: number): void {
  if (!(Number.isInteger(count) && count >= 0)) {
    throw new RangeError(`prefill: count must be a whole number of tokens, got ${count}`);
  }
  for (const name of ["batch", "heads", "headDim"] as const) {
    if (inputs.shape[name] !== shape[name]) {
      throw new RangeError(`prefill: inputs must have ${name} ${shape[name]}, got ${inputs.shape[name]}`);
    }
  }
  const end = position + count;
  if (!(end <= inputs.shape.length)) {
    throw new RangeError(
      `prefill: inputs must hold ${end} tokens, got ${inputs.shape.length}; take in fewer`,
    );
  }
  if (!(end <= shape.length)) {
    throw new RangeError(
      `prefill: ${end} tokens must fit into the capacity of ${shape.length}; prepare for more, or reset`,
    );
  }
}

/** Refuses a step past the capacity, `shape.length`, or of a token that is not `[batch, heads, headDim]`. */
export function checkStep({ batch, heads, headDim, length }: Shape, position: number, token: Token): void {
  if (!(position < length)) {
    throw new RangeError(
      `step: token ${position + 1} must fit into the capacity of ${length}; prepare for more, or reset`,
    );
  }
  const count = batch * heads * headDim;
  if (
    token.q.length !== count ||
    token.k.length !== count ||
    token.v.length !== count ||
    token.out.length !== count
  ) {
    const lengths = [token.q, token.k, token.v, token.out].map((array) => array.length);
    throw new RangeError(`step: q, k, v and out must each have ${count} numbers, got ${lengths.join(", ")}`);
  }
}
