import { places } from "../code/places.ts";
import { LANES, VECTOR } from "../code/transpose.ts";
import { TURN_BYTES } from "../pairwise/turn.ts";

const WORD = 8;
const FLOAT = 4;

/** The most keys whose weights are made before their values are summed. */
export const BLOCK = 128;
/** The widest head, and the widest value. */
export const MOST_CHANNELS = 256;
/** Addresses of a block's rows, and behind them those of rows of zeros, up to a whole vector of keys. */
const LIST = (BLOCK + LANES) * WORD;

/** What a step reads, and what it keeps while it goes on. Addresses and bytes are words of 64 bits. */
const call = places({
  position: WORD,
  /** Records of caches, one behind the other. */
  slices: WORD,
  firstSlice: WORD,
  /** Heads of q that share a cache, and caches that a head of k and v has. */
  readers: WORD,
  cachesPerHead: WORD,
  state: WORD,
  /** The token's own rows. */
  q: WORD,
  k: WORD,
  v: WORD,
  out: WORD,
  /** Bytes of a row of the token's, and of the cache. */
  queryBytes: WORD,
  valueBytes: WORD,
  keyRow: WORD,
  valueRow: WORD,
  /** Of a row: where its last vector begins, and that vector's lanes. */
  keyLast: WORD,
  keyTail: WORD,
  keyVectors: WORD,
  valueLast: WORD,
  valueTail: WORD,
  valueVectors: WORD,
  /** Scores are in powers of 2: what q is multiplied by. */
  factor: WORD,
  /** The number of every row, if rows have none of their own: what the maximum begins with, or what scores or sums are changed by. */
  rowNumber: WORD,
  /** What the sum of weights begins with, in one lane. */
  firstTotal: VECTOR,
  /** A row of zeros. */
  nothing: WORD,
  /** 0 unless q and k are turned: the angles of token 0, and the bytes of those of one token. */
  angles: WORD,
  angleRow: WORD,
  turnQueries: TURN_BYTES,
  turnKeys: TURN_BYTES,
  /** The slice that is under way, and how many are left. */
  slice: WORD,
  slicesLeft: WORD,
  cachesLeft: WORD,
  /** Where the slice's queries and outputs are, and its token's key and value. */
  query: WORD,
  output: WORD,
  key: WORD,
  value: WORD,
  /** Whether scores have biases, the places of all tokens, bytes from the table of one head to the next, and the query's place. */
  biased: WORD,
  places: WORD,
  biasBytes: WORD,
  queryPlace: WORD,
  /** The pieces of a row that are left, and the one that is being listed. */
  piece: WORD,
  pieceEnd: WORD,
  lastCount: WORD,
  pieceLeft: WORD,
  pieceKey: WORD,
  pieceValue: WORD,
  pieceSlot: WORD,
  keyStep: WORD,
  valueStep: WORD,
  slotStep: WORD,
  /** Keys of the block, and as many in whole vectors of keys. */
  keys: WORD,
  padded: WORD,
  /** The most keys of a block, and how far ahead rows are asked for, in bytes; 0 if they are not. */
  block: WORD,
  ahead: WORD,
  keyList: LIST,
  valueList: LIST,
  placeList: (BLOCK + LANES) * FLOAT,
  /** Of each of 16 keys a vector, the sum of whose lanes is its score. */
  sums: LANES * VECTOR,
});

/** A cache of keys and values, and the schedule of the heads that read it. */
const slice = places({
  slotOf: WORD,
  pieces: WORD,
  rowAt: WORD,
  lastCount: WORD,
  keys: WORD,
  values: WORD,
  /** A number for each row; 0 if all have the same. */
  rowNumbers: WORD,
  /** The place of the key in each slot, and where the first head's bias of distance 0 is; 0 if there are none. */
  placeAt: WORD,
  bias: WORD,
});

/** What is kept of a query while its keys go by. */
const reader = places({
  query: WORD,
  weights: WORD,
  output: WORD,
  /** Where the head's bias of distance 0 is; 0 if it has none. */
  bias: WORD,
  /** In all lanes: the greatest score so far, within `SLACK`; without softmax the number of the row. */
  maximum: VECTOR,
  total: VECTOR,
  /** The sum of the block's weights alone, so that no sum is long. */
  blockTotal: VECTOR,
});

export const CALL = call.at;
export const CALL_BYTES = call.bytes;
export const SLICE = slice.at;
export const SLICE_BYTES = slice.bytes;
export const READER = reader.at;
export const READER_BYTES = reader.bytes;
/** Bytes of the weights of a block. */
export const WEIGHTS_BYTES = BLOCK * FLOAT;
