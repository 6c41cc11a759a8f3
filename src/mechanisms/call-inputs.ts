import { isSelfAttention, type Shape } from "../core/shape.ts";
import type { AttentionInputs, InputSource } from "../core/tensors.ts";
import type { Judged } from "./judged.ts";

/** Whether a mechanism's q, k and v are the same tokens, as those of a layer are. */
export function takesTokens({ kind, mechanism }: Judged): boolean {
  return kind.takesTokens?.(mechanism) === true;
}

/**
 * The q, k and v of a call over a shape. What takes tokens is given one sequence, or one of queries and one of keys:
 * unless the source holds tensors of its own, which are what the call was given.
 */
export function callInputs(judged: Judged, source: InputSource, shape: Shape): AttentionInputs {
  const inputs = source.inputs(shape);
  if (!takesTokens(judged) || source.fixed !== undefined) return inputs;
  const { q, k } = inputs;
  return {
    ...inputs,
    k: isSelfAttention(shape) ? q.slice() : k,
    v: isSelfAttention(shape) ? q.slice() : k.slice(),
  };
}
