import { places } from "../code/places.ts";
import { LANES } from "../code/transpose.ts";

export { VECTOR } from "../code/transpose.ts";

/**
 * The sizes on which machine code and host agree. Everything is transposed: the lanes of a vector are queries. A
 * tile is 8 keys by 3 vectors of queries, in 24 accumulators; keys go through it 64 at a time, whose weights are
 * 12 KiB.
 */
export const TILE = { keys: 8, vectors: 3, columns: 8 } as const;
/** Queries of an item. */
export const ROWS = TILE.vectors * LANES;
/** Keys whose weights are kept at once. */
export const BLOCK = 64;
/** The widest head, and the widest value. */
export const MOST_CHANNELS = 256;

const FLOAT = 4;
const WORD = 8;
/** Bytes between rows of what has a number for each query: queries and outputs by channel, weights by key. */
export const ROW = ROWS * FLOAT;

/** What all threads read: from `next` and `end` they take items. Strides in bytes. */
const call = places({
  next: WORD,
  end: WORD,
  items: WORD,
  queryBytes: WORD,
  outputBytes: WORD,
  channels: WORD,
  valueDim: WORD,
  /** On scores; its 32 bits are repeated by whoever reads it. */
  scale: WORD,
  /** What the state of a row begins with: less its maximum, its sum of weights, what its scores may exceed. */
  base: WORD,
  total: WORD,
  limit: WORD,
  /** The score of a key that all rows attend and whose value is 0, in powers of 2; −∞ if there is none. */
  sink: WORD,
  /** In the place of one of those for each row by itself: which in the lane, or 0. */
  numbered: WORD,
  /** Whether scores have biases; the places of all tokens, 0 if they are their numbers; the token of the first query. */
  biased: WORD,
  places: WORD,
  firstQuery: WORD,
  /** Lanes of the last 16 channels, and of the last 16 columns of values. */
  channelTail: WORD,
  columnTail: WORD,
  /** How far keys and values of eight tokens in order are from the first, and from eight tokens to the next. */
  keySteps: 8 * WORD,
  valueSteps: 8 * WORD,
  keyBytes: WORD,
  valueBytes: WORD,
});

/** One head of a batch entry: addresses. */
const head = places({
  q: WORD,
  k: WORD,
  v: WORD,
  output: WORD,
  /** The number of each row, if `numbered`. */
  numbers: WORD,
  /** What is kept of each row between passes. */
  keptBase: WORD,
  keptTotal: WORD,
  keptLimit: WORD,
  /** The bias of distance 0, going on with queries that are further behind the key. */
  bias: WORD,
  /** What is left of each row for a backward pass: less its maximum, and by what its sums were multiplied; 0 if nothing is. */
  leftBase: WORD,
  leftFactor: WORD,
});

/**
 * Up to 48 rows of a head: which they are, and the first of their tasks. `list` is 0 where rows are in order. A backward pass
 * also says where it sums what biases of distance 0 get, or 0, and which lanes of the last vector are rows.
 */
const item = places({
  head: WORD,
  task: WORD,
  list: WORD,
  first: WORD,
  rows: WORD,
  vectors: WORD,
  biasSums: WORD,
  rowTail: WORD,
});

/**
 * Keys that the rows of an item attend: `mask`, if not 0, has a word of 64 bits for each key, and `rows` a bit for each row
 * that attends any of them.
 */
const task = places({
  list: WORD,
  first: WORD,
  keys: WORD,
  mask: WORD,
  flags: WORD,
  rows: WORD,
  spare: 2 * WORD,
});

/** What one thread writes. */
const lane = places({
  call: WORD,
  item: WORD,
  task: WORD,
  /** Keys of the task that are left, and where they are. */
  left: WORD,
  list: WORD,
  first: WORD,
  mask: WORD,
  /** 8 times the keys of the block. */
  blockEnd: WORD,
  vectors: WORD,
  /** Whether the rows have no outputs yet: the first block writes them, later ones add to them. */
  empty: WORD,
  /** How biases are looked up. */
  biased: WORD,
  /** Addresses of rows. */
  queryRows: ROWS * WORD,
  outputRows: ROWS * WORD,
  tokens: ROWS * FLOAT,
  keyRows: BLOCK * WORD,
  valueRows: BLOCK * WORD,
  /** The state of each row. */
  base: ROW,
  total: ROW,
  limit: ROW,
  blockTotal: ROW,
  factor: ROW,
  /** Places of rows and keys, by which biases are looked up. */
  rowPlaces: ROW,
  keyPlaces: BLOCK * FLOAT,
  /** What rows that are none read, and where they are written. */
  nothing: MOST_CHANNELS * FLOAT,
  anything: MOST_CHANNELS * FLOAT,
  weights: BLOCK * ROW,
  queries: MOST_CHANNELS * ROW,
  outputs: MOST_CHANNELS * ROW,
});

export const CALL = call.at;
export const CALL_BYTES = call.bytes;
export const HEAD = head.at;
export const HEAD_BYTES = head.bytes;
export const ITEM = item.at;
export const ITEM_BYTES = item.bytes;
export const TASK = task.at;
export const TASK_BYTES = task.bytes;
export const LANE = lane.at;
export const LANE_BYTES = lane.bytes;
