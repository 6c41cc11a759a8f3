import { randomStream } from "../core/random.ts";
import type { RowPlace } from "../core/rows.ts";
import type { Shape } from "../core/shape.ts";

/** The most rows of a head that are verified. */
export const ROWS_A_HEAD = 64;
const ROWS_IN_ALL = 512;
/** And the fewest, if it has as many. */
export const LEAST_ROWS = 8;
/** Multiplications that the reference may spend on one case in one precision, beyond the least rows. */
const REFERENCE_WORK = 2 ** 23;

/**
 * The rows that are verified, in every batch entry and head: all if there are few; otherwise the first, the
 * last, those on both sides of powers of two (where blocks, tiles and windows end), and random ones.
 */
export function gateRows(shape: Shape, seed: number): RowPlace[] {
  const { batch, heads, length, queries, headDim } = shape;
  const slices = batch * heads;
  const affordable = Math.floor(REFERENCE_WORK / (slices * length * headDim));
  const wanted = Math.max(LEAST_ROWS, Math.min(ROWS_A_HEAD, Math.floor(ROWS_IN_ALL / slices), affordable));
  const places: RowPlace[] = [];
  for (let entry = 0; entry < batch; entry++) {
    for (let head = 0; head < heads; head++) {
      for (const row of rowsOfHead(queries, wanted, [seed, entry, head]))
        places.push({ batch: entry, head, row });
    }
  }
  return places;
}

/** The first steps are always checked: if a step is long they are all that a slot makes. */
const FIRST_STEPS = 4;

/**
 * The steps of a window that are verified, in every batch entry and head: all if the reference can afford it.
 */
export function stepRows(inputs: Shape, steps: number, seed: number): RowPlace[] {
  const { batch, heads, length, headDim } = inputs;
  const affordable = Math.floor(REFERENCE_WORK / (batch * heads * length * headDim));
  const wanted = Math.min(steps, Math.max(LEAST_ROWS, affordable));
  const random = randomStream(seed);
  const rows = new Set([steps - 1]);
  for (let row = 0; row < Math.min(FIRST_STEPS, steps); row++) rows.add(row);
  while (rows.size < wanted) rows.add(random.below(steps));
  const sorted = [...rows].sort((a, b) => a - b);
  return Array.from({ length: batch * heads }, (_, slice) =>
    sorted.map((row) => ({ batch: Math.floor(slice / heads), head: slice % heads, row })),
  ).flat();
}

/** The rows of one head that are verified: some `wanted` of so many. */
export function rowsOfHead(length: number, wanted: number, keys: readonly number[]): number[] {
  if (length <= wanted) return Array.from({ length }, (_, row) => row);
  const rows = new Set([0, length - 1]);
  const random = randomStream(...keys);
  const edges: number[] = [];
  for (let edge = 1; edge < length; edge *= 2) edges.push(edge - 1, edge);
  edges.push(length - 2);
  // At most half of the rows are edges, so that any row may be hit.
  while (edges.length > 0 && rows.size < wanted / 2) {
    const [edge] = edges.splice(random.below(edges.length), 1);
    rows.add(edge);
  }
  while (rows.size < wanted) rows.add(random.below(length));
  return [...rows].sort((a, b) => a - b);
}
