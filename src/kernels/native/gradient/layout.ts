import { type Places, places } from "../code/places.ts";
import { BLOCK, CALL_BYTES, HEAD_BYTES, LANE_BYTES, MOST_CHANNELS, ROW, ROWS } from "../pairwise/layout.ts";

/**
 * What a backward pass knows besides what attention does: each block begins with that of attention, so that all code over
 * pairs runs here as well. `HEAD.output` is where dq is.
 */

const FLOAT = 4;
const WORD = 8;

/** Units are what threads take from the queue, then joins. */
const call = behind(
  CALL_BYTES,
  places({
    units: WORD,
    joins: WORD,
    /** Bytes of a row of queries and of dout, as the lane has them, and of the sums of keys and values: whole vectors. */
    channelBytes: WORD,
    columnBytes: WORD,
    /** By which dq is multiplied when it is written; its 32 bits are repeated by whoever reads it. */
    factor: WORD,
  }),
);

const head = behind(HEAD_BYTES, places({ dout: WORD, out: WORD }));

/**
 * Items that one thread does one after the other, and the sums of keys and of values that they add to: where those of token
 * 0 are or would be. Bytes that are to be cleared first begin at `clear`.
 */
const unit = places({
  clear: WORD,
  clearBytes: WORD,
  item: WORD,
  end: WORD,
  keySums: WORD,
  valueSums: WORD,
  spare: 2 * WORD,
});

/** Rows of dk or dv: the sums of some units, from the first on, times `factor`. */
const join = places({
  to: WORD,
  toBytes: WORD,
  rows: WORD,
  /** Addresses of the sums of the first row. */
  parts: WORD,
  count: WORD,
  sumBytes: WORD,
  /** Lanes of the last vector of a row. */
  tail: WORD,
  factor: WORD,
});

const lane = behind(
  LANE_BYTES,
  places({
    unit: WORD,
    /** Where the next item is. */
    next: WORD,
    /** Whether a query or a row of dout is not finite: then its 0s may not be multiplied. */
    spreads: WORD,
    /** Addresses of rows of dout and out, and of the sums of a block's keys. */
    doutRows: ROWS * WORD,
    outRows: ROWS * WORD,
    keySumRows: BLOCK * WORD,
    valueSumRows: BLOCK * WORD,
    /** Less dout · out of each query, by its factor. */
    means: ROW,
    /** The gradients of scores, as weights lie. */
    slopes: BLOCK * ROW,
    /** Doutᵀ[column][query], by the query's factor. */
    dout: MOST_CHANNELS * ROW,
    /** Queries, and rows of dout by their factor, one after the other. */
    queriesPacked: ROWS * MOST_CHANNELS * FLOAT,
    doutPacked: ROWS * MOST_CHANNELS * FLOAT,
  }),
);

export const BACKWARD_CALL = call.at;
export const BACKWARD_CALL_BYTES = call.bytes;
export const BACKWARD_HEAD = head.at;
export const BACKWARD_HEAD_BYTES = head.bytes;
export const UNIT = unit.at;
export const UNIT_BYTES = unit.bytes;
export const JOIN = join.at;
export const JOIN_BYTES = join.bytes;
export const BACKWARD_LANE = lane.at;
export const BACKWARD_LANE_BYTES = lane.bytes;

/** The same fields behind so many bytes of others, which are whole cache lines. */
function behind<Name extends string>(bytes: number, own: Places<Name>): Places<Name> {
  const moved = Object.entries<number>(own.at).map(([name, place]) => [name, bytes + place]);
  return { at: Object.fromEntries(moved), bytes: bytes + own.bytes };
}
