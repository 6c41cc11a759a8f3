import { Call } from "../../../call";
import { PANEL_KEYS, PANEL_QUERIES, QUERY_ROW } from "../../../generated/layout";
import { stateTile } from "../../../generated/micro";
import { Lane } from "../../../lane";
import { Panel } from "../../../panel";
import { FeatureGradient } from "../words";
import { multiplyWeights } from "./trigonometric";

const ROOT_HALF: f32 = 0.7071067811865476;

/**
 * Slopes of `count` rows of q or k by those of parts of `[1, x', x'x'ᵀ/√2]`, as the map has them. Slopes of x' take the place of
 * those of features; with a projection they are also summed up for it.
 */
export function taylorBack(
  call: usize, lane: usize, panel: usize, from: usize, rows: usize, slopes: usize, count: i32, segment: i32, to: usize,
): void {
  const d = Call.d(call);
  const width = Call.mapWidth(call);
  const projects = Call.weightRows(call) > 0;
  const factor = f32x4.splat(projects ? Call.weightFactor(call) : Call.mapFactor(call));
  const sums = Lane.mapScratch(lane);
  const into = projects ? slopes : to;
  for (let r: usize = 0; r < <usize>count; r++) {
    const at: usize = r * QUERY_ROW;
    memory.fill(sums, 0, <usize>width + 8 << 2);
    partsBack(slopes + at, rows + at, width, Panel.first(panel), Panel.end(panel), sums);
    for (let i: usize = 0; i < <usize>width << 2; i += 16) v128.store(into + at + i, f32x4.mul(v128.load(sums + i), factor));
  }
  if (!projects) return;
  const learned = FeatureGradient.learned(FeatureGradient.of(call), segment);
  if (learned != 0) addLearned(call, from, slopes, count, learned);
  multiplyWeights(call, slopes, count, 0, width, to);
}

/** Of one row: part 0 is a constant, part 1 is x', and part 2 + a the products of x'_a with itself and the numbers behind it. */
function partsBack(slope: usize, row: usize, width: i32, first: i32, end: i32, sums: usize): void {
  for (let part = first; part < end; part++) {
    if (part == 0) {
      slope += 4;
      continue;
    }
    const a = max(0, part - 2);
    const bytes: usize = <usize>(width - a) << 2;
    const to = sums + (<usize>a << 2);
    if (part == 1) addScaled(slope, 1, bytes, to);
    else {
      const own = row + (<usize>a << 2);
      store<f32>(slope, load<f32>(slope) * ROOT_HALF);
      addScaled(slope, load<f32>(own), bytes, to);
      store<f32>(to, load<f32>(to) + dot(slope, own, bytes));
    }
    slope += bytes;
  }
}

/** Adds so many numbers times a factor. */
@inline
function addScaled(from: usize, factor: f32, bytes: usize, to: usize): void {
  const by = f32x4.splat(factor);
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) v128.store(to + i, f32x4.add(v128.load(to + i), f32x4.mul(v128.load(from + i), by)));
  for (; i < bytes; i += 4) store<f32>(to + i, load<f32>(to + i) + load<f32>(from + i) * factor);
}

@inline
function dot(a: usize, b: usize, bytes: usize): f32 {
  let s = f32x4.splat(0);
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) s = f32x4.add(s, f32x4.mul(v128.load(a + i), v128.load(b + i)));
  let sum: f32 = (f32x4.extract_lane(s, 0) + f32x4.extract_lane(s, 1)) + (f32x4.extract_lane(s, 2) + f32x4.extract_lane(s, 3));
  for (; i < bytes; i += 4) sum += load<f32>(a + i) * load<f32>(b + i);
  return sum;
}

/** What the rows bring to the projection: their slopes of x' by the rows themselves. */
function addLearned(call: usize, from: usize, slopes: usize, count: i32, learned: usize): void {
  const bytes: usize = <usize>Call.d(call) << 2;
  const rowBytes = FeatureGradient.learnedRow(FeatureGradient.of(call));
  for (let i: usize = 0; i < bytes; i += PANEL_KEYS << 2) {
    for (let a = 0; a < Call.weightRows(call); a += PANEL_QUERIES) {
      const row = learned + <usize>a * rowBytes + i;
      stateTile(Call.weightRows(call) - a, slopes + (<usize>a << 2), from + i, bytes, row, rowBytes, count);
    }
  }
}
