import { type Intervals, measure } from "../core/pattern.ts";
import type { Problem } from "../core/problem.ts";
import { type RandomStream, randomStream } from "../core/random.ts";
import { rowOffset } from "../core/shape.ts";
import { bindHeads } from "../pattern/bind.ts";
import type { RowPlace } from "./gate-rows.ts";

/**
 * Changes one element each of q, k and v before every timed call, so that no two calls that follow one another are given the
 * same numbers: what is remembered from an earlier call, by whatever part of its inputs, is wrong or must be computed anew.
 */
export interface Pokes {
  /** Arranges the changes of so many calls: the last of them is one whose rows can be told. */
  begin(calls: number): void;
  /** Takes back the change before, and makes the next: a few nanoseconds, which are timed with the call. */
  next(): void;
  /** The change that stands: its number, and the rows of the output that show it. Null where none does. */
  standing(): { readonly index: number; readonly rows: readonly RowPlace[] } | null;
  /** Takes back the change that stands. */
  undo(): void;
}

/** Changes that follow one another before the first comes again: a prime, so that no period of a kernel's divides it. */
const PLACES = 61;
/** Of these the last of a slot is one, in turn: what is expected then is computed once. */
const TELLING = 2;
/** Rows that are looked at of one change. */
const MOST_ROWS = 3;

interface Poke {
  readonly rows: readonly RowPlace[];
  readonly at: readonly [number, number, number];
}

export function pokes(problem: Problem, seed: number): Pokes {
  const { q, k, v } = problem.inputs;
  const all = drawPokes(problem, randomStream(seed, PLACES));
  const places = all.map(({ at }) => at);
  const [qAt, kAt, vAt] = [0, 1, 2].map((tensor) => Int32Array.from(places, (at) => at[tensor]));
  let index = -1;
  let following = 0;
  let turn = 0;
  const negate = (): void => {
    q[qAt[index]] = -q[qAt[index]];
    k[kAt[index]] = -k[kAt[index]];
    v[vAt[index]] = -v[vAt[index]];
  };
  const undo = (): void => {
    if (index >= 0) negate();
    index = -1;
  };
  return {
    begin(calls) {
      undo();
      const last = turn++ % TELLING;
      following = (((last - calls + 1) % PLACES) + PLACES) % PLACES;
    },
    next() {
      if (index >= 0) negate();
      index = following;
      following = following + 1 === PLACES ? 0 : following + 1;
      negate();
    },
    standing: () => (index < 0 ? null : { index, rows: all[index].rows }),
    undo,
  };
}

/** A query, a key that it attends, and some more rows that attend it: what stands there is what these rows were computed from. */
function drawPokes(problem: Problem, random: RandomStream): Poke[] {
  const { mechanism, shape, causal, inputs } = problem;
  const { batch, heads, length } = shape;
  const patterns = mechanism.kind === "softmaxPattern" ? bindHeads(mechanism, problem) : null;
  const attends = (head: number, row: number, key: number): boolean =>
    patterns === null ? !causal || key <= row : patterns[head].attends(row, key);
  return Array.from({ length: PLACES }, () => {
    const entry = random.below(batch);
    const head = random.below(heads);
    const row = random.below(length);
    const keys = patterns?.[head].intervals(row) ?? [0, causal ? row + 1 : length];
    const key = keys.length === 0 ? row : drawKey(keys, random);
    const rows = new Set([row]);
    // Neighbours first: what computes every other row, or one half of them, leaves one of these as it was.
    for (const other of [row + 1, row - 1, random.below(length), random.below(length), key]) {
      const inside = other >= 0 && other < length && rows.size < MOST_ROWS;
      if (inside && attends(head, other, key)) rows.add(other);
    }
    const largestOf = (tensor: Float32Array, at: number) =>
      largestAt(tensor, rowOffset(shape, entry, head, at), shape.headDim);
    return {
      rows: [...rows].map((one) => ({ batch: entry, head, row: one })),
      at: [largestOf(inputs.q, row), largestOf(inputs.k, key), largestOf(inputs.v, key)],
    };
  });
}

function drawKey(ranges: Intervals, random: RandomStream): number {
  let left = random.below(measure(ranges));
  for (let at = 0; at < ranges.length; at += 2) {
    const size = ranges[at + 1] - ranges[at];
    if (left < size) return ranges[at] + left;
    left -= size;
  }
  throw new RangeError("drawKey: ranges must hold a key, got none");
}

/** Where the largest element of a row is: negating it changes the row the most. */
function largestAt(tensor: Float32Array, start: number, count: number): number {
  let most = start;
  for (let at = start; at < start + count; at++) if (Math.abs(tensor[at]) > Math.abs(tensor[most])) most = at;
  return most;
}
