import { GATES, type GivenGates } from "../core/call-settings.ts";
import type { TensorSet } from "./tensor-set.ts";

/**
 * The gates of the tokens that lie beside q, k and v: tensors `g`, `beta` and `dt`, `[batch, heads of k, length, 1]`, or with
 * one number a channel of k. Whether a shape fits, and its numbers are in their domain, is asked where a variant takes it: a
 * file may have tensors of these names that are something else. Undefined if there are none.
 */
export function storedGates(set: TensorSet): GivenGates | undefined {
  const held = GATES.filter((name) => set.names.includes(name)).map((name) => {
    const { shape } = set.tensor(name);
    return [name, shape.length < 4 || shape.at(-1) === 1 ? "token" : "channel"] as const;
  });
  return held.length === 0 ? undefined : Object.fromEntries(held);
}
