import { Call } from "./call";
import { exp } from "./exp";
import { QUERIES } from "./generated/layout";
import { Lane } from "./lane";
import { packPanels } from "./pack";
import { LEAST } from "./weigh";

const LOG2_E: f32 = 1.4426950408889634;

/** Keys and values in chunks of `QUERIES` tokens. Rows of scratch are a multiple of 8 channels wide, keys and values twice that. */

/** Bytes of a number for each channel. */
@inline
export function channelBytes(call: usize): usize { return <usize>Call.width(call) << 1; }

/** Chunks of a head. */
@inline
export function chunksOf(call: usize): i32 { return (Call.length(call) + QUERIES - 1) / QUERIES; }

/** Tokens of a chunk. */
@inline
export function tokensOf(call: usize, chunk: i32): i32 { return min(QUERIES, Call.length(call) - chunk * QUERIES); }

/** The largest key of each channel, up to the end of a chunk, or of all. */
@inline
export function maximaAt(call: usize, chunk: i32): usize { return Call.maxima(call) + <usize>chunk * channelBytes(call); }

/** e^x in every lane for x ≤ 88: 0 far below, also of -∞; NaN of NaN. */
@inline
export function weightOf(x: v128): v128 { return exp(f32x4.pmax(x, f32x4.splat(-100))); }

/** The largest key of each channel of one chunk, NaN left out: it shows in the sums. */
export function maximaOfChunk(call: usize, chunk: i32): void {
  const keyBytes: usize = <usize>Call.d(call) << 2;
  const keys = Call.k(call) + <usize>(chunk * QUERIES) * keyBytes;
  const end = keys + <usize>tokensOf(call, chunk) * keyBytes;
  const to = maximaAt(call, chunk);
  for (let i: usize = 0; i < channelBytes(call); i += 32) {
    // Not -∞: keys of -∞ weigh nothing.
    let a = f32x4.splat(LEAST), b = f32x4.splat(LEAST);
    for (let key = keys; key < end; key += keyBytes) {
      a = f32x4.pmax(a, v128.load(key + i, 0));
      b = f32x4.pmax(b, v128.load(key + i, 16));
    }
    v128.store(to + i, a, 0);
    v128.store(to + i, b, 16);
  }
}

/** Makes them those of all chunks up to each; not causal: of all chunks. */
export function joinChunkMaxima(call: usize): void {
  const bytes = channelBytes(call);
  const chunks = chunksOf(call);
  for (let chunk = 1; chunk < chunks; chunk++) {
    const to = maximaAt(call, chunk);
    for (let i: usize = 0; i < bytes; i += 16) v128.store(to + i, f32x4.pmax(v128.load(to + i - bytes), v128.load(to + i)));
  }
  if (Call.causal(call)) return;
  const all = maximaAt(call, chunks - 1);
  for (let chunk = 0; chunk < chunks - 1; chunk++) memory.copy(maximaAt(call, chunk), all, bytes);
}

/** Where keys and values of a chunk are, as they are summed: kept, or in the lane's ring. */
@inline
export function valuesOfChunk(call: usize, lane: usize, chunk: i32): usize {
  const bytes = <usize>QUERIES * (channelBytes(call) << 1);
  const kept = Call.weighted(call);
  return kept != 0 ? kept + <usize>chunk * bytes : Lane.classValues(lane) + <usize>(chunk % Call.ring(call)) * bytes;
}

/** Where what the biases of its keys are made of is packed. */
@inline
export function biasesOfChunk(call: usize, lane: usize, chunk: i32): usize {
  const bytes: usize = <usize>(QUERIES * Call.rank(call)) << 2;
  const kept = Call.keys(call);
  return kept != 0 ? kept + <usize>chunk * bytes : Lane.classKeys(lane) + <usize>(chunk % Call.ring(call)) * bytes;
}

/** Packs that of a chunk, in powers of 2. */
export function packBiases(call: usize, lane: usize, chunk: i32): void {
  const rank = Call.rank(call);
  const bytes: usize = <usize>rank << 2;
  const from = Call.keyBiases(call) + <usize>(chunk * QUERIES) * bytes;
  packPanels(from, bytes, tokensOf(call, chunk), rank, LOG2_E, biasesOfChunk(call, lane, chunk));
}

