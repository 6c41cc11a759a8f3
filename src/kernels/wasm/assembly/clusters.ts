import { PLANES_TOGETHER } from "./generated/layout";
import { Lane } from "./lane";
import { Matrix } from "./matrix";
import { Step } from "./step";

/**
 * Clusters of rows by sign hashes and Lloyd's algorithm in Hamming space: Vyas et al. 2020, arXiv 2007.04825. What is decided is decided
 * in float64 or in integers, so that no rounding of float32 moves a row to another cluster. `Step.by` are the planes, `[bits, d + 1]`.
 */

/** Codes of rows `from … to-1`: bit b is 1 if plane b times the row is above its threshold. */
export function hashRows(step: usize, lane: usize, from: i32, to: i32): void {
  const source = Step.of(step);
  const bits = Matrix.rows(Step.by(step));
  const d = Matrix.columns(source);
  const planes = Lane.state(lane);
  layPlanes(Step.by(step), d, planes);
  const blockBytes: usize = <usize>((d + 1) * PLANES_TOGETHER) << 3;
  for (let r = from; r < to; r++) {
    let code: u64 = 0;
    for (let first = 0, block = planes; first < bits; first += PLANES_TOGETHER, block += blockBytes) {
      code |= sidesOf(Matrix.row(source, r), d, block) << <u64>first;
    }
    store<u64>(Step.codes(step) + (<usize>r << 3), code);
  }
}

/** Lays the planes as float64 `[bits / PLANES_TOGETHER, d + 1, PLANES_TOGETHER]`: the thresholds first, and 0 for planes that there are not. */
function layPlanes(planes: usize, d: i32, to: usize): void {
  const bits = Matrix.rows(planes);
  for (let first = 0; first < bits; first += PLANES_TOGETHER) {
    for (let c = 0; c <= d; c++) {
      for (let plane = first; plane < first + PLANES_TOGETHER; plane++) {
        const column: usize = c == 0 ? d : c - 1;
        store<f64>(to, plane < bits ? <f64>load<f32>(Matrix.row(planes, plane) + (column << 2)) : 0);
        to += 8;
      }
    }
  }
}

/** Which of `PLANES_TOGETHER` products of a row are above their thresholds, as bits: each is summed channel by channel. */
function sidesOf(row: usize, d: i32, planes: usize): u64 {
  const limits = planes;
  let a = f64x2.splat(0), b = f64x2.splat(0), c = f64x2.splat(0), e = f64x2.splat(0);
  let f = f64x2.splat(0), g = f64x2.splat(0), h = f64x2.splat(0), k = f64x2.splat(0);
  for (let i = 0; i < d; i++) {
    planes += PLANES_TOGETHER << 3;
    const x = f64x2.splat(<f64>load<f32>(row));
    a = f64x2.add(a, f64x2.mul(x, v128.load(planes, 0)));
    b = f64x2.add(b, f64x2.mul(x, v128.load(planes, 16)));
    c = f64x2.add(c, f64x2.mul(x, v128.load(planes, 32)));
    e = f64x2.add(e, f64x2.mul(x, v128.load(planes, 48)));
    f = f64x2.add(f, f64x2.mul(x, v128.load(planes, 64)));
    g = f64x2.add(g, f64x2.mul(x, v128.load(planes, 80)));
    h = f64x2.add(h, f64x2.mul(x, v128.load(planes, 96)));
    k = f64x2.add(k, f64x2.mul(x, v128.load(planes, 112)));
    row += 4;
  }
  return (
    above(a, limits, 0) | above(b, limits, 2) | above(c, limits, 4) | above(e, limits, 6) |
    above(f, limits, 8) | above(g, limits, 10) | above(h, limits, 12) | above(k, limits, 14)
  );
}

/** Of planes `first` and the next, which products are above their thresholds. */
@inline
function above(products: v128, limits: usize, first: u64): u64 {
  return <u64>i64x2.bitmask(f64x2.gt(products, v128.load(limits + (<usize>first << 3)))) << first;
}

/**
 * Which centre each of rows `from … to-1`, a segment, is nearest to, the first of those as near; and how many rows each centre got, and
 * how many of those have each bit, in the segment's own counts, `[centres, 1 + bits]`, unless it is the last round.
 */
export function assignRows(step: usize, from: i32, to: i32): void {
  const centres = Step.centres(step);
  const count = Step.size(step);
  const bits = Matrix.rows(Step.by(step));
  const counts = Step.partial(step, from / Step.segmentRows(step));
  const countBytes: usize = <usize>(1 + bits) << 2;
  memory.fill(counts, 0, <usize>count * countBytes);
  const counted = Step.before(step) == 0;
  for (let r = from; r < to; r++) {
    const code = load<u64>(Step.codes(step) + (<usize>r << 3));
    const nearest = nearestCentre(code, centres, count);
    store<i32>(Step.members(step) + (<usize>r << 2), nearest);
    const own = counts + <usize>nearest * countBytes;
    store<i32>(own, load<i32>(own) + 1);
    if (counted) countBits(code, bits, own + 4);
  }
}

