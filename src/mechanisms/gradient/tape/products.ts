import type { Tape, Value } from "./tape.ts";

/** Which of two factors is turned on its side. */
export type Turned = "neither" | "left" | "right";

/** `a·b`, `aᵀ·b` or `a·bᵀ`. */
export function product(tape: Tape, a: Value, b: Value, turned: Turned = "neither"): Value {
  const { dot } = tape.arithmetic;
  const rows = turned === "left" ? a.width : a.rows;
  const inner = turned === "left" ? a.rows : a.width;
  const width = turned === "right" ? b.rows : b.width;
  // Steps in memory along the product's rows, along what is summed, and along its columns.
  const ofA = turned === "left" ? { row: 1, inner: a.width } : { row: a.width, inner: 1 };
  const ofB = turned === "right" ? { inner: 1, column: b.width } : { inner: b.width, column: 1 };
  const data = new Float64Array(rows * width);
  for (let row = 0; row < rows; row++) {
    const left = { of: a.data, at: row * ofA.row, step: ofA.inner };
    for (let column = 0; column < width; column++) {
      const right = { of: b.data, at: column * ofB.column, step: ofB.inner };
      data[row * width + column] = dot(left, right, inner);
    }
  }
  return tape.made(rows, width, data, (gradient) => {
    const sums = tape.arithmetic;
    for (let at = 0; at < inner; at++) {
      for (let row = 0; row < rows; row++) {
        const to = row * ofA.row + at * ofA.inner;
        const along = { of: gradient, at: row * width, step: 1 };
        const other = { of: b.data, at: at * ofB.inner, step: ofB.column };
        a.adjoint[to] = sums.round(a.adjoint[to] + dot(along, other, width));
      }
      for (let column = 0; column < width; column++) {
        const to = at * ofB.inner + column * ofB.column;
        const along = { of: gradient, at: column, step: width };
        const other = { of: a.data, at: at * ofA.inner, step: ofA.row };
        b.adjoint[to] = sums.round(b.adjoint[to] + dot(along, other, rows));
      }
    }
  });
}
