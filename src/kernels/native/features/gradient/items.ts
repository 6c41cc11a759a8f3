import { kvHeadOf, type Shape } from "../../../../core/shape.ts";
import { firstPosition, type Item, NOWHERE, offset, places, sumsOffset, weightsOf } from "../items.ts";
import { ITEM, ITEM_BYTES, PHASE } from "../layout.ts";
import type { PlannedMap } from "../plan-map.ts";
import type { Segments } from "../segments.ts";
import { STATE_BLOCK } from "../states.ts";

/** What the items of a backward pass are made of. */
export interface GradientItems {
  readonly shape: Shape;
  readonly map: PlannedMap;
  readonly causal: boolean;
  readonly threads: number;
  readonly segments: Segments;
  readonly stateBytes: number;
  /** Whether what the layer learned has a gradient. */
  readonly learns: boolean;
}

/** Items as those of a forward pass; a state that is joined goes on to others behind it or before it. */
export interface GradientPhase {
  readonly phase: number;
  readonly stride: number;
  /** States that are joined, and whether each lies behind the one before. */
  readonly joined: number;
  readonly forwards: boolean;
  readonly items: readonly Item[];
}

/**
 * Whether a thread walks all segments of a head of keys, with all heads of queries that read it, one after the other. Where threads
 * would have too few they share segments, whose states of queries they sum first; bits are the same.
 */
export function walksKeyHeads({
  shape: { batch, kvHeads },
  threads,
}: Pick<GradientItems, "shape" | "threads">): boolean {
  return (batch * kvHeads) % threads === 0 || batch * kvHeads >= 4 * threads;
}

/** States of queries that a call needs. */
export function reverseCount(call: GradientItems): number {
  const { batch, heads } = call.shape;
  if (!call.causal) return batch * heads * queryParts(call);
  return batch * heads * (walksKeyHeads(call) ? 2 : call.segments.count);
}

/** Items that have gradients of what the layer learned, each its own: those of queries, then those of keys; causal of both. */
export function learnedCount(call: GradientItems): number {
  const { batch, heads, kvHeads } = call.shape;
  if (!call.learns) return 0;
  if (call.causal) return batch * heads * call.segments.count;
  return batch * (heads * queryParts(call) + kvHeads * call.segments.count);
}

/** The head of keys whose parameters the gradient of such an item is of. */
export function learnedHead(call: GradientItems, index: number): number {
  const { shape, segments } = call;
  const [parts, ofQueries] = [queryParts(call), shape.batch * shape.heads * queryParts(call)];
  if (call.causal || index < ofQueries) return kvHeadOf(shape, Math.floor(index / parts) % shape.heads);
  return Math.floor((index - ofQueries) / segments.count) % shape.kvHeads;
}

/**
 * The phases of a call. Not causal: queries, the sum of their states, and keys that read it. Causal: the walk back, head by head
 * of keys, or after states of all segments but the first, and for each the sum of those behind it.
 */
export function gradientPhases(call: GradientItems): readonly GradientPhase[] {
  const { causal, segments, shape } = call;
  const group = shape.heads / shape.kvHeads;
  const each = (phase: number, items: readonly Item[], more: Partial<GradientPhase> = {}): GradientPhase => ({
    ...{ phase, stride: 1, joined: 0, forwards: true, items },
    ...more,
  });
  const filled = (phases: readonly GradientPhase[]): readonly GradientPhase[] =>
    phases.filter(({ items }) => items.length > 0);
  if (!causal) {
    const joined = group * queryParts(call);
    return filled([
      each(PHASE.read, queries(call)),
      each(PHASE.sum, joined > 1 ? sums(call, joined) : [], { joined }),
      each(PHASE.readKeys, keys(call)),
    ]);
  }
  if (walksKeyHeads(call)) {
    return [each(PHASE.walk, walks(call, true), { stride: group * segments.count })];
  }
  return filled([
    each(PHASE.accumulate, accumulated(call)),
    each(PHASE.scan, segments.count > 1 ? scans(call) : [], { joined: segments.count, forwards: false }),
    each(PHASE.walk, walks(call, false), { stride: group }),
  ]);
}

/** Segments of a head's queries, where every query sees all keys. */
function queryParts({ shape, segments }: GradientItems): number {
  return Math.ceil(shape.queries / segments.tokens);
}

/** What an item reads and writes of a query's tensors. */
function ofQueries(call: GradientItems, entry: number, head: number, row: number): Partial<Item> {
  const { shape } = call;
  const [rows, values] = [offset(call, "q", entry, head, row), offset(call, "output", entry, head, row)];
  return { q: rows, dq: rows, out: values, dout: values, rowSums: sumsOffset(shape, entry, head, row) };
}

/** The same of a key's. */
function ofKeys(call: GradientItems, entry: number, kvHead: number, row: number): Partial<Item> {
  const [rows, values] = [offset(call, "k", entry, kvHead, row), offset(call, "v", entry, kvHead, row)];
  return { k: rows, dk: rows, v: values, dv: values, weights: weightsOf(call, kvHead) };
}

function queries(call: GradientItems): Item[] {
  const { shape, segments } = call;
  return places(shape.batch, shape.heads, queryParts(call)).map(({ entry, head, part }, index) => {
    const row = part * segments.tokens;
    const kvHead = kvHeadOf(shape, head);
    return {
      ...NOWHERE,
      ...ofQueries(call, entry, head, row),
      weights: weightsOf(call, kvHead),
      // The last query stands at the last key.
      first: row + shape.length - shape.queries + firstPosition(shape),
      tokens: Math.min(segments.tokens, shape.queries - row),
      state: (entry * shape.kvHeads + kvHead) * segments.count,
      reverse: index,
      learned: index,
    };
  });
}

