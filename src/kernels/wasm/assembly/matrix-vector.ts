import { addBlock, BLOCK, scoreBlock } from "./generated/matrix-vector";
import { joinSums } from "./softmax";

/**
 * One query against rows of a cache: matrix times vector. Each number of the matrix is used once, so that memory sets the pace.
 * Rows of whole blocks, such as of 64 floats, are taken one after the other by what is generated for them; others several side
 * by side, each with sums of its own, since an addition that waits for the one before takes four times as long. Multiplications
 * and additions are apart: fused, they would wait longer.
 */

/** Rows of up to so many bytes are taken in blocks. Of longer ones blocks are pieces far apart, and the processor sees no stream. */
const MOST_BYTES: usize = 256;

/** Values whose sum begins anew, so that rounding errors grow with the root of their number, and not of all. */
export const ROWS = 256;

@inline
function isInBlocks(rowBytes: usize): bool { return rowBytes <= MOST_BYTES && rowBytes % BLOCK == 0; }

/**
 * `scores[n] = query · key n` for `count` keys `step` bytes apart, rows of `rowBytes` bytes, a multiple of 32. May write up to
 * three numbers more. `parts` is scratch.
 */
@inline
export function scoreKeys(query: usize, key: usize, step: usize, count: i32, rowBytes: usize, scores: usize, parts: usize): void {
  if (!isInBlocks(rowBytes)) scoreRows(query, key, step, count, rowBytes, scores, parts);
  else for (let i: usize = 0; i < rowBytes; i += BLOCK) scoreBlock(query + i, key + i, step, count, scores, parts, i > 0);
}

/** The same of rows of any length: four side by side, each with sums of its own. */
function scoreRows(query: usize, key: usize, step: usize, count: i32, rowBytes: usize, scores: usize, parts: usize): void {
  for (let left = count; left > 0; left -= 4) {
    // The last ones again in the place of those that are missing.
    const key1 = left > 1 ? key + step : key;
    const key2 = left > 2 ? key1 + step : key1;
    const key3 = left > 3 ? key2 + step : key2;
    let a0 = f32x4.splat(0), a1 = f32x4.splat(0), b0 = f32x4.splat(0), b1 = f32x4.splat(0);
    let c0 = f32x4.splat(0), c1 = f32x4.splat(0), d0 = f32x4.splat(0), d1 = f32x4.splat(0);
    for (let i: usize = 0; i < rowBytes; i += 32) {
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
    key = key3 + step;
  }
}

/** `out += Σ weights[n] · value n` over `count` values `step` bytes apart, rows of `rowBytes` bytes, a multiple of 32. */
@inline
export function addValues(weights: usize, value: usize, step: usize, count: i32, rowBytes: usize, out: usize): void {
  if (!isInBlocks(rowBytes)) {
    addRows(weights, value, step, count, rowBytes, out);
    return;
  }
  for (let left = count; left > 0; left -= ROWS) {
    for (let i: usize = 0; i < rowBytes; i += BLOCK) addBlock(weights, value + i, step, min(left, ROWS), out + i);
    weights += <usize>ROWS << 2;
    value += <usize>ROWS * step;
  }
}

/** The same of rows of any length: eight side by side. */
function addRows(weights: usize, value: usize, step: usize, count: i32, rowBytes: usize, out: usize): void {
  let left = count;
  for (; left >= 8; left -= 8) {
    addEight(weights, value, step, rowBytes, out);
    value += 8 * step;
    weights += 32;
  }
  for (; left > 0; left--) {
    const weight = v128.load32_splat(weights);
    for (let i: usize = 0; i < rowBytes; i += 32) {
      const a = f32x4.add(v128.load(out + i, 0), f32x4.mul(weight, v128.load(value + i, 0)));
      const b = f32x4.add(v128.load(out + i, 16), f32x4.mul(weight, v128.load(value + i, 16)));
      v128.store(out + i, a, 0);
      v128.store(out + i, b, 16);
    }
    value += step;
    weights += 4;
  }
}

/** Both halves of a sum come before either is stored: V8 does not fuse loads that a store comes between. */
@inline
function addEight(weights: usize, v0: usize, step: usize, rowBytes: usize, out: usize): void {
  const v1 = v0 + step, v2 = v1 + step, v3 = v2 + step, v4 = v3 + step, v5 = v4 + step, v6 = v5 + step, v7 = v6 + step;
  const w0 = v128.load32_splat(weights, 0), w1 = v128.load32_splat(weights, 4);
  const w2 = v128.load32_splat(weights, 8), w3 = v128.load32_splat(weights, 12);
  const w4 = v128.load32_splat(weights, 16), w5 = v128.load32_splat(weights, 20);
  const w6 = v128.load32_splat(weights, 24), w7 = v128.load32_splat(weights, 28);
  for (let i: usize = 0; i < rowBytes; i += 32) {
    let a0 = f32x4.mul(w0, v128.load(v0 + i, 0)), a1 = f32x4.mul(w0, v128.load(v0 + i, 16));
    let b0 = f32x4.mul(w1, v128.load(v1 + i, 0)), b1 = f32x4.mul(w1, v128.load(v1 + i, 16));
    a0 = f32x4.add(a0, f32x4.mul(w2, v128.load(v2 + i, 0)));
    a1 = f32x4.add(a1, f32x4.mul(w2, v128.load(v2 + i, 16)));
    b0 = f32x4.add(b0, f32x4.mul(w3, v128.load(v3 + i, 0)));
    b1 = f32x4.add(b1, f32x4.mul(w3, v128.load(v3 + i, 16)));
    a0 = f32x4.add(a0, f32x4.mul(w4, v128.load(v4 + i, 0)));
    a1 = f32x4.add(a1, f32x4.mul(w4, v128.load(v4 + i, 16)));
    b0 = f32x4.add(b0, f32x4.mul(w5, v128.load(v5 + i, 0)));
    b1 = f32x4.add(b1, f32x4.mul(w5, v128.load(v5 + i, 16)));
    a0 = f32x4.add(a0, f32x4.mul(w6, v128.load(v6 + i, 0)));
    a1 = f32x4.add(a1, f32x4.mul(w6, v128.load(v6 + i, 16)));
    b0 = f32x4.add(b0, f32x4.mul(w7, v128.load(v7 + i, 0)));
    b1 = f32x4.add(b1, f32x4.mul(w7, v128.load(v7 + i, 16)));
    a0 = f32x4.add(v128.load(out + i, 0), f32x4.add(a0, b0));
    a1 = f32x4.add(v128.load(out + i, 16), f32x4.add(a1, b1));
    v128.store(out + i, a0, 0);
    v128.store(out + i, a1, 16);
  }
}