/** Makes of keys and values `[e^(k - max) v, e^(k - max)]`, where they are kept or in the lane. Returns where. */
export function weighChunk(call: usize, lane: usize, chunk: i32): usize {
  const keyBytes: usize = <usize>Call.d(call) << 2;
  const half = channelBytes(call);
  const first: usize = <usize>(chunk * QUERIES);
  const count = tokensOf(call, chunk);
  const start = valuesOfChunk(call, lane, chunk);
  const maxima = maximaAt(call, chunk);
  for (let i: usize = 0; i < half; i += 32) {
    const m0 = v128.load(maxima + i, 0), m1 = v128.load(maxima + i, 16);
    let key = Call.k(call) + first * keyBytes + i;
    let value = Call.v(call) + first * keyBytes + i;
    let to = start + i;
    for (let r = 0; r < count; r++) {
      const e0 = weightOf(f32x4.sub(v128.load(key, 0), m0));
      const e1 = weightOf(f32x4.sub(v128.load(key, 16), m1));
      const p0 = f32x4.mul(e0, v128.load(value, 0));
      const p1 = f32x4.mul(e1, v128.load(value, 16));
      v128.store(to, p0, 0);
      v128.store(to, p1, 16);
      v128.store(to + half, e0, 0);
      v128.store(to + half, e1, 16);
      key += keyBytes;
      value += keyBytes;
      to += half << 1;
    }
  }
  return start;
}

@inline
export function sumsBefore(call: usize, chunk: i32): usize { return Call.before(call) + <usize>chunk * (channelBytes(call) << 1); }
@inline
export function sumsAfter(call: usize, chunk: i32): usize { return Call.after(call) + <usize>chunk * (channelBytes(call) << 1); }

/** Sums a chunk, in the place of those before the next one. */
export function sumChunk(call: usize, chunk: i32, weighted: usize): void {
  const bytes = channelBytes(call) << 1;
  const to = sumsBefore(call, chunk + 1);
  const end = weighted + <usize>tokensOf(call, chunk) * bytes;
  for (let i: usize = 0; i < bytes; i += 32) {
    let a = f32x4.splat(0), b = f32x4.splat(0);
    for (let row = weighted; row < end; row += bytes) {
      a = f32x4.add(a, v128.load(row + i, 0));
      b = f32x4.add(b, v128.load(row + i, 16));
    }
    v128.store(to + i, a, 0);
    v128.store(to + i, b, 16);
  }
}

/**
 * Makes of the sums of chunks those of all before each, relative to the largest keys up to there, and of each and all after it. What a sum
 * of so many terms rounds away is carried on to the next (Kahan 1965, doi 10.1145/363707.363723).
 */
export function joinChunkSums(call: usize, lane: usize): void {
  const half = channelBytes(call);
  const bytes = half << 1;
  const chunks = chunksOf(call);
  const carried = Lane.output(lane);
  memory.fill(sumsBefore(call, 0), 0, bytes);
  if (!Call.causal(call)) {
    memory.fill(sumsAfter(call, chunks), 0, bytes);
    memory.fill(carried, 0, bytes);
    for (let chunk = chunks - 1; chunk >= 0; chunk--) {
      addSums(sumsAfter(call, chunk), sumsAfter(call, chunk + 1), sumsBefore(call, chunk + 1), carried, 0, 0, half);
      addSums(sumsAfter(call, chunk) + half, sumsAfter(call, chunk + 1) + half, sumsBefore(call, chunk + 1) + half, carried + half, 0, 0, half);
    }
  }
  memory.fill(carried, 0, bytes);
  for (let chunk = 0; chunk < chunks; chunk++) {
    const to = sumsBefore(call, chunk + 1);
    const before = sumsBefore(call, chunk);
    const raised = chunk > 0 && Call.causal(call);
    const from: usize = raised ? maximaAt(call, chunk - 1) : 0;
    const largest = maximaAt(call, chunk);
    addSums(to, before, to, carried, from, largest, half);
    addSums(to + half, before + half, to + half, carried + half, from, largest, half);
  }
}

/** to = sums + terms of each channel, where sums may be relative to smaller keys, `from`, than the `largest` of the terms. */
function addSums(to: usize, sums: usize, terms: usize, carried: usize, from: usize, largest: usize, half: usize): void {
  const one = f32x4.splat(1);
  for (let i: usize = 0; i < half; i += 16) {
    const fade = from == 0 ? one : fading(v128.load(from + i), v128.load(largest + i));
    const sum = f32x4.mul(fade, v128.load(sums + i));
    const term = f32x4.sub(v128.load(terms + i), f32x4.mul(fade, v128.load(carried + i)));
    const total = f32x4.add(sum, term);
    v128.store(carried + i, carriedOf(total, sum, term));
    v128.store(to + i, total);
  }
}

/** What `total = sum + term` has too much, and nothing if it is infinite. */
@inline
export function carriedOf(total: v128, sum: v128, term: v128): v128 {
  const carried = f32x4.sub(f32x4.sub(total, sum), term);
  return v128.and(carried, f32x4.lt(f32x4.abs(carried), f32x4.splat(Infinity)));
}

/** What sums relative to one key are multiplied by to be relative to another: 1 where it is the same, which 2^0 of the polynomial is not quite. */
@inline
export function fading(from: v128, to: v128): v128 {
  return v128.bitselect(f32x4.splat(1), weightOf(f32x4.sub(from, to)), f32x4.eq(from, to));
}
