import { VECTOR } from "../code/transpose.ts";
import { PRODUCT_BYTES } from "../products/block.ts";

export { VECTOR } from "../code/transpose.ts";

/** Tokens whose features are made together. */
export const CHUNK = 64;
/** Tokens of a vector, and vectors of a chunk. */
export const LANES = 16;
export const VECTORS = CHUNK / LANES;

/**
 * Bytes from a feature to the next. Features lie transposed, `[features, tokens]`, so that what is done to a token, or
 * summed over its features, is done to 16 at once, without any sum across lanes. Rows are 5 lines apart and not 4: a
 * product that goes down a column would otherwise meet but a fourth of the nearest cache.
 */
export const FEATURE_ROW = 320;

/** Places of 64-bit words by their names, in bytes. */
function placesOf<const Name extends string>(names: readonly Name[]): Readonly<Record<Name, number>> {
  return Object.fromEntries(names.map((name, index) => [name, 8 * index])) as Record<Name, number>;
}

/** What all threads share: begins with a queue. Strides and offsets are in bytes. */
export const CALL = placesOf([
  ...["next", "end", "phase", "items", "stride"],
  // Tensors, and what the layer learned, as they lie now.
  ...["q", "k", "v", "out", "weights"],
  // What each query's weights sum to, kept for a backward pass if it is somewhere; gradients, as they lie now.
  ...["rowSums", "dout", "dq", "dk", "dv"],
  // Channels of q and k, their row; columns of v and out, their row; features.
  ...["channels", "keyRow", "columns", "valueRow", "features", "sumRow", "valueTerms"],
  // Of a backward pass: bytes from the features of a chunk's keys to the next chunk's, 0 if they share a place, and to their rows.
  ...["keptKeys", "beyondKeys"],
  // Of products with weights, the factor of what goes back through them.
  "backFactor",
  // A state: rows, then sums, then for some maps exponents; all of it; the segments of a scan, and from one to the next.
  ...["stateRow", "sums", "exponents", "stateBytes", "segments", "scanStride"],
  // What the map asks for: `MAP`, rows of weights, rolls, factors of channels and of weights, ε.
  ...["map", "weightRows", "rolls", "factor", "weightFactor", "epsilon", "projected"],
  ...["cosines", "sines"],
]);

/** A part of the work: where it begins in each tensor, how many tokens it has, and its states. */
export const ITEM = placesOf([
  ...["q", "k", "v", "out", "weights", "first", "tokens"],
  // The state that it makes or begins with, where the next segment's begins, and whether it begins with nothing.
  ...["state", "next", "begins"],
  // Of a backward pass: its tensors, the state of queries, and whether it adds to dk and dv.
  ...["rowSums", "dout", "dq", "dk", "dv", "reverse", "nextReverse", "adds"],
  // Where what the layer learned has its gradient of this item.
  "learned",
]);
export const ITEM_BYTES = 8 * Object.keys(ITEM).length;

/** What a thread has for itself: where its tokens are, and scratch. */
export const LANE = placesOf([
  ...["call", "q", "k", "v", "out", "first", "left", "count", "state", "read", "weights", "beside"],
  // What is turned: how wide its rows are, and from one to the next.
  ...["turnWidth", "turnRow"],
  // How many times 16 rows the next chunk is ahead: less than 0 if chunks go back.
  "ahead",
  // Rows as they are turned, features, states of a segment so far and with those before.
  ...["queryRows", "keyRows", "queries", "keys", "local", "total"],
  ...["scores", "divisors", "halves", "tops", "staging", "product"],
  // Of a backward pass: its tensors, items that are left, states of the chunks of a segment.
  ...["rowSums", "dout", "dq", "dk", "dv", "itemsLeft", "checkpoints", "firstKeys"],
  // The rows of q or k whose gradients are made.
  "rows",
  // 1 if they are of k, 0 of q.
  "isKey",
  // dout by the divisors, in rows and turned; values turned; gradients of features, and of rows.
  ...["shares", "turnedShares", "turnedValues", "slopes", "back"],
  ...["means", "dots", "pairSlopes", "turnedSlopes", "finite"],
]);
export const LANE_BYTES = 8 * Object.keys(LANE).length;

/** Bytes of a lane's scratch that are the same for every shape. */
export const SCRATCH = {
  scores: CHUNK * FEATURE_ROW,
  divisors: 4 * CHUNK,
  halves: 4 * CHUNK,
  tops: 4 * CHUNK,
  staging: LANES * VECTOR,
  product: PRODUCT_BYTES,
} as const;

/** What is done with all items of a phase. */
export const PHASE = { accumulate: 0, sum: 1, scan: 2, read: 3, walk: 4, readKeys: 5 } as const;

/** Feature maps, by number. */
export const MAP = {
  elu: 0,
  relu: 1,
  reweighted: 2,
  channelSoftmax: 3,
  rolled: 4,
  taylor: 5,
  trigonometric: 6,
  favor: 7,
} as const;
