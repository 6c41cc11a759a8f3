import type { Tape, Value } from "./tape.ts";

/** Row t is the mean of these rows, each of which gets `1/n` of its gradient; 0 if there are none. */
export function meansOfRows(tape: Tape, of: Value, belonging: readonly (readonly number[])[]): Value {
  const { round, add } = tape.arithmetic;
  const { width } = of;
  const wanted =
    of.wanted === null
      ? null
      : Uint8Array.from(belonging, (rows) => Number(rows.some((row) => of.wants(row))));
  const data = new Float64Array(belonging.length * width);
  for (const [t, rows] of belonging.entries()) {
    for (const row of rows) add(1, of.data, row * width, data, t * width, width);
    if (rows.length === 0) continue;
    for (let i = t * width; i < (t + 1) * width; i++) data[i] = round(data[i] / rows.length);
  }
  const back = (gradient: Float64Array): void => {
    for (const [t, rows] of belonging.entries()) {
      for (const row of rows) {
        if (of.wants(row)) add(1 / rows.length, gradient, t * width, of.adjoint, row * width, width);
      }
    }
  };
  return tape.made(belonging.length, width, data, back, wanted);
}

/** Row t is the mean of rows `edges[t] … edges[t + 1] - 1`. */
export function meansBetween(tape: Tape, of: Value, edges: readonly number[]): Value {
  const belonging = Array.from({ length: edges.length - 1 }, (_, t) =>
    Array.from({ length: edges[t + 1] - edges[t] }, (_, at) => edges[t] + at),
  );
  return meansOfRows(tape, of, belonging);
}
