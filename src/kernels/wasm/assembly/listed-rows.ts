import { addGathered, scoreGathered } from "./generated/gathered";
import { BLOCK } from "./generated/matrix-vector";
import { writeScaled } from "./rows";
import { joinSums } from "./softmax";

/** One query against the rows of keys and of values that a list names, each fetched from where it lies. */

/** Copies a query times a factor, and fills it up with zeros to a multiple of 8 numbers. */
@inline
export function padQuery(from: usize, d: i32, factor: f32, to: usize): void {
  const bytes: usize = <usize>d << 2;
  writeScaled(from, d, factor, to);
  for (let i = bytes; (i & 31) != 0; i += 4) store<f32>(to + i, 0);
}

/** Rows of up to so many bytes are taken in blocks, one row after the other. */
const MOST_BYTES: usize = 256;

@inline
function isInBlocks(rowBytes: usize): bool { return rowBytes <= MOST_BYTES && rowBytes % BLOCK == 0; }

/** Keys whose sum begins anew, so that rounding errors grow with the root of their number, and not of all. */
const TOGETHER = 256;

/** `scores[n] = query · key list[n]` for `count` keys of `keyBytes` bytes. May write up to three numbers more. */
@inline
export function scoreRow(query: usize, keys: usize, keyBytes: usize, list: usize, count: i32, scores: usize, parts: usize): void {
  if (!isInBlocks(keyBytes)) scoreAny(query, keys, keyBytes, list, count, scores, parts);
  else for (let i: usize = 0; i < keyBytes; i += BLOCK) scoreGathered(query + i, keys + i, keyBytes, list, count, scores, parts, i > 0);
}

/** `out = Σ weights[n] · value list[n]`; numbers of `out` beyond `valueBytes` are arbitrary. */
@inline
export function sumRow(weights: usize, values: usize, valueBytes: usize, list: usize, count: i32, out: usize): void {
  let done = 0;
  do {
    const many = min(count - done, TOGETHER);
    const some: usize = <usize>done << 2;
    if (isInBlocks(valueBytes)) {
      for (let i: usize = 0; i < valueBytes; i += BLOCK) addGathered(weights + some, values + i, valueBytes, list + some, many, out + i, done > 0);
    } else addAny(weights + some, values, valueBytes, list + some, many, out, done > 0);
    done += many;
  } while (done < count);
}

/** Where row `list[n]` of those at `rows` begins. */
@inline
export function rowOf(rows: usize, rowBytes: usize, list: usize, n: usize): usize { return rows + <usize>load<u32>(list + (n << 2)) * rowBytes; }

/** The same of keys of any width: four side by side, each with sums of its own. Numbers beyond a key are masked: they may be NaN. */
function scoreAny(query: usize, keys: usize, keyBytes: usize, list: usize, count: i32, scores: usize, parts: usize): void {
  const whole = keyBytes & ~31;
  const rest: i32 = <i32>((keyBytes & 31) >> 2);
  const low = i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(rest));
  const high = i32x4.lt_s(i32x4(4, 5, 6, 7), i32x4.splat(rest));
  for (let left = count; left > 0; left -= 4) {
    // The last ones again in the place of those that are missing.
    const key = rowOf(keys, keyBytes, list, 0);
    const key1 = left > 1 ? rowOf(keys, keyBytes, list, 1) : key;
    const key2 = left > 2 ? rowOf(keys, keyBytes, list, 2) : key1;
    const key3 = left > 3 ? rowOf(keys, keyBytes, list, 3) : key2;
    let a0 = f32x4.splat(0), a1 = f32x4.splat(0), b0 = f32x4.splat(0), b1 = f32x4.splat(0);
    let c0 = f32x4.splat(0), c1 = f32x4.splat(0), d0 = f32x4.splat(0), d1 = f32x4.splat(0);
    for (let i: usize = 0; i < whole; i += 32) {
      const x0 = v128.load(query + i, 0), x1 = v128.load(query + i, 16);
      a0 = f32x4.add(a0, f32x4.mul(x0, v128.load(key + i, 0)));
      a1 = f32x4.add(a1, f32x4.mul(x1, v128.load(key + i, 16)));
      b0 = f32x4.add(b0, f32x4.mul(x0, v128.load(key1 + i, 0)));
      b1 = f32x4.add(b1, f32x4.mul(x1, v128.load(key1 + i, 16)));
      c0 = f32x4.add(c0, f32x4.mul(x0, v128.load(key2 + i, 0)));
      c1 = f32x4.add(c1, f32x4.mul(x1, v128.load(key2 + i, 16)));
      d0 = f32x4.add(d0, f32x4.mul(x0, v128.load(key3 + i, 0)));
      d1 = f32x4.add(d1, f32x4.mul(x1, v128.load(key3 + i, 16)));
    }
    if (rest > 0) {
      const x0 = v128.load(query + whole, 0), x1 = v128.load(query + whole, 16);
      a0 = f32x4.add(a0, f32x4.mul(x0, v128.and(low, v128.load(key + whole, 0))));
      a1 = f32x4.add(a1, f32x4.mul(x1, v128.and(high, v128.load(key + whole, 16))));
      b0 = f32x4.add(b0, f32x4.mul(x0, v128.and(low, v128.load(key1 + whole, 0))));
      b1 = f32x4.add(b1, f32x4.mul(x1, v128.and(high, v128.load(key1 + whole, 16))));
      c0 = f32x4.add(c0, f32x4.mul(x0, v128.and(low, v128.load(key2 + whole, 0))));
      c1 = f32x4.add(c1, f32x4.mul(x1, v128.and(high, v128.load(key2 + whole, 16))));
      d0 = f32x4.add(d0, f32x4.mul(x0, v128.and(low, v128.load(key3 + whole, 0))));
      d1 = f32x4.add(d1, f32x4.mul(x1, v128.and(high, v128.load(key3 + whole, 16))));
    }
    v128.store(parts, a0, 0);
    v128.store(parts, a1, 16);
    v128.store(parts, b0, 32);
    v128.store(parts, b1, 48);
    v128.store(parts, c0, 64);
    v128.store(parts, c1, 80);
    v128.store(parts, d0, 96);
    v128.store(parts, d1, 112);
    v128.store(scores, joinSums(parts));
    scores += 16;
    list += 16;
  }
}

