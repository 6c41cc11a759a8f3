import type { NormaliserName } from "../../../pairwise/row-numbers.ts";

/** The running maximum of a row that has attended no key, and the least of one that has: infinities would give NaN. */
export const EMPTY = "-3.3e38";
export const LEAST = "-3.0e38";

/**
 * In WGSL: `factorOf(most, total, row)`, what the sum of a row's weighted values is multiplied by; `most` and
 * `total` are the running maximum and sum of softmax, with which other normalisers have nothing to do.
 */
export function factorText(normaliser: NormaliserName): string {
  const number = `fn numberOf(row: u32) -> f32 {
  return select(bitcast<f32>(plan[call.numbersAt + row]), call.number, call.numbersAt == 0xffffffffu);
}`;
  switch (normaliser) {
    case "softmax":
      // The sink is one more key, of value 0. A row without keys is 0; if its sum is NaN its maximum says nothing.
      return `fn factorOf(most: f32, total: f32, row: u32) -> f32 {
  if (most == ${EMPTY} && total == 0.0) { return 0.0; }
  let next = max(most, call.number);
  let shrunk = exp2_1(most - next);
  return shrunk / (total * shrunk + exp2_1(call.number - next));
}`;
    case "relu":
      return `${number}
fn factorOf(most: f32, total: f32, row: u32) -> f32 { return numberOf(row); }`;
    case "sigmoid":
      return `${number}
fn factorOf(most: f32, total: f32, row: u32) -> f32 { return 1.0; }`;
    default:
      return normaliser satisfies never;
  }
}
