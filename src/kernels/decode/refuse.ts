import type { Task } from "../../core/problem.ts";
import { type Shape, whyNotShape } from "../../core/shape.ts";
import type { AttentionInputs } from "../../core/tensors.ts";
import type { SoftmaxPattern } from "../../mechanisms/softmax-pattern/declare.ts";
import type { Token } from "../stepper.ts";

/** Why no built-in stepper takes a task, whatever its mechanism; `true` if there is no such reason. */
export function decodes({ causal, threads, shape }: Task): true | string {
  if (!causal) return "decoding is causal; add --causal";
  const unfit = whyNotShape(shape, ["kvHeads", "valueDim"]);
  if (unfit !== null) return unfit;
  return threads === 1 ? true : `decoding runs on 1 thread, got ${threads}`;
}

/** Why softmax over a pattern is not decoded; null if it is. */
export function whyNotDecoded({ mechanism: { pattern } }: Task<SoftmaxPattern>): string | null {
  return pattern.neverDecoded ? `decoding is not defined for ${pattern.text}` : null;
}

/** Refuses a prefill of `count` tokens that the inputs or the capacity, `shape.length`, do not hold. */
export function checkPrefill(shape: Shape, position: number, inputs: AttentionInputs, count: number): void {
  if (!(Number.isInteger(count) && count >= 0)) {
    throw new RangeError(`prefill: count must be a whole number of tokens, got ${count}`);
  }
  for (const name of ["batch", "heads", "kvHeads", "headDim", "valueDim"] as const) {
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

/**
 * Refuses a step past the capacity, `shape.length`, or of a token that is not q `[batch, heads, headDim]`, k
 * `[batch, kvHeads, headDim]`, v `[batch, kvHeads, valueDim]` and out `[batch, heads, valueDim]`.
 */
export function checkStep(shape: Shape, position: number, token: Token): void {
  const { batch, heads, kvHeads, headDim, valueDim, length } = shape;
  if (!(position < length)) {
    throw new RangeError(
      `step: token ${position + 1} must fit into the capacity of ${length}; prepare for more, or reset`,
    );
  }
  const q = batch * heads * headDim;
  const k = batch * kvHeads * headDim;
  const v = batch * kvHeads * valueDim;
  const out = batch * heads * valueDim;
  if (token.q.length !== q || token.k.length !== k || token.v.length !== v || token.out.length !== out) {
    const lengths = [token.q, token.k, token.v, token.out].map((array) => array.length);
    const alike = q === k && q === v && q === out;
    const wanted = alike ? `each have ${q}` : `have ${q}, ${k}, ${v} and ${out}`;
    throw new RangeError(`step: q, k, v and out must ${wanted} numbers, got ${lengths.join(", ")}`);
  }
}