/** The same of values of any width: four side by side. */
function addAny(weights: usize, values: usize, valueBytes: usize, list: usize, count: i32, out: usize, adds: bool): void {
  if (!adds) for (let i: usize = 0; i < valueBytes; i += 32) clear(out + i);
  let left = count;
  for (; left >= 4; left -= 4) {
    const v0 = rowOf(values, valueBytes, list, 0), v1 = rowOf(values, valueBytes, list, 1);
    const v2 = rowOf(values, valueBytes, list, 2), v3 = rowOf(values, valueBytes, list, 3);
    const w0 = v128.load32_splat(weights, 0), w1 = v128.load32_splat(weights, 4);
    const w2 = v128.load32_splat(weights, 8), w3 = v128.load32_splat(weights, 12);
    for (let i: usize = 0; i < valueBytes; i += 32) {
      let a0 = f32x4.mul(w0, v128.load(v0 + i, 0)), a1 = f32x4.mul(w0, v128.load(v0 + i, 16));
      let b0 = f32x4.mul(w1, v128.load(v1 + i, 0)), b1 = f32x4.mul(w1, v128.load(v1 + i, 16));
      a0 = f32x4.add(a0, f32x4.mul(w2, v128.load(v2 + i, 0)));
      a1 = f32x4.add(a1, f32x4.mul(w2, v128.load(v2 + i, 16)));
      b0 = f32x4.add(b0, f32x4.mul(w3, v128.load(v3 + i, 0)));
      b1 = f32x4.add(b1, f32x4.mul(w3, v128.load(v3 + i, 16)));
      a0 = f32x4.add(v128.load(out + i, 0), f32x4.add(a0, b0));
      a1 = f32x4.add(v128.load(out + i, 16), f32x4.add(a1, b1));
      v128.store(out + i, a0, 0);
      v128.store(out + i, a1, 16);
    }
    list += 16;
    weights += 16;
  }
  for (; left > 0; left--) {
    const value = rowOf(values, valueBytes, list, 0);
    const weight = v128.load32_splat(weights);
    for (let i: usize = 0; i < valueBytes; i += 32) {
      const a = f32x4.add(v128.load(out + i, 0), f32x4.mul(weight, v128.load(value + i, 0)));
      const b = f32x4.add(v128.load(out + i, 16), f32x4.mul(weight, v128.load(value + i, 16)));
      v128.store(out + i, a, 0);
      v128.store(out + i, b, 16);
    }
    list += 4;
    weights += 4;
  }
}

@inline
function clear(to: usize): void {
  v128.store(to, f32x4.splat(0), 0);
  v128.store(to, f32x4.splat(0), 16);
}