@inline
function nearestCentre(code: u64, centres: usize, count: i32): i32 {
  let best: i64 = i64.MAX_VALUE;
  for (let c = 0; c < count; c++) {
    // The distance first, and then the centre.
    const ranked = <i64>popcnt<u64>(code ^ load<u64>(centres + (<usize>c << 3))) << 32 | <i64>c;
    best = ranked < best ? ranked : best;
  }
  return <i32>best;
}

function countBits(code: u64, bits: i32, to: usize): void {
  for (let b = 0; b < bits; b++) {
    store<i32>(to, load<i32>(to) + <i32>(code & 1));
    code >>= 1;
    to += 4;
  }
}

/** Centres are at first the codes of drawn rows, rounded down, and the last row for those beyond it. */
export function takeStarts(step: usize): void {
  const last = Matrix.rows(Step.of(step)) - 1;
  const starts = Matrix.row(Step.starts(step), 0);
  for (let c: usize = 0; c < <usize>Step.size(step); c++) {
    const start = load<f32>(starts + (c << 2));
    const row: usize = start > 0 ? <usize>min(<f32>last, floor(start)) : 0;
    store<u64>(Step.centres(step) + (c << 3), load<u64>(Step.codes(step) + (min(row, <usize>last) << 3)));
  }
}

/** Each centre takes the bits that more than half of its rows have; one that has no rows stays. */
export function recentre(step: usize): void {
  const bits = Matrix.rows(Step.by(step));
  const countBytes: usize = <usize>(1 + bits) << 2;
  for (let c: usize = 0; c < <usize>Step.size(step); c++) {
    const rows = countOf(step, c * countBytes);
    if (rows == 0) continue;
    let centre: u64 = 0;
    for (let b: usize = 0; b < <usize>bits; b++) {
      if (2 * countOf(step, c * countBytes + ((1 + b) << 2)) > rows) centre |= <u64>1 << <u64>b;
    }
    store<u64>(Step.centres(step) + (c << 3), centre);
  }
}

/** A count over all segments, `at` bytes from the beginning of each. */
function countOf(step: usize, at: usize): i32 {
  let sum = 0;
  for (let s = 0; s < Step.segments(step); s++) sum += load<i32>(Step.partial(step, s) + at);
  return sum;
}

/** Sums and counts of the clusters' rows, of rows `from … to-1`, a segment: `[centres, 1 + d]` in float64, the count first. */
export function sumClusters(step: usize, from: i32, to: i32): void {
  const source = Step.of(step);
  const d = Matrix.columns(source);
  const sumBytes: usize = <usize>(1 + d) << 3;
  const sums = Step.partial(step, from / Step.segmentRows(step));
  memory.fill(sums, 0, <usize>Step.size(step) * sumBytes);
  for (let r = from; r < to; r++) {
    let sum = sums + <usize>load<i32>(Step.members(step) + (<usize>r << 2)) * sumBytes;
    store<f64>(sum, load<f64>(sum) + 1);
    const end = sum + sumBytes;
    for (let row = Matrix.row(source, r); (sum += 8) < end; row += 4) store<f64>(sum, load<f64>(sum) + <f64>load<f32>(row));
  }
}

/** Means of clusters `from … to-1`, 0 for one without rows: left in float64 in the first segment, and rounded in the result. */
export function joinClusters(step: usize, from: i32, to: i32): void {
  const d = Matrix.columns(Step.of(step));
  const sumBytes: usize = <usize>(1 + d) << 3;
  for (let c = from; c < to; c++) {
    const start: usize = <usize>c * sumBytes;
    const first = Step.partial(step, 0) + start;
    for (let i: usize = 0; i < sumBytes; i += 8) {
      let sum: f64 = 0;
      for (let s = 0; s < Step.segments(step); s++) sum += load<f64>(Step.partial(step, s) + start + i);
      store<f64>(first + i, sum);
    }
    const count = load<f64>(first);
    const factor: f64 = count == 0 ? 0 : 1 / count;
    for (let i = 0; i < d; i++) {
      const at = first + (<usize>(1 + i) << 3);
      const mean = load<f64>(at) * factor;
      store<f64>(at, mean);
      store<f32>(Matrix.row(Step.to(step), c) + (<usize>i << 2), <f32>mean);
    }
  }
}
