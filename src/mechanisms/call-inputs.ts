import { type Dtype, inDtype } from "../core/dtype.ts";
import { isSelfAttention, QKV, type Shape } from "../core/shape.ts";
import type { AttentionInputs, InputSource } from "../core/tensors.ts";
import type { Judged } from "./judged.ts";

/** Whether a mechanism's q, k and v are the same tokens, as those of a layer are. */
export function takesTokens({ kind, mechanism }: Judged): boolean {
  return kind.takesTokens?.(mechanism) === true;
}

/** A mechanism, and the numbers of its calls; float32 if omitted. */
type Asked = Judged & { readonly dtype?: Dtype };

/**
 * The q, k and v of a call over a shape, in its numbers. What takes tokens is given one sequence, or one of queries and one of keys:
 * unless the source holds tensors of its own, which are what the call was given.
 */
export function callInputs(judged: Asked, source: InputSource, shape: Shape): AttentionInputs {
  const inputs = representable(source.inputs(shape), judged.dtype);
  if (!takesTokens(judged) || source.fixed !== undefined) return inputs;
  const { q, k } = inputs;
  return {
    ...inputs,
    k: isSelfAttention(shape) ? q.slice() : k,
    v: isSelfAttention(shape) ? q.slice() : k.slice(),
  };
}

/** The same q, k and v rounded to a dtype, in arrays of their own if that is not the usual one. */
export function representable(inputs: AttentionInputs, dtype: Dtype | undefined): AttentionInputs {
  const [q, k, v] = QKV.map((name) => inDtype(inputs[name], dtype));
  return { ...inputs, q, k, v };
}
