import type { Means } from "../../../mechanisms/summary/declare.ts";
import { edgesOf } from "../../segment-edges.ts";
import { multiply, type PlannedProduct } from "../products/operations.ts";
import { type ChainPart, givenBytes, productFlops, queuePart } from "./part.ts";
import type { Planning } from "./planning.ts";

/** Rows that an item sums, about. */
const SUMMED = 512;

/** Means of segments, which are products with rows of ones, of steps that do not read one another. */
export function planMeans({ matrices, means, ones }: Planning, steps: readonly Means[]): ChainPart {
  const sequences: PlannedProduct[][] = [];
  let bytes = 0;
  for (const step of steps) {
    const [source, result] = [matrices.named(step.of), matrices.named(step.to)];
    const edges = edgesOf(step.segments, source.rows);
    const copies = matrices.copies(result.perHead);
    const together = Math.max(1, Math.floor((SUMMED * (edges.length - 1)) / source.rows));
    for (const { entry, head } of copies) {
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
      sequences.push(...inGroups(products, together));
    }
    bytes += givenBytes(copies.length, [[source, 1]]);
  }
  const flops = sequences.flat().reduce((sum, product) => sum + productFlops(product), 0);
  return queuePart(multiply(sequences, means), flops, bytes);
}

function inGroups<Item>(items: readonly Item[], together: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / together) }, (_, group) =>
    items.slice(group * together, (group + 1) * together),
  );
}
