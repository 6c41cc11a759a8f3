import { FLOAT_BYTES, kvHeadOf, layoutOf, offsetIn, type Shape } from "../../../core/shape.ts";
import { ITEM, ITEM_BYTES, LANES, MAP, PHASE } from "./layout.ts";
import type { PlannedMap } from "./plan-map.ts";
import type { Segments } from "./segments.ts";
import { STATE_BLOCK } from "./states.ts";

/** One item as words: offsets in bytes. */
export type Item = Readonly<Record<keyof typeof ITEM, number>>;

/**
 * Items that threads may take in any order, `stride` of them together, and all of which are done before the next phase begins.
 */
export interface Phase {
  readonly phase: number;
  readonly stride: number;
  readonly items: readonly Item[];
}

/** What items are made of; states are numbered. */
export interface FeatureItems {
  readonly shape: Shape;
  readonly map: PlannedMap;
  readonly causal: boolean;
  readonly threads: number;
  readonly segments: Segments;
  readonly stateBytes: number;
  /** Whether a backward pass needs what each query's weights sum to, and what each segment begins with. */
  readonly isKept: boolean;
}

/**
 * Whether a thread walks all segments of a causal head one after the other: then what a segment begins with costs
 * nothing. Where threads would have too few heads they share segments, whose states they sum first; bits are the same.
 */
export function walksHeads({
  shape: { batch, heads },
  threads,
}: Pick<FeatureItems, "shape" | "threads">): boolean {
  return (batch * heads) % threads === 0 || batch * heads >= 4 * threads;
}

/** States that a call needs. */
export function stateCount(call: FeatureItems): number {
  const { batch, heads, kvHeads } = call.shape;
  if (!call.causal) return batch * kvHeads * call.segments.count;
  // What a segment begins with, and what the next does.
  return batch * heads * (walksHeads(call) && !call.isKept ? 2 : call.segments.count);
}

/**
 * The phases of a call. Not causal: a state for each segment, their sum, and queries that read it. Causal: the walk,
 * head by head, or after states of all segments but the last, and for each the sum of those before.
 */
export function phasesOf(call: FeatureItems): readonly Phase[] {
  const { causal, segments } = call;
  const each = (phase: number, items: readonly Item[]): Phase => ({ phase, stride: 1, items });
  if (!causal) {
    return [
      each(PHASE.accumulate, keyItems(call)),
      each(PHASE.sum, segments.count > 1 ? joins(call) : []),
      each(PHASE.read, queryItems(call)),
    ].filter(({ items }) => items.length > 0);
  }
  if (walksHeads(call)) return [{ phase: PHASE.walk, stride: segments.count, items: walks(call, true) }];
  const accumulated = walks(call, false).filter((_, at) => (at + 1) % segments.count !== 0);
  return [
    each(PHASE.accumulate, accumulated),
    each(PHASE.scan, joins(call)),
    each(PHASE.walk, walks(call, false)),
  ].filter(({ items }) => items.length > 0);
}

/** The offset in bytes of a row of a tensor. */
export function offset(
  { shape }: Pick<FeatureItems, "shape">,
  of: "q" | "k" | "v" | "output",
  entry: number,
  head: number,
  row: number,
): number {
  return FLOAT_BYTES * offsetIn(layoutOf(shape, of), entry, head, row);
}

/** The offset of what a query's weights sum to, `[batch, heads, queries]`. */
export function sumsOffset({ heads, queries }: Shape, entry: number, head: number, row: number): number {
  return FLOAT_BYTES * ((entry * heads + head) * queries + row);
}

/** The offset of what the layer learned for a head of k and v. */
export function weightsOf({ shape, map }: Pick<FeatureItems, "shape" | "map">, kvHead: number): number {
  return FLOAT_BYTES * kvHead * (map.weights?.rows ?? 0) * shape.headDim;
}

export const NOWHERE = Object.fromEntries(Object.keys(ITEM).map((name) => [name, 0])) as Item;

function keyItems(call: FeatureItems): Item[] {
  const { shape, segments } = call;
  return places(shape.batch, shape.kvHeads, segments.count).map(({ entry, head, part }, index) => {
    const row = part * segments.tokens;
    return {
      ...NOWHERE,
      k: offset(call, "k", entry, head, row),
      v: offset(call, "v", entry, head, row),
      weights: weightsOf(call, head),
      first: row + firstPosition(shape),
      tokens: Math.min(segments.tokens, shape.length - row),
      state: index,
    };
  });
}

