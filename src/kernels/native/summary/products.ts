import type { Product, Sum } from "../../../mechanisms/summary/declare.ts";
import {
  inTurn,
  multiply,
  type Operand,
  type PlannedProduct,
  type PlannedSum,
  sumRows,
} from "../products/operations.ts";
import type { ChainMatrix } from "./matrices.ts";
import { type ChainPart, cutRows, givenBytes, productFlops, queuePart } from "./part.ts";
import type { Planning } from "./planning.ts";

/** Rows of A of an item. */
const ROWS = 96;
/** A is walked by its columns for all of them together, since lines have 16: threads share segments of its rows. */
const TRANSPOSED = { rows: 256, segments: 8, segmentRows: 1024 } as const;

/** a·b or aᵀ·b, of steps that do not read one another. */
export function planProducts(planning: Planning, steps: readonly Product[]): ChainPart[] {
  const named = (name: string): ChainMatrix => planning.matrices.named(name);
  return productsOf(
    planning,
    steps.map(({ a, b, to, transposed }) => ({ a: named(a), b: named(b), c: named(to), transposed })),
  );
}

/** c = a·b, or aᵀ·b. */
interface MatrixProduct {
  readonly a: ChainMatrix;
  readonly b: ChainMatrix;
  readonly c: ChainMatrix;
  readonly transposed: boolean;
}

/** Products that do not read one another. */
export function productsOf(planning: Planning, all: readonly MatrixProduct[]): ChainPart[] {
  const { matrices, means } = planning;
  const products: PlannedProduct[] = [];
  const sums: PlannedSum[][] = [];
  let bytes = 0;
  for (const { a, b, c, transposed } of all) {
    const copies = matrices.copies(c.perHead);
    const segments = transposed ? segmentsOf(b.rows) : 1;
    const partial = segments === 1 ? null : matrices.own(segments * c.rows, c.columns, c.perHead);
    for (const { entry, head } of copies) {
      const [from, by, to] = [a, b, c].map((matrix) => matrix.of(entry, head));
      if (!transposed) {
        const whole = { a: from, b: by, c: to, rows: c.rows, columns: c.columns, inner: b.rows };
        products.push(...cutRows(whole, ROWS));
        continue;
      }
      const parts = Array.from({ length: segments }, (_, segment) =>
        partial === null ? to : below(partial.of(entry, head), segment * c.rows),
      );
      for (const [segment, part] of parts.entries()) {
        const [first, end] = [segment, segment + 1].map((edge) => Math.floor((edge * b.rows) / segments));
        const whole = {
          a: { ...below(from, first), row: 1, column: from.row },
          ...{ b: below(by, first), c: part, rows: c.rows, columns: c.columns, inner: end - first },
        };
        products.push(...cutRows(whole, TRANSPOSED.rows));
      }
      if (partial !== null) sums.push(...sumsOf(parts, to, c));
    }
    bytes += givenBytes(
      copies.length,
      [a, b, c].map((matrix) => [matrix, 1]),
    );
  }
  const flops = products.reduce((sum, product) => sum + productFlops(product), 0);
  const multiplied = queuePart(multiply(inTurn(products), means), flops, bytes);
  if (sums.length === 0) return [multiplied];
  const added = sums.flat().reduce((sum, { rows, columns }) => sum + rows * columns, 0);
  return [multiplied, queuePart(sumRows(sums, means), added, 0)];
}

/** a + b. */
export function planSum({ matrices, means }: Planning, step: Sum): ChainPart {
  const [a, b, to] = [...step.of, step.to].map((name) => matrices.named(name));
  const copies = matrices.copies(to.perHead);
  const sums = copies.map(
    ({ entry, head }): PlannedSum => ({
      ...{ from: a.of(entry, head), other: b.of(entry, head), to: to.of(entry, head) },
      ...{ rows: to.rows, columns: to.columns },
    }),
  );
  const bytes = givenBytes(
    copies.length,
    [a, b, to].map((matrix) => [matrix, 1]),
  );
  return queuePart(sumRows(inTurn(sums), means), copies.length * to.rows * to.columns, bytes);
}

/** Segments whose products are made by themselves, and then added. */
export function segmentsOf(rows: number): number {
  return Math.max(1, Math.min(TRANSPOSED.segments, Math.floor(rows / TRANSPOSED.segmentRows)));
}

/** The sum of two or more parts, in sequences of some rows. */
function sumsOf(parts: readonly Operand[], to: Operand, { rows, columns }: ChainMatrix): PlannedSum[][] {
  const [first, second, ...others] = parts;
  return Array.from({ length: Math.ceil(rows / ROWS) }, (_, at) => {
    const row = at * ROWS;
    const sizes = { to: below(to, row), rows: Math.min(ROWS, rows - row), columns };
    return [
      { from: below(first, row), other: below(second, row), ...sizes },
      ...others.map((part) => ({ from: below(to, row), other: below(part, row), ...sizes })),
    ];
  });
}

export function below(operand: Operand, rows: number): Operand {
  return { ...operand, from: operand.from + rows * operand.row };
}
