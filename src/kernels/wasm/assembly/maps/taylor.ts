import { Call } from "../call";
import { QUERY_ROW } from "../generated/layout";
import { copyRows } from "../pack";
import { clearRest } from "./elementwise";
import { project } from "./project";

const ROOT_HALF: f32 = 0.7071067811865476;

/** x' of `count` rows of q or k, 8 zeros behind each: products with R, or x times a factor. `scratch` has room for the rows. */
export function taylorRows(call: usize, from: usize, count: i32, to: usize, scratch: usize): void {
  const d = Call.d(call);
  const width = Call.mapWidth(call);
  if (Call.weightRows(call) > 0) {
    copyRows(from, <usize>d << 2, count, <usize>d << 2, scratch, QUERY_ROW);
    project(call, scratch, count, 0, width, to);
  } else {
    const factor = f32x4.splat(Call.mapFactor(call));
    for (let r: usize = 0; r < <usize>count; r++) {
      const row = from + r * (<usize>d << 2);
      const out = to + r * QUERY_ROW;
      for (let i: usize = 0; i < <usize>d << 2; i += 16) v128.store(out + i, f32x4.mul(v128.load(row + i), factor));
    }
  }
  for (let r: usize = 0; r < <usize>count; r++) {
    const end = to + r * QUERY_ROW + (<usize>width << 2);
    v128.store(end, f32x4.splat(0), 0);
    v128.store(end, f32x4.splat(0), 16);
  }
}

/**
 * Parts `first … end-1` of `[1, x', x'x'ᵀ/√2]`: the first is 1, the second x', and each of the others a row of the upper triangle
 * of x'x'ᵀ, whose off-diagonal numbers, which are there twice, have √2 for 1/√2. No product of features sees the difference.
 */
export function taylor(rows: usize, count: i32, width: i32, first: i32, end: i32, features: i32, to: usize): void {
  for (let r = 0; r < count; r++) {
    let at = to;
    for (let part = first; part < end; part++) {
      if (part == 0) {
        store<f32>(at, 1);
        at += 4;
        continue;
      }
      const a = max(0, part - 2);
      const row = rows + (<usize>a << 2);
      const bytes: usize = <usize>(width - a) << 2;
      const factor = part == 1 ? f32x4.splat(1) : v128.load32_splat(row);
      // What is written beyond the end of a part the next one writes over.
      for (let i: usize = 0; i < bytes; i += 32) {
        const x = f32x4.mul(v128.load(row + i, 0), factor);
        const y = f32x4.mul(v128.load(row + i, 16), factor);
        v128.store(at + i, x, 0);
        v128.store(at + i, y, 16);
      }
      if (part > 1) store<f32>(at, load<f32>(at) * ROOT_HALF);
      at += bytes;
    }
    clearRest(to, features);
    rows += QUERY_ROW;
    to += QUERY_ROW;
  }
}
