import type { Tape, Value } from "./tape.ts";

/** `a + b`. */
export function sum(tape: Tape, a: Value, b: Value): Value {
  const { round } = tape.arithmetic;
  const data = Float64Array.from(a.data, (x, at) => round(x + b.data[at]));
  return tape.made(a.rows, a.width, data, (gradient) => {
    addTo(tape, a, gradient);
    addTo(tape, b, gradient);
  });
}

/** `f(x)` of each number; `slope` is its derivative, which is also told the result. */
export function mapped(
  tape: Tape,
  of: Value,
  f: (x: number) => number,
  slope: (x: number, y: number) => number,
): Value {
  const { round } = tape.arithmetic;
  const data = Float64Array.from(of.data, (x) => round(f(x)));
  return tape.made(of.rows, of.width, data, (gradient) => {
    for (const [at, g] of gradient.entries()) {
      if (g === 0) continue;
      const steep = round(slope(of.data[at], data[at]));
      of.adjoint[at] = round(of.adjoint[at] + round(g * steep));
    }
  });
}

/** Adds a gradient to a matrix's own. */
export function addTo(tape: Tape, value: Value, gradient: Float64Array): void {
  tape.arithmetic.add(1, gradient, 0, value.adjoint, 0, gradient.length);
}
