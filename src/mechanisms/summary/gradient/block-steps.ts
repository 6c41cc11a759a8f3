import { attend } from "../../gradient/tape/attend.ts";
import { addTo, mapped } from "../../gradient/tape/elementwise.ts";
import { product } from "../../gradient/tape/products.ts";
import type { Tape, Value } from "../../gradient/tape/tape.ts";
import type { AttendBlocks, Balance } from "../declare.ts";

/** Steps on blocks of rows. */

/** Scores of which, again and again, each column and each row has its `ln Σ exp` taken away. */
export function balance(tape: Tape, queries: Value, keys: Value, { scale, iterations }: Balance): Value {
  const products = product(tape, queries, keys, "right");
  let logs = mapped(
    tape,
    products,
    (x) => x * scale,
    () => scale,
  );
  for (let iteration = 0; iteration < iterations; iteration++) {
    logs = lessLogSums(tape, logs, "columns");
    logs = lessLogSums(tape, logs, "rows");
  }
  return logs;
}

/** `y = x - ln Σ exp x` of each line, so that `dx = dy - exp(y) Σ dy`. */
function lessLogSums(tape: Tape, of: Value, each: "rows" | "columns"): Value {
  const { round } = tape.arithmetic;
  const { rows, width } = of;
  const [lines, count] = each === "rows" ? [rows, width] : [width, rows];
  const placeOf = (line: number, at: number): number =>
    each === "rows" ? line * width + at : at * width + line;
  const data = new Float64Array(rows * width);
  for (let line = 0; line < lines; line++) {
    const own = Float64Array.from({ length: count }, (_, at) => of.data[placeOf(line, at)]);
    const largest = own.reduce((most, x) => Math.max(most, x), Number.NEGATIVE_INFINITY);
    const total = own.reduce((sum, x) => round(sum + round(Math.exp(round(x - largest)))), 0);
    const logSum = round(largest + round(Math.log(total)));
    for (const [at, x] of own.entries()) data[placeOf(line, at)] = round(x - logSum);
  }
  return tape.made(rows, width, data, (gradient) => {
    for (let line = 0; line < lines; line++) {
      let total = 0;
      for (let at = 0; at < count; at++) total = round(total + gradient[placeOf(line, at)]);
      for (let at = 0; at < count; at++) {
        const place = placeOf(line, at);
        const share = round(round(Math.exp(data[place])) * total);
        of.adjoint[place] = round(of.adjoint[place] + round(gradient[place] - share));
      }
    }
  });
}

/** Row p of a mixed block is a softmax over the blocks that have a row p. */
export function mixBlocks(tape: Tape, logs: Value, of: Value, size: number): Value {
  const whole = Math.floor(of.rows / size);
  const inLast = of.rows - whole * size;
  const parts = [
    { blocks: whole + Number(inLast > 0), from: 0, to: inLast },
    { blocks: whole, from: inLast, to: size },
  ].filter(({ blocks, from, to }) => blocks > 0 && from < to);
  const mixed = parts.map(({ blocks, from, to }) => {
    const values = blocksOf(tape, of, { size, from, to, blocks });
    const first = Uint32Array.from({ length: blocks }, (_, block) => block);
    const asked = { queries: logs, keys: null, values: [values], scale: 1, bias: null };
    return { from, to, made: attend(tape, { ...asked, keysOf: () => first }).outputs[0] };
  });
  const { width } = of;
  const data = new Float64Array(logs.rows * size * width);
  const copy = (act: (part: number, at: number, to: number, count: number) => void): void => {
    for (const [index, { from, to }] of mixed.entries()) {
      const count = (to - from) * width;
      for (let block = 0; block < logs.rows; block++)
        act(index, block * count, (block * size + from) * width, count);
    }
  };
  copy((part, at, to, count) => data.set(mixed[part].made.data.subarray(at, at + count), to));
  return tape.made(logs.rows * size, width, data, (gradient) => {
    copy((part, at, to, count) => tape.arithmetic.add(1, gradient, to, mixed[part].made.adjoint, at, count));
  });
}

/** Rows `from … to - 1` of each of the first blocks, a block a row. */
function blocksOf(
  tape: Tape,
  of: Value,
  {
    size,
    from,
    to,
    blocks,
  }: { readonly size: number; readonly from: number; readonly to: number; readonly blocks: number },
): Value {
  const count = (to - from) * of.width;
  const placeOf = (block: number): number => (block * size + from) * of.width;
  const data = new Float64Array(blocks * count);
  for (let block = 0; block < blocks; block++) {
    data.set(of.data.subarray(placeOf(block), placeOf(block) + count), block * count);
  }
  return tape.made(blocks, count, data, (gradient) => {
    for (let block = 0; block < blocks; block++) {
      tape.arithmetic.add(1, gradient, block * count, of.adjoint, placeOf(block), count);
    }
  });
}

/** A query attends the rows of its block in both keys, under one softmax. */
export function attendInBlocks(tape: Tape, step: AttendBlocks, of: (name: string) => Value): Value {
  const [keys, values] = [step.keys, step.values].map(([first, second]) =>
    below(tape, of(first), of(second)),
  );
  const counts = step.keys.map((name) => of(name).rows);
  const keysOf = (row: number): number[] => {
    const first = Math.floor(row / step.size) * step.size;
    return counts.flatMap((count, index) => {
      const before = index === 0 ? 0 : counts[0];
      const length = Math.max(0, Math.min(step.size, count - first));
      return Array.from({ length }, (_, at) => before + first + at);
    });
  };
  const asked = { queries: of(step.queries), keys, values: [values], scale: step.scale, bias: null };
  return attend(tape, { ...asked, keysOf }).outputs[0];
}

/** Rows of one matrix, and below them those of another. */
function below(tape: Tape, a: Value, b: Value): Value {
  const data = new Float64Array(a.data.length + b.data.length);
  data.set(a.data);
  data.set(b.data, a.data.length);
  return tape.made(a.rows + b.rows, a.width, data, (gradient) => {
    addTo(tape, a, gradient.subarray(0, a.data.length));
    addTo(tape, b, gradient.subarray(a.data.length));
  });
}
