import { randomStream } from "../core/random.ts";
import type { RowPlace } from "../core/rows.ts";
import { kvHeadOf, layoutOf, offsetIn } from "../core/shape.ts";
import { tensorNamed } from "../core/tensors.ts";
import { DOUT } from "../mechanisms/gradient/declare.ts";
import { type JudgedProblem, reads } from "../mechanisms/judged.ts";
import { isSummed, referenceProducts } from "./gradient-rows.ts";
import { thenUndo } from "./then-undo.ts";

/** Products that the reference may spend on one call on changed numbers, in one precision. */
const MOST_PRODUCTS = 2 ** 27;
/** Queries that are kept for each row that sums over them, in each head. */
const KEPT = 4;
/** Queries that are tried for each of them, from a random one on. */
const TRIES = 256;

/** Whether the reference would take too long for rows that sum over queries, with a dout that has no zeros. */
export function isThinned(problem: JudgedProblem, places: readonly RowPlace[]): boolean {
  return (
    problem.kind.outputs !== undefined &&
    places.some(isSummed) &&
    referenceProducts(problem, places) > MOST_PRODUCTS
  );
}

/**
 * Calls `act` while dout is zero in all rows but those of the queries asked for and a few that add to each of the other
 * rows: then the reference is fast, since a row of zeros adds nothing, and the kernel computes as ever.
 */
export function whileThinned<T>(
  problem: JudgedProblem,
  places: readonly RowPlace[],
  seed: number,
  act: () => T,
): T {
  if (!isThinned(problem, places)) return act();
  const { shape, inputs } = problem;
  const dout = tensorNamed(inputs, DOUT);
  const kept = dout.slice();
  const rows = rowsKept(problem, places, seed);
  const layout = layoutOf(shape, "output");
  dout.fill(0);
  for (let entry = 0; entry < shape.batch; entry++) {
    for (let head = 0; head < shape.heads; head++) {
      for (const row of rows[head]) {
        const at = offsetIn(layout, entry, head, row);
        dout.set(kept.subarray(at, at + layout.width), at);
      }
    }
  }
  return thenUndo(act, () => dout.set(kept));
}

/** The queries of each head whose dout remains. */
function rowsKept(problem: JudgedProblem, places: readonly RowPlace[], seed: number): ReadonlySet<number>[] {
  const { shape } = problem;
  const { queries, length } = shape;
  const patterns = reads(problem);
  const random = randomStream(seed, queries, length);
  return patterns.map((pattern, head) => {
    const rows = new Set<number>();
    for (const place of places) {
      if (!isSummed(place)) {
        if (place.head === head) rows.add(place.row);
        continue;
      }
      // Of what is no token, such as a table, every query may read.
      const key = place.row < length && place.head === kvHeadOf(shape, head) ? place.row : null;
      for (let one = 0; one < KEPT; one++) {
        const from = random.below(queries);
        for (let tried = 0; tried < Math.min(TRIES, queries); tried++) {
          // Queries at and after a key read it in most patterns.
          const row = (tried % 2 === 0 ? from + tried : (key ?? from) + tried) % queries;
          if (key !== null && !pattern.attends(row, key)) continue;
          rows.add(row);
          break;
        }
      }
    }
    return rows;
  });
}
