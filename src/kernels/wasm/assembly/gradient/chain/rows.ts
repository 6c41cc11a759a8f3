import { COLUMNS } from "../../generated/layout";
import { Matrix } from "../../matrix";
import { segmentStart } from "../../row-steps";
import { addScaled } from "../../rows";
import { Step } from "../../step";
import { dot } from "../queries";

/** Steps that do little to each row, on the way back. */

/** Clears rows `from … to-1`, with what lies between them. */
export function clearRows(step: usize, from: i32, to: i32): void {
  const result = Step.to(step);
  memory.fill(Matrix.row(result, from), 0, <usize>(to - from) * Matrix.rowBytes(result));
}

/** Rows `from … to-1` of a matrix become columns. */
export function transposeRows(step: usize, from: i32, to: i32): void {
  const source = Step.of(step), result = Step.to(step);
  const columns = Matrix.columns(source);
  for (let r = from; r < to; r++) {
    const row = Matrix.row(source, r);
    for (let c = 0; c < columns; c++) store<f32>(Matrix.row(result, c) + (<usize>r << 2), load<f32>(row + (<usize>c << 2)));
  }
}

/** `scale · p (dp - Σ p dp)` of rows `from … to-1` of weights p. */
export function softmaxBack(step: usize, from: i32, to: i32): void {
  const columns = Matrix.columns(Step.of(step));
  const scale = Step.scale(step);
  for (let r = from; r < to; r++) {
    let weights = Matrix.row(Step.of(step), r), along = Matrix.row(Step.along(step), r), result = Matrix.row(Step.to(step), r);
    const mean = dot(weights, along, columns);
    for (const end = weights + (<usize>columns << 2); weights < end; weights += 4) {
      store<f32>(result, scale * load<f32>(weights) * (load<f32>(along) - mean));
      along += 4;
      result += 4;
    }
  }
}

/** What comes to the means of segments `from … to-1`, shared by their rows. */
export function meansBack(step: usize, from: i32, to: i32): void {
  const result = Step.ofSums(step);
  for (let segment = from; segment < to; segment++) {
    const first = segmentStart(step, segment), end = segmentStart(step, segment + 1);
    const share: f32 = 1 / <f32>(end - first);
    for (let r = first; r < end; r++) addScaled(Matrix.row(Step.along(step), segment), Matrix.columns(result), share, Matrix.row(result, r));
  }
}

/** Of `factor·|x|²/2`, whose derivative is `factor·x`, rows `from … to-1`. */
export function squaresBack(step: usize, from: i32, to: i32): void {
  const result = Step.ofSums(step);
  for (let r = from; r < to; r++) {
    const factor = Step.factor(step) * load<f32>(Matrix.row(Step.along(step), r));
    addScaled(Matrix.row(Step.of(step), r), Matrix.columns(result), factor, Matrix.row(result, r));
  }
}

/** The taps from the last to the first. */
export function reverseTaps(step: usize): void {
  const taps = Matrix.columns(Step.of(step));
  const from = Matrix.row(Step.of(step), 0), to = Matrix.row(Step.to(step), 0);
  for (let t = 0; t < taps; t++) store<f32>(to + (<usize>t << 2), load<f32>(from + (<usize>(taps - 1 - t) << 2)));
}

/** What rows `from … to-1`, a segment, bring to each tap: a number each. */
export function tapsBack(step: usize, from: i32, to: i32): void {
  const values = Step.values(step, 0), along = Step.along(step);
  const taps = Matrix.columns(Step.by(step)), length = Matrix.rows(values), width = Matrix.columns(values);
  const sums = Step.partial(step, from / Step.segmentRows(step));
  memory.fill(sums, 0, <usize>taps << 2);
  // Few rows at a time, whose values stay near the core, summed by themselves.
  for (let first = from; first < to; first += COLUMNS) {
    const end = min(to, first + COLUMNS);
    for (let tap = 0; tap < taps; tap++) {
      const shift = Step.before(step) + tap - taps / 2;
      let sum: f32 = 0;
      for (let r = max(first, -shift); r < min(end, length - shift); r++) sum += dot(Matrix.row(along, r), Matrix.row(values, r + shift), width);
      const at = sums + (<usize>tap << 2);
      store<f32>(at, load<f32>(at) + sum);
    }
  }
}

/** Adds up what segments have summed. */
export function joinTaps(step: usize): void {
  const result = Step.to(step);
  const taps = Matrix.columns(result);
  for (let s = 0; s < Step.segments(step); s++) addScaled(Step.partial(step, s), taps, 1, Matrix.row(result, 0));
}

/** What of a cluster's gradient each of its rows gets, f32: one over how many they are. */
export function countShares(step: usize): void {
  const rows = Matrix.rows(Step.of(step)), clusters = Step.size(step);
  const shares = Step.shares(step);
  memory.fill(shares, 0, <usize>clusters << 2);
  for (let r = 0; r < rows; r++) {
    const at = shares + (<usize>clusterOf(step, r) << 2);
    store<f32>(at, load<f32>(at) + 1);
  }
  for (let c = 0; c < clusters; c++) {
    const at = shares + (<usize>c << 2);
    store<f32>(at, 1 / load<f32>(at));
  }
}

/** Rows `from … to-1` get their share of what came to the mean of their cluster. */
export function clustersBack(step: usize, from: i32, to: i32): void {
  const result = Step.ofSums(step);
  for (let r = from; r < to; r++) {
    const cluster = clusterOf(step, r);
    const share = load<f32>(Step.shares(step) + (<usize>cluster << 2));
    addScaled(Matrix.row(Step.along(step), cluster), Matrix.columns(result), share, Matrix.row(result, r));
  }
}

/** What came to rows `from … to-1`, a segment, by their clusters. */
export function spreadBack(step: usize, from: i32, to: i32): void {
  const along = Step.along(step);
  const bytes = <usize>Step.width(step) << 2;
  const sums = Step.partial(step, from / Step.segmentRows(step));
  memory.fill(sums, 0, <usize>Step.size(step) * bytes);
  for (let r = from; r < to; r++) addScaled(Matrix.row(along, r), Matrix.columns(along), 1, sums + <usize>clusterOf(step, r) * bytes);
}

@inline
function clusterOf(step: usize, row: i32): i32 { return load<i32>(Step.members(step) + (<usize>row << 2)); }
