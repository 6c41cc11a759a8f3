import { IN_PLACE, KEY_BLOCK, UNTOUCHED } from "../layout.ts";
import { mostSegments, type SumCosts } from "../segments.ts";

/** Rows in segments, each with sums of its own of what keys get. */
export interface RowSegments {
  readonly count: number;
  /** Where the rows of each segment end. */
  readonly ends: readonly number[];
  /** Where each segment keeps the sums of each block of keys, as `Segments` has it. */
  readonly tables: Int32Array;
  readonly blocks: number;
  readonly slots: number;
}

/** What is cut. */
export interface ChosenRows {
  readonly rows: number;
  /** Rows that stay together. */
  readonly unit: number;
  readonly keys: number;
  /** Pairs of all rows, about. */
  readonly pairs: number;
  /** How many of the first keys rows before `end` may choose. */
  reach(end: number): number;
}

/**
 * Cuts rows, whose keys are known only in the call, into segments of about as many rows, by the shape alone, so that sums have the same
 * order whatever the threads.
 */
export function segmentsOfRows(chosen: ChosenRows, costs: SumCosts): RowSegments {
  return mostSegments((count) => cutInto(count, chosen, costs.inPlace), chosen.pairs, costs);
}

function cutInto(most: number, { rows, unit, keys, reach }: ChosenRows, inPlace: boolean): RowSegments {
  const units = Math.ceil(rows / unit);
  const count = Math.max(1, Math.min(most, units));
  const ends = Array.from({ length: count }, (_, segment) =>
    Math.min(rows, Math.floor(((segment + 1) * units) / count) * unit),
  );
  const blocks = Math.ceil(keys / KEY_BLOCK);
  const tables = new Int32Array(count * blocks).fill(UNTOUCHED);
  const taken = new Uint8Array(blocks);
  let slots = 0;
  for (const [segment, end] of ends.entries()) {
    const touched = Math.ceil(Math.min(keys, reach(end)) / KEY_BLOCK);
    for (let block = 0; block < touched; block++) {
      tables[segment * blocks + block] = inPlace && taken[block] === 0 ? IN_PLACE : slots++;
      taken[block] = 1;
    }
  }
  return { count, ends, tables, blocks, slots };
}
