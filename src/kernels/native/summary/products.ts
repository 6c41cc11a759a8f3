import type { Means, Product, Segments, Sum } from "../../../mechanisms/summary/declare.ts";
import { multiply, type PlannedProduct, type PlannedSum, sumRows } from "../products/operations.ts";
import { type ChainPart, cutRows, givenBytes, productFlops, queuePart } from "./part.ts";
import type { Planning } from "./planning.ts";

/** Rows of an item: of A in order, then of A by its columns, of which half a line more is read for every item. */
const ROWS = 96;
const TRANSPOSED_ROWS = 256;
/** Rows that an item sums, about. */
const SUMMED = 512;

/** a·b, or aᵀ·b. */
export function planProduct({ matrices, means }: Planning, step: Product): ChainPart {
  const [a, b, c] = [step.a, step.b, step.to].map((name) => matrices.named(name));
  const copies = matrices.copies(c.perHead);
  const products = copies.flatMap(({ entry, head }) => {
    const [from, by, to] = [a, b, c].map((one) => one.of(entry, head));
    const whole: PlannedProduct = {
      a: step.transposed ? { ...from, row: 1, column: from.row } : from,
      ...{ b: by, c: to, rows: c.rows, columns: c.columns, inner: b.rows },
    };
    return cutRows(whole, step.transposed ? TRANSPOSED_ROWS : ROWS);
  });
  const bytes = givenBytes(copies.length, [
    [a, 1],
    [b, 1],
    [c, 1],
  ]);
  return queuePart(
    multiply(
      products.map((product) => [product]),
      means,
    ),
    products.reduce((sum, product) => sum + productFlops(product), 0),
    bytes,
  );
}

/** Means of segments: products with a row of ones. */
export function planMeans({ matrices, means, ones }: Planning, step: Means): ChainPart {
  const [source, result] = [matrices.named(step.of), matrices.named(step.to)];
  const edges = edgesOf(step.segments, source.rows);
  const copies = matrices.copies(result.perHead);
  const together = Math.max(1, Math.floor((SUMMED * (edges.length - 1)) / source.rows));
  const sequences = copies.flatMap(({ entry, head }) => {
    const [from, to] = [source.of(entry, head), result.of(entry, head)];
    const products = edges.slice(1).map((end, segment): PlannedProduct => {
      const size = end - edges[segment];
      return {
        a: { array: ones, from: 0, row: 0, column: 0 },
        b: { ...from, from: from.from + edges[segment] * from.row },
        c: { ...to, from: to.from + segment * to.row },
        ...{ rows: 1, columns: result.columns, inner: size, scale: 1 / size },
      };
    });
    return inGroups(products, together);
  });
  const flops = 2 * copies.length * source.rows * source.columns;
  return queuePart(multiply(sequences, means), flops, givenBytes(copies.length, [[source, 1]]));
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
  const bytes = givenBytes(copies.length, [
    [a, 1],
    [b, 1],
    [to, 1],
  ]);
  return queuePart(sumRows(sums, means), copies.length * to.rows * to.columns, bytes);
}

/** First rows of the segments, and the end of the last. */
function edgesOf(segments: Segments, rows: number): number[] {
  const count = "count" in segments ? segments.count : Math.ceil(rows / segments.size);
  return Array.from({ length: count + 1 }, (_, at) =>
    "count" in segments ? Math.floor((at * rows) / count) : Math.min(rows, at * segments.size),
  );
}

function inGroups<Item>(items: readonly Item[], together: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / together) }, (_, group) =>
    items.slice(group * together, (group + 1) * together),
  );
}
