import { type BoundPattern, type Intervals, rowsOf } from "../core/pattern.ts";
import { randomStream } from "../core/random.ts";
import { unite } from "./intervals.ts";

/** What a search found. */
export interface LongestPath {
  /** Layers until every token reaches every other that it may see; `Infinity` if some never do. */
  readonly layers: number;
  /** Whether all tokens were followed; if not, a path may be longer than `layers`. */
  readonly exact: boolean;
}

/** Tokens up to which all of them are followed; of more, `SAMPLED`. */
export const MOST_FOLLOWED = 1024;
/** Multiples of 32, of which the first and the last third are those at the ends. */
const SAMPLED = 96;
/** Operations on words, and ends of ranges that are kept, beyond which a search gives up: a second or so, some 50 MB. */
const MOST_WORK = { all: 2e8, sampled: 3e7 };
const MOST_RANGES = 2e6;

/**
 * The maximum path length by breadth-first search: through how many layers, the first of `layers` in the first one and
 * then in turn, until every row depends on every token that it may see: all, or those up to its own if `causal`. Each
 * entry of `layers` has the patterns of its heads: what any head reads, the layer reads. A token keeps what it has, as
 * through a residual connection. Null if a search would take too long.
 */
export function longestPath(
  layers: readonly (readonly BoundPattern[])[],
  causal: boolean,
): LongestPath | null {
  const [[{ length }]] = layers;
  const followed = length <= MOST_FOLLOWED ? null : sampleOf(length);
  const words = Math.ceil((followed?.length ?? length) / 32);
  const work = { left: followed === null ? MOST_WORK.all : MOST_WORK.sampled };
  const reads: Reads[] = [];
  for (const heads of layers) {
    const found = readsOf(heads, length);
    if (found === null) return null;
    reads.push(found);
  }
  const sources = followed ?? Uint32Array.from({ length }, (_, token) => token);
  const wanted = sources.reduce((sum, token) => sum + (causal ? length - token : length), 0);
  let state = new Uint32Array(length * words);
  for (const [bit, token] of sources.entries()) state[token * words + (bit >>> 5)] |= 1 << (bit & 31);
  let known = sources.length;
  let still = 0;
  for (let layer = 0; known < wanted; layer++) {
    const next = through(reads[layer % reads.length], state, words, work);
    if (next === null) return null;
    const now = bitsOf(next);
    // As many layers without change as differ from one another.
    still = now === known ? still + 1 : 0;
    if (still === reads.length) return { layers: Number.POSITIVE_INFINITY, exact: true };
    [state, known] = [next, now];
    if (known === wanted) return { layers: layer + 1, exact: followed === null };
  }
  return { layers: 0, exact: followed === null };
}

/** The tokens at both ends, and some between them. */
function sampleOf(length: number): Uint32Array {
  const third = SAMPLED / 3;
  const chosen = new Set<number>();
  for (let at = 0; at < third; at++) chosen.add(at).add(length - 1 - at);
  const random = randomStream(0, length);
  while (chosen.size < SAMPLED) chosen.add(random.below(length));
  return Uint32Array.from(chosen).sort();
}

/** The keys that a row reads in any of the heads. */
export function readBy(heads: readonly BoundPattern[], row: number): Intervals {
  if (heads.length === 1) return heads[0].intervals(row);
  return [...new Set(heads)].reduce<Intervals>((all, head) => unite(all, head.intervals(row)), []);
}

/** What each row of a layer reads, as ranges: those of row i from `starts[i]` to before `starts[i + 1]`. */
interface Reads {
  readonly starts: Uint32Array;
  readonly ranges: Uint32Array;
  /** The longest range. */
  readonly longest: number;
}

function readsOf(heads: readonly BoundPattern[], length: number): Reads | null {
  const distinct = [...new Set(heads)];
  const starts = new Uint32Array(length + 1);
  const ranges: number[] = [];
  let longest = 1;
  for (let row = 0; row < Math.min(length, rowsOf(distinct[0])); row++) {
    const keys = readBy(distinct, row);
    for (let at = 0; at < keys.length; at += 2) {
      ranges.push(keys[at], keys[at + 1]);
      longest = Math.max(longest, keys[at + 1] - keys[at]);
    }
    if (ranges.length > MOST_RANGES) return null;
    starts[row + 1] = ranges.length;
  }
  return { starts, ranges: Uint32Array.from(ranges), longest };
}

/**
 * What each token has after one layer more. Two overlapping stretches of a power of two make any range, as in a sparse
 * table: to have something twice is to have it. Null if there is no work left for it.
 */
function through(
  { starts, ranges, longest }: Reads,
  state: Uint32Array,
  words: number,
  work: { left: number },
): Uint32Array<ArrayBuffer> | null {
  const levels = [state];
  const length = state.length / words;
  const depth = Math.floor(Math.log2(longest));
  work.left -= state.length * (depth + 1) + ranges.length * words;
  if (work.left < 0) return null;
  for (let level = 1; level <= depth; level++) {
    const below = levels[level - 1];
    const half = 2 ** (level - 1);
    const here = below.slice();
    for (let at = 0; at < (length - half) * words; at++) here[at] |= below[at + half * words];
    levels.push(here);
  }
  const next = state.slice();
  for (let row = 0; row < length; row++) {
    for (let at = starts[row]; at < starts[row + 1]; at += 2) {
      const [from, to] = [ranges[at], ranges[at + 1]];
      const level = 31 - Math.clz32(to - from);
      const stretch = levels[level];
      const first = from * words;
      const second = (to - 2 ** level) * words;
      for (let word = 0; word < words; word++) {
        next[row * words + word] |= stretch[first + word] | stretch[second + word];
      }
    }
  }
  return next;
}

/** How many bits are set. */
function bitsOf(state: Uint32Array): number {
  let bits = 0;
  for (const word of state) {
    let rest = word - ((word >>> 1) & 0x55555555);
    rest = (rest & 0x33333333) + ((rest >>> 2) & 0x33333333);
    bits += (((rest + (rest >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
  }
  return bits;
}
