import type { Attend, LogSizes, LogSums } from "../../../mechanisms/summary/declare.ts";
import { edgesOf } from "../../segment-edges.ts";
import { ownFloats } from "../call/own-floats.ts";
import { multiply, type PlannedProduct } from "../products/operations.ts";
import type { ChainMatrix } from "./matrices.ts";
import { type ChainPart, cutRows, givenBytes, ownPart, productFlops, queuePart } from "./part.ts";
import type { Planning } from "./planning.ts";
import { planUnitKeys, planUnitQueries } from "./unit-vectors.ts";

/** Rows of scores of an item. */
const ROWS = 96;

/**
 * Attention of few queries, or to few keys, whose scores have a bias or whose log-sums are kept: scores are made by a product, many
 * rows of few, and are what unit vectors attend.
 */
export function planBiased(
  planning: Planning,
  step: Attend,
  queries: ChainMatrix,
  keys: ChainMatrix,
): ChainPart[] {
  const { matrices, means, ones } = planning;
  const isOfKeys = keys.rows >= queries.rows;
  const [many, few] = isOfKeys ? [keys, queries] : [queries, keys];
  const bias = step.bias === undefined ? null : matrices.named(step.bias);
  const { perHead } = matrices.named(step.to);
  const turned = matrices.own(few.columns, few.rows, perHead);
  const scores = matrices.own(many.rows, few.rows, perHead);
  const row = ownFloats(means.ffi, few.rows).fill(1);
  const copies = matrices.copies(perHead);
  const sequences = copies.flatMap(({ entry, head }) => {
    const c = scores.of(entry, head);
    const sizes = { rows: many.rows, columns: few.rows };
    const products: PlannedProduct[] = [
      {
        a: many.of(entry, head),
        b: turned.of(entry, head),
        c,
        ...sizes,
        inner: few.columns,
        scale: step.scale,
      },
    ];
    if (bias !== null) {
      const { array, from } = bias.of(entry, head);
      products.push({
        ...(isOfKeys
          ? { a: { array, from, row: 1 }, b: { array: row, from: 0, row: 0 } }
          : { a: { array: ones, from: 0, row: 0 }, b: { array, from, row: 0 } }),
        ...{ c, ...sizes, inner: 1, add: true },
      });
    }
    const cut = products.map((product) => cutRows(product, ROWS));
    return cut[0].map((_, at) => cut.map((items) => items[at]));
  });
  const flops = sequences.flat().reduce((sum, product) => sum + productFlops(product), 0);
  return [
    ownPart(() => {
      for (const { entry, head } of copies) turn(few, turned, entry, head);
    }),
    queuePart(multiply(sequences, means), flops, givenBytes(copies.length, [[many, 1]])),
    ...(isOfKeys ? planUnitQueries : planUnitKeys)(planning, step, scores, 1),
  ];
}

/** A vector: ln of the number of rows in each segment. It is the same in every call. */
export function planLogSizes({ matrices }: Planning, { of, to, segments }: LogSizes): ChainPart {
  const result = matrices.named(to);
  const edges = edgesOf(segments, matrices.named(of).rows);
  for (const { entry, head } of matrices.copies(result.perHead)) {
    const { array, from } = result.of(entry, head);
    for (let row = 0; row < result.rows; row++) array[from + row] = Math.log(edges[row + 1] - edges[row]);
  }
  return ownPart(() => {});
}

/** A vector less the log-sums of few rows against each other. */
export function planLessLogSums({ matrices }: Planning, step: LogSums): ChainPart {
  const [source, rows, bias, result] = [step.of, step.rows, step.bias, step.to].map((name) =>
    matrices.named(name),
  );
  const copies = matrices.copies(result.perHead);
  return {
    ...ownPart(() => {
      for (const { entry, head } of copies) {
        const [from, x, b, to] = [source, rows, bias, result].map((matrix) => matrix.of(entry, head));
        const { array } = x;
        for (let row = 0; row < rows.rows; row++) {
          const first = x.from + row * x.row;
          const scores = Float64Array.from({ length: rows.rows }, (_, other) => {
            const second = x.from + other * x.row;
            let sum = 0;
            for (let at = 0; at < rows.columns; at++) sum += array[first + at] * array[second + at];
            return step.scale * sum + b.array[b.from + other];
          });
          const most = scores.reduce(
            (greatest, score) => Math.max(greatest, score),
            Number.NEGATIVE_INFINITY,
          );
          const total = scores.reduce((sum, score) => sum + Math.exp(score - most), 0);
          to.array[to.from + row] = from.array[from.from + row] - most - Math.log(total);
        }
      }
    }),
    flops: 2 * copies.length * rows.rows ** 2 * rows.columns,
  };
}

/** Turns a small matrix over its diagonal. */
function turn(of: ChainMatrix, to: ChainMatrix, entry: number, head: number): void {
  const [from, into] = [of.of(entry, head), to.of(entry, head)];
  for (let row = 0; row < of.rows; row++) {
    for (let column = 0; column < of.columns; column++) {
      into.array[into.from + column * into.row + row] = from.array[from.from + row * from.row + column];
    }
  }
}