function keys(call: GradientItems): Item[] {
  const { shape, segments } = call;
  const ofQueries = shape.batch * shape.heads * queryParts(call);
  const group = shape.heads / shape.kvHeads;
  return places(shape.batch, shape.kvHeads, segments.count).map(({ entry, head, part }, index) => {
    const row = part * segments.tokens;
    return {
      ...NOWHERE,
      ...ofKeys(call, entry, head, row),
      first: row + firstPosition(shape),
      tokens: Math.min(segments.tokens, shape.length - row),
      state: (entry * shape.kvHeads + head) * segments.count,
      reverse: (entry * shape.heads + head * group) * queryParts(call),
      learned: ofQueries + index,
    };
  });
}

/** Causal: the state of queries in a segment's own place, but for the first segment, behind whose queries no keys are. */
function accumulated(call: GradientItems): Item[] {
  const { shape, segments } = call;
  return places(shape.batch, shape.heads, segments.count).flatMap(({ entry, head, part }, index) => {
    if (part === 0) return [];
    const row = part * segments.tokens;
    return {
      ...NOWHERE,
      ...ofQueries(call, entry, head, row),
      weights: weightsOf(call, kvHeadOf(shape, head)),
      first: row,
      tokens: Math.min(segments.tokens, shape.length - row),
      reverse: index,
    };
  });
}

/**
 * Segments of causal heads, those that share a head of keys together: the first of them writes dk and dv, the others add. `inOrder` from
 * the last segment on, on two states a head, each of which is what the next but one begins with.
 */
function walks(call: GradientItems, inOrder: boolean): Item[] {
  const { shape, segments } = call;
  const { batch, heads, kvHeads } = shape;
  const group = heads / kvHeads;
  const [outer, inner] = inOrder ? [group, segments.count] : [segments.count, group];
  return places(batch, kvHeads, outer * inner).map(({ entry, head: kvHead, part: both }) => {
    const [of, within] = [Math.floor(both / inner), both % inner];
    const member = inOrder ? of : within;
    const part = inOrder ? segments.count - 1 - within : of;
    const row = part * segments.tokens;
    const head = kvHead * group + member;
    const place = entry * heads + head;
    return {
      ...NOWHERE,
      ...ofQueries(call, entry, head, row),
      ...ofKeys(call, entry, kvHead, row),
      first: row,
      tokens: Math.min(segments.tokens, shape.length - row),
      state: place * segments.count + part,
      learned: place * segments.count + part,
      reverse: inOrder ? 2 * place + (part % 2) : place * segments.count + part,
      nextReverse: inOrder && part > 0 ? 1 + 2 * place + ((part - 1) % 2) : 0,
      begins: Number(inOrder && part === segments.count - 1),
      adds: Number(member > 0),
    };
  });
}

/** A block of the states of all queries that read a head of keys. */
function sums(call: GradientItems, joined: number): Item[] {
  const { shape, stateBytes } = call;
  return places(shape.batch, shape.kvHeads, stateBytes / STATE_BLOCK).map(({ entry, head, part }) => ({
    ...NOWHERE,
    reverse: (entry * shape.kvHeads + head) * joined,
    first: part * STATE_BLOCK,
  }));
}

/** A block of the states of a causal head's segments, from the last on. */
function scans(call: GradientItems): Item[] {
  const { shape, segments, stateBytes } = call;
  return places(shape.batch, shape.heads, stateBytes / STATE_BLOCK).map(({ entry, head, part }) => ({
    ...NOWHERE,
    reverse: (entry * shape.heads + head + 1) * segments.count - 1,
    first: part * STATE_BLOCK,
  }));
}

/** Where states and more lie: those of keys, which a forward pass left, and those of queries. */
export interface StatePlaces {
  readonly states: bigint;
  readonly reverse: bigint;
  readonly stateBytes: number;
  /** Gradients of what the layer learned. */
  readonly learned: bigint;
  readonly learnedBytes: number;
}

/** Writes items as words, with states where they lie; `nextReverse` counts from 1, 0 being none. */
export function writeGradientItems(
  to: BigInt64Array,
  phases: readonly GradientPhase[],
  { states, reverse, stateBytes, learned, learnedBytes }: StatePlaces,
): void {
  const all = phases.flatMap(({ phase, items }) => items.map((item) => ({ phase, item })));
  for (const [index, { phase, item }] of all.entries()) {
    const at = (name: keyof typeof ITEM): number => (index * ITEM_BYTES + ITEM[name]) / 8;
    const own = reverse + BigInt(item.reverse * stateBytes);
    for (const name of Object.keys(ITEM) as (keyof typeof ITEM)[]) to[at(name)] = BigInt(item[name]);
    const joins = phase === PHASE.sum || phase === PHASE.scan;
    to[at("state")] = joins ? own + BigInt(item.first) : states + BigInt(item.state * stateBytes);
    to[at("reverse")] = own;
    to[at("learned")] = learned + BigInt(item.learned * learnedBytes);
    if (item.nextReverse > 0) to[at("nextReverse")] = reverse + BigInt((item.nextReverse - 1) * stateBytes);
  }
}
