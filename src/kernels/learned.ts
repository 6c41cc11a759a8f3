import type { Weights } from "./stepper.ts";

/** Numbers that the layer learned, by their name. Throws a TypeError if there are none. */
export function learned(weights: Weights, name: string): Float32Array {
  const numbers: unknown = weights[name];
  if (numbers instanceof Float32Array) return numbers;
  throw new TypeError(`weights: ${name} must be a Float32Array, got ${typeof numbers}`);
}
