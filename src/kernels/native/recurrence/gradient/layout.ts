import { type Places, placesOf, TOKENS, VECTOR } from "../layout.ts";

/**
 * What a backward pass knows besides what the recurrence does: its places lie behind those, so that all code of the forward pass runs
 * here as well. The words of the state are those of its gradient, which begins behind the last token.
 */

const WORD_NAMES = [
  // Tensors, from the first slice on, and those of the chunk.
  ...(["dout", "dq", "dk", "dv", "dg", "dbeta", "ddt"] as const),
  ...(["doutNow", "dqNow", "dkNow", "dvNow", "dgNow", "dbetaNow", "ddtNow"] as const),
  // Whether decays have a gradient, and whether writes do.
  ...(["learnsDecays", "learnsWrites"] as const),
  // What weights get of the segment: where, how many bytes, and where what is beside the decay's begins.
  ...(["sumsNow", "sumBytes", "tailAt", "writeSumsAt"] as const),
  // The first token of the segment, the gradient of the state after the chunk, and how far the item's chunks are kept.
  ...(["segmentStart", "after"] as const),
] as const;

export type BackWordName = (typeof WORD_NAMES)[number];

const ROWS = [
  ...(["given", "ofQueries", "ofKeys", "ofValues"] as const),
  // Where channels decay by themselves: keys as they are at the end of the chunk, and gradients of keys by pairs, of logarithms of
  // decays, of those by what is read, and of writes.
  ...(["kept", "ofPairs", "ofLogs", "ofReads", "ofWrites"] as const),
] as const;
/** What goes through the whole chunk of each channel. */
const CHANNELS = ["through"] as const;
/** Of matrices of weights: what they add to the gradients of keys, and what they get. */
export const BACK_PRODUCTS = ["decaysToKeys", "toDecays", "writesToKeys", "toWrites"] as const;
const LANES = ["ofLogs", "ofReads", "ofKept", "ofWrites"] as const;
const SQUARES = ["products", "weighted"] as const;
const TURNED = ["values", "douts"] as const;

/** Where what a lane writes on its way back lies. In the rows of values of the forward pass are those of dout. */
export interface BackPlaces {
  readonly words: Readonly<Record<BackWordName, number>>;
  /** Gradients of the rows of the 16 tokens, and keys as they are given. */
  readonly rows: Readonly<Record<(typeof ROWS)[number], number>>;
  /** A number a token: gradients of `ln α` and β, and what queries and keys say of them. */
  readonly lanes: Readonly<Record<(typeof LANES)[number], number>>;
  /** `[16, 16]`: products of scores and of values, and those of values by what is left of the earlier token. */
  readonly squares: Readonly<Record<(typeof SQUARES)[number], number>>;
  readonly channels: Readonly<Record<(typeof CHANNELS)[number], number>>;
  readonly products: Readonly<Record<(typeof BACK_PRODUCTS)[number], number>>;
  /** `[column, token]`. */
  readonly turned: Readonly<Record<(typeof TURNED)[number], number>>;
  readonly bytes: number;
}

/** The places of a lane for rows of up to so many floats, those of the forward pass first. */
export function backPlacesOf(width: number): { readonly places: Places; readonly back: BackPlaces } {
  const places = placesOf(width);
  let end = places.bytes;
  const reserve = <Name extends string>(names: readonly Name[], bytes: number): Record<Name, number> => {
    const placed = names.map((name, index) => [name, end + index * bytes]);
    end += Math.ceil((names.length * bytes) / VECTOR) * VECTOR;
    return Object.fromEntries(placed) as Record<Name, number>;
  };
  const words = reserve(WORD_NAMES, 8);
  const lanes = reserve(LANES, VECTOR);
  const squares = reserve(SQUARES, TOKENS * VECTOR);
  const channels = reserve(CHANNELS, places.row);
  const products = reserve(BACK_PRODUCTS, 2 * VECTOR);
  const turned = reserve(TURNED, width * VECTOR);
  const rows = reserve(ROWS, TOKENS * places.row);
  return { places, back: { words, lanes, squares, channels, products, turned, rows, bytes: end } };
}
