import { VECTOR } from "../code/transpose.ts";
import { PRODUCT_BYTES } from "../products/block.ts";

export { VECTOR } from "../code/transpose.ts";

/** Tokens of a chunk: a lane of a vector each. */
export const TOKENS = 16;
/** The widest head, and the widest values. */
export const MOST_WIDTH = 256;

const WORD_NAMES = [
  // Tensors, from the first slice on.
  ...["queue", "items", "q", "k", "v", "out", "g", "beta", "dt", "decayWeights", "writeWeights"],
  // Sizes: bytes of rows, vectors of them, bytes of all but the last vector, lanes of the last.
  ...["length", "d", "keyBytes", "keyVectors", "keyWhole", "keyTail"],
  ...["valueBytes", "valueVectors", "valueWhole", "valueTail", "decayRow", "gateBytes"],
  // The lane's matrices, which are as large as a head is.
  ...[
    "state",
    "before",
    "joined",
    "packedDecays",
    "packedWrites",
    "offsets",
    "decayWeightsNow",
    "writeWeightsNow",
  ],
  // What is computed.
  ...["decay", "write", "decayPerChannel", "writePerChannel", "byChannel", "erases", "unit", "variant"],
  ...["scale", "skip", "bonus"],
  // Segments: how many a slice has, tokens of each, and where their states are kept.
  ...["segments", "segmentTokens", "stateBytes", "totalAt"],
  // Where the lane is; whether nothing came before its own state, and whether outputs are asked for.
  ...["item", "kind", "rest", "isAlone", "reads"],
  // States that are kept before every chunk, if any are; whether there are outputs, and whether logits of gates are kept.
  ...["kept", "keeps", "keptNow", "keptBytes", "writesOut", "keepsLogits"],
  ...["qNow", "kNow", "vNow", "outNow", "gNow", "betaNow", "dtNow", "logNow", "left", "count", "counted"],
] as const;

type WordName = (typeof WORD_NAMES)[number];

/** Where the 64-bit words of a lane lie, in bytes; the float32 among them in the lower half. */
export const WORD = Object.fromEntries(WORD_NAMES.map((name, index) => [name, 8 * index])) as Readonly<
  Record<WordName, number>
>;

/**
 * Words of an item, in bytes: how far its tensors are from those of the first token, `ln α` of its head, tokens, where the state of
 * its segment is kept, how far what is kept of its chunks is from the first, and where a backward pass sums what weights get.
 */
export const ITEM = {
  kind: 0,
  rows: 8,
  values: 16,
  gates: 24,
  tokens: 32,
  decayWeights: 40,
  writeWeights: 48,
  fixedLog: 56,
  length: 64,
  state: 72,
  kept: 80,
  sums: 88,
} as const;
export const ITEM_BYTES = 96;

/** Kinds of items: a slice from its first token on, what a segment writes by itself, joining those, and a segment from its state on. */
export const KIND = { slice: 0, sum: 1, join: 2, segment: 3 } as const;

/** Products of a chunk, of which each lane has a block. */
export const PRODUCTS = ["decays", "writes", "erased", "read", "readJoined"] as const;

const ROWS = [
  ...(["queries", "keys", "values", "output", "decays", "writes"] as const),
  // What gates of a channel are made of, for a backward pass.
  ...(["decayLogits", "writeLogits"] as const),
] as const;
const CHANNELS = ["chunk", "total", "slopes", "shifts", "decayVector", "writeVector"] as const;
const LANES = [
  ...(["logs", "keep", "rest", "steps", "fromStart", "toEnd", "written", "norms", "factors"] as const),
  // What gates of a token are made of, for a backward pass.
  ...(["decayLogits", "writeLogits"] as const),
] as const;
const SQUARES = ["scores", "erasing", "shares", "parts"] as const;

/** Where what a lane writes lies, in bytes from its beginning. */
export interface Places {
  /** Bytes from a row to the next. */
  readonly row: number;
  /** Rows of the 16 tokens, filled up with zeros to whole vectors. What erases is in those of keys. */
  readonly rows: Readonly<Record<(typeof ROWS)[number], number>>;
  /** A number a channel. */
  readonly channels: Readonly<Record<(typeof CHANNELS)[number], number>>;
  /** A number a token. */
  readonly lanes: Readonly<Record<(typeof LANES)[number], number>>;
  /** `[16, 16]`. */
  readonly squares: Readonly<Record<(typeof SQUARES)[number], number>>;
  /** Keys `[channel, token]`. */
  readonly turned: number;
  readonly products: Readonly<Record<(typeof PRODUCTS)[number], number>>;
  readonly bytes: number;
}

/** The places of a lane for rows of up to so many floats. A row is a line longer, so that rows do not fall on the same cache sets. */
export function placesOf(width: number): Places {
  const row = 4 * width + VECTOR;
  let end = roundUp(8 * WORD_NAMES.length, VECTOR);
  const reserve = <Name extends string>(names: readonly Name[], bytes: number): Record<Name, number> => {
    const placed = names.map((name, index) => [name, end + index * bytes]);
    end += names.length * bytes;
    return Object.fromEntries(placed) as Record<Name, number>;
  };
  const products = reserve(PRODUCTS, roundUp(PRODUCT_BYTES, VECTOR));
  const lanes = reserve(LANES, VECTOR);
  const squares = reserve(SQUARES, TOKENS * VECTOR);
  const channels = reserve(CHANNELS, row);
  const turned = reserve(["keys"], width * VECTOR).keys;
  const rows = reserve(ROWS, TOKENS * row);
  return { row, rows, channels, lanes, squares, turned, products, bytes: end };
}

function roundUp(bytes: number, to: number): number {
  return Math.ceil(bytes / to) * to;
}
