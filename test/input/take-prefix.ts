import { countOf, layoutOf, withLength } from "../../src/core/shape.ts";
import type { AttentionInputs } from "../../src/core/tensors.ts";

/** The same call over only the first `length` tokens; queries that are other tokens all remain. */
export function takePrefix(inputs: AttentionInputs, length: number): AttentionInputs {
  const { shape } = inputs;
  if (!(Number.isInteger(length) && length >= 1 && length <= shape.length)) {
    throw new RangeError(`takePrefix: length must be an integer from 1 to ${shape.length}, got ${length}`);
  }
  const shorter = withLength(shape, length);
  const cut = (name: "q" | "k" | "v"): Float32Array => {
    const [from, to] = [layoutOf(shape, name), layoutOf(shorter, name)];
    const kept = new Float32Array(countOf(to));
    const size = to.rows * to.width;
    for (let slice = 0; slice < to.batch * to.heads; slice++) {
      const start = slice * from.rows * from.width;
      kept.set(inputs[name].subarray(start, start + size), slice * size);
    }
    return kept;
  };
  return { shape: shorter, q: cut("q"), k: cut("k"), v: cut("v") };
}
