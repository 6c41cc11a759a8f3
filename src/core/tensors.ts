import type { CallSettings } from "./call-settings.ts";
import type { Shape } from "./shape.ts";

/** The inputs of one attention call: float32, each `[batch, heads, length, headDim]`, row-major. */
export interface AttentionInputs {
  readonly shape: Shape;
  readonly q: Float32Array;
  readonly k: Float32Array;
  readonly v: Float32Array;
}

/** The arguments of the call that an input was captured from, as far as known. */
export interface CapturedCall extends CallSettings {
  readonly causal?: boolean | undefined;
}

/** Where inputs come from. `inputs` of a shorter length is a prefix of `inputs` of a longer one. */
export interface InputSource {
  /** Written into the results, such as `gaussian` or `file:layer3.safetensors`. */
  readonly name: string;
  /** Fixed dimensions of a captured input; synthetic sources have none and take those asked for. */
  readonly fixed?: { readonly batch: number; readonly heads: number; readonly headDim: number };
  /** Whether its numbers come from a file, which may be different tomorrow. */
  readonly stored: boolean;
  /** The files that its numbers may be read from; omitted if there are none. */
  readonly files?: readonly string[];
  /** The call that it was captured from; omitted if there was none, or if nothing is known about it. */
  readonly call?: CapturedCall;
  /** The longest sequence the source can give. */
  readonly maxLength: number;
  inputs(shape: Shape): AttentionInputs;
}

/** The same call with only the first `length` tokens. */
export function takePrefix(inputs: AttentionInputs, length: number): AttentionInputs {
  const { batch, heads, headDim, length: whole } = inputs.shape;
  if (!(Number.isInteger(length) && length >= 1 && length <= whole)) {
    throw new RangeError(`takePrefix: length must be an integer from 1 to ${whole}, got ${length}`);
  }
  const cut = (from: Float32Array): Float32Array => {
    const to = new Float32Array(batch * heads * length * headDim);
    for (let slice = 0; slice < batch * heads; slice++) {
      const start = slice * whole * headDim;
      to.set(from.subarray(start, start + length * headDim), slice * length * headDim);
    }
    return to;
  };
  return { shape: { batch, heads, length, headDim }, q: cut(inputs.q), k: cut(inputs.k), v: cut(inputs.v) };
}
