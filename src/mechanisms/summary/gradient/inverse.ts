import { product } from "../../gradient/tape/products.ts";
import type { Tape, Value } from "../../gradient/tape/tape.ts";

/**
 * `Z₀ = Aᵀ / (‖A‖₁ ‖A‖∞)` and `Z ← ¼ Z (13 I - AZ (15 I - AZ (7 I - AZ)))`, back through every iteration. The gradient of
 * a norm, which is the largest of some sums, is that of the first of the largest.
 */
export function pseudoInverse(tape: Tape, a: Value, iterations: number): Value {
  let inverse = scaledTranspose(tape, a);
  for (let iteration = 0; iteration < iterations; iteration++) {
    const both = product(tape, a, inverse);
    const inner = product(tape, both, less(tape, 7, both, 1));
    const outer = product(tape, both, less(tape, 15, inner, 1));
    inverse = product(tape, inverse, less(tape, 13, outer, 4));
  }
  return inverse;
}

/** `(factor·I - x) / over`. */
function less(tape: Tape, factor: number, x: Value, over: number): Value {
  const { round } = tape.arithmetic;
  const data = Float64Array.from(x.data, (value, at) => {
    const own = at % (x.rows + 1) === 0 ? round(factor - value) : -value;
    return own / over;
  });
  return tape.made(x.rows, x.width, data, (gradient) => {
    for (const [at, g] of gradient.entries()) x.adjoint[at] = round(x.adjoint[at] - g / over);
  });
}

/** With s the product of both norms: `dA_ij = dZ_ji / s`, and of either norm `-Σ dZ ⊙ Z` over it, to the signs of its sum. */
function scaledTranspose(tape: Tape, a: Value): Value {
  const { round } = tape.arithmetic;
  const size = a.rows;
  const column = largestSum(a, size, 1, round);
  const row = largestSum(a, 1, size, round);
  const scale = round(column.sum * row.sum);
  const data = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) data[j * size + i] = round(a.data[i * size + j] / scale);
  }
  return tape.made(size, size, data, (gradient) => {
    let ofScale = 0;
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        const [at, turned] = [i * size + j, j * size + i];
        a.adjoint[at] = round(a.adjoint[at] + round(gradient[turned] / scale));
        ofScale = round(ofScale + round(gradient[turned] * data[turned]));
      }
    }
    for (const { sum, places } of [column, row]) {
      const ofNorm = round(ofScale / sum);
      for (const at of places) a.adjoint[at] = round(a.adjoint[at] - Math.sign(a.data[at]) * ofNorm);
    }
  });
}

/** The largest sum of absolute numbers, along rows or columns, and where its terms are. */
function largestSum(
  { data, rows: size }: Value,
  along: number,
  between: number,
  round: (x: number) => number,
): { readonly sum: number; readonly places: readonly number[] } {
  const sums = Array.from({ length: size }, (_, line) => {
    const places = Array.from({ length: size }, (_, at) => line * between + at * along);
    return { places, sum: places.reduce((total, at) => round(total + Math.abs(data[at])), 0) };
  });
  return sums.reduce((most, one) => (one.sum > most.sum ? one : most));
}