function queryItems(call: FeatureItems): Item[] {
  const { shape, segments } = call;
  const parts = Math.ceil(shape.queries / segments.tokens);
  return places(shape.batch, shape.heads, parts).map(({ entry, head, part }) => {
    const row = part * segments.tokens;
    const kvHead = kvHeadOf(shape, head);
    return {
      ...NOWHERE,
      q: offset(call, "q", entry, head, row),
      out: offset(call, "output", entry, head, row),
      rowSums: sumsOffset(shape, entry, head, row),
      weights: weightsOf(call, kvHead),
      // The last query stands at the last key.
      first: row + shape.length - shape.queries + firstPosition(shape),
      tokens: Math.min(segments.tokens, shape.queries - row),
      state: (entry * shape.kvHeads + kvHead) * segments.count,
    };
  });
}

/**
 * Segments of causal heads; `inOrder` on two states a head, each of which is what the next but one begins with, or on one for each
 * segment if they are kept.
 */
function walks(call: FeatureItems, inOrder: boolean): Item[] {
  const { shape, segments } = call;
  return places(shape.batch, shape.heads, segments.count).map(({ entry, head, part }, index) => {
    const row = part * segments.tokens;
    const kvHead = kvHeadOf(shape, head);
    const both = 2 * (entry * shape.heads + head);
    const [own, following] = call.isKept ? [index, index + 1] : [both + (part % 2), both + ((part + 1) % 2)];
    return {
      ...NOWHERE,
      q: offset(call, "q", entry, head, row),
      k: offset(call, "k", entry, kvHead, row),
      v: offset(call, "v", entry, kvHead, row),
      out: offset(call, "output", entry, head, row),
      rowSums: sumsOffset(shape, entry, head, row),
      weights: weightsOf(call, kvHead),
      first: row,
      tokens: Math.min(segments.tokens, shape.length - row),
      state: inOrder ? own : index,
      next: inOrder && part + 1 < segments.count ? 1 + following : 0,
      begins: Number(inOrder && part === 0),
    };
  });
}

/** A block of the states of all segments of a head. */
function joins(call: FeatureItems): Item[] {
  const { shape, map, causal, segments, stateBytes } = call;
  const heads = causal ? shape.heads : shape.kvHeads;
  // Those with exponents are joined feature by feature.
  const scaled = map.map === MAP.favor;
  const step = scaled ? LANES : STATE_BLOCK;
  const blocks = Math.ceil((scaled ? map.features : stateBytes) / step);
  return places(shape.batch, heads, blocks).map(({ entry, head, part }) => {
    const state = (entry * heads + head) * segments.count;
    return { ...NOWHERE, state, first: part * step, begins: Number(scaled) };
  });
}

/** The position of the first entry of a table by positions: queries may stand before the first key. */
export function firstPosition({ length, queries }: Shape): number {
  return Math.max(0, queries - length);
}

export function places(entries: number, heads: number, parts: number) {
  return Array.from({ length: entries * heads * parts }, (_, index) => ({
    entry: Math.floor(index / parts / heads),
    head: Math.floor(index / parts) % heads,
    part: index % parts,
  }));
}

/** Writes items as words, with states where they lie; `next` counts from 1, 0 being none. */
export function writeItems(
  to: BigInt64Array,
  phases: readonly Phase[],
  states: bigint,
  stateBytes: number,
): void {
  const address = (state: number): bigint => states + BigInt(state * stateBytes);
  for (const [index, { phase, items }] of phases
    .flatMap(({ phase, items }) => items.map((item) => ({ phase, items: item })))
    .entries()) {
    const joins = phase === PHASE.sum || phase === PHASE.scan;
    for (const [name, place] of Object.entries(ITEM) as [keyof typeof ITEM, number][]) {
      to[(index * ITEM_BYTES + place) / 8] = BigInt(items[name]);
    }
    const at = (name: keyof typeof ITEM): number => (index * ITEM_BYTES + ITEM[name]) / 8;
    to[at("state")] = address(items.state) + BigInt(joins && items.begins === 0 ? items.first : 0);
    if (items.next > 0) to[at("next")] = address(items.next - 1);
  }
}
