import { addTo } from "../../gradient/tape/elementwise.ts";
import type { Tape, Value } from "../../gradient/tape/tape.ts";
import { type Pool, rowOf } from "../declare.ts";

/** Steps between tokens and heads; rows of all batch entries lie one after the other. */

/** Every row and one more, such as biases. */
export function addRow(tape: Tape, of: Value, row: Value): Value {
  return addTable(tape, of, row);
}

/** Rows and those of a table, again and again. */
export function addTable(tape: Tape, of: Value, table: Value): Value {
  const { round } = tape.arithmetic;
  const { length } = table.data;
  const data = Float64Array.from(of.data, (x, at) => round(x + table.data[at % length]));
  return tape.made(of.rows, of.width, data, (gradient) => {
    addTo(tape, of, gradient);
    for (let at = 0; at < gradient.length; at += length) {
      tape.arithmetic.add(1, gradient, at, table.adjoint, 0, length);
    }
  });
}

/** `γ x`. */
export function scaledBy(tape: Tape, of: Value, gamma: Value): Value {
  const { round, add, dot } = tape.arithmetic;
  const [factor] = gamma.data;
  const data = Float64Array.from(of.data, (x) => round(factor * x));
  return tape.made(of.rows, of.width, data, (gradient) => {
    add(factor, gradient, 0, of.adjoint, 0, gradient.length);
    const own = { of: of.data, at: 0, step: 1 };
    gamma.adjoint[0] = dot({ of: gradient, at: 0, step: 1 }, own, gradient.length);
  });
}

/** Rows of so many heads in each batch entry. */
interface HeadRows {
  readonly batch: number;
  readonly heads: number;
  readonly rows: number;
}

/** From `[batch · rows, heads · width]` to `[batch · heads · rows, width]`. */
export function byHead(tape: Tape, of: Value, lie: HeadRows): Value {
  const width = of.width / lie.heads;
  return moved(tape, of, lie.batch * lie.heads * lie.rows, width, (to) => fromToken(lie, width, to));
}

/** From `[batch · heads · rows, width]` to `[batch · rows, heads · width]`. */
export function byToken(tape: Tape, of: Value, lie: HeadRows): Value {
  const { width } = of;
  const places = new Int32Array(of.data.length);
  for (let at = 0; at < places.length; at++) places[fromToken(lie, width, at)] = at;
  return moved(tape, of, lie.batch * lie.rows, lie.heads * width, (to) => places[to]);
}

/** Where a number of `[batch, heads, rows, width]` is in `[batch, rows, heads, width]`. */
function fromToken({ heads, rows }: HeadRows, width: number, at: number): number {
  const [column, line] = [at % width, Math.floor(at / width)];
  const [row, slice] = [line % rows, Math.floor(line / rows)];
  const [head, entry] = [slice % heads, Math.floor(slice / heads)];
  return ((entry * rows + row) * heads + head) * width + column;
}

/** The largest of each square of 2 × 2 pixels, the first of those as large, in every channel. */
export function largestOfSquares(
  tape: Tape,
  of: Value,
  { pool, slices, pixels }: { readonly pool: Pool; readonly slices: number; readonly pixels: number },
): Value {
  const row = rowOf(pool, pixels);
  const half = Math.floor(row / 2);
  const kept = half * Math.floor(Math.floor(pixels / row) / 2);
  const { width } = of;
  return moved(tape, of, slices * kept, width, (to) => {
    const [c, line] = [to % width, Math.floor(to / width)];
    const [key, slice] = [line % kept, Math.floor(line / kept)];
    const first = 2 * (Math.floor(key / half) * row + (key % half));
    const places = [first, first + 1, first + row, first + row + 1].map(
      (pixel) => (slice * pixels + pixel) * width + c,
    );
    return places.reduce((most, at) => (of.data[at] > of.data[most] ? at : most));
  });
}

/** Numbers of another matrix, each from its place there. */
function moved(tape: Tape, of: Value, rows: number, width: number, placeOf: (to: number) => number): Value {
  const places = Int32Array.from({ length: rows * width }, (_, to) => placeOf(to));
  const data = Float64Array.from(places, (at) => of.data[at]);
  return tape.made(rows, width, data, (gradient) => {
    const { round } = tape.arithmetic;
    for (const [to, at] of places.entries()) of.adjoint[at] = round(of.adjoint[at] + gradient[to]);
  });
}
