import { addValues, clearState, scoreTile, weighTile } from "./attend-tile";
import { COLUMNS, QUERIES, QUERY_ROW } from "./generated/layout";
import { Lane } from "./lane";
import { Matrix } from "./matrix";
import { copyListed, packListed } from "./pack";
import { writeScaled } from "./rows";
import { exp2 } from "./softmax";
import { Step } from "./step";

const LOG2_E: f64 = 1.4426950408889634;

/** Rows `from … to-1`: each is that of its cluster. */
export function spreadRows(step: usize, from: i32, to: i32): void {
  const source = Step.of(step);
  const columns = Matrix.columns(source);
  for (let r = from; r < to; r++) writeScaled(Matrix.row(source, memberOf(step, r)), columns, 1, Matrix.row(Step.to(step), r));
}

@inline
function memberOf(step: usize, row: i32): i32 { return load<i32>(Step.members(step) + (<usize>row << 2)); }

/** Lists the rows of the first cluster, then those of the second, and so on. `Step.partials` has room for a number of each cluster. */
export function sortMembers(step: usize, rows: i32, clusters: i32): void {
  const next = Step.partial(step, 0);
  memory.fill(next, 0, <usize>(clusters + 1) << 2);
  for (let r = 0; r < rows; r++) {
    const at = next + (<usize>(memberOf(step, r) + 1) << 2);
    store<i32>(at, load<i32>(at) + 1);
  }
  for (let c: usize = 1; c <= <usize>clusters; c++) store<i32>(next + (c << 2), load<i32>(next + (c << 2)) + load<i32>(next + (c << 2) - 4));
  for (let r = 0; r < rows; r++) {
    const at = next + (<usize>memberOf(step, r) << 2);
    const place = load<i32>(at);
    store<i32>(Step.order(step) + (<usize>place << 2), r);
    store<i32>(at, place + 1);
  }
}

/**
 * The best keys of clusters `from … to-1`, by the products of their means, in float64, with all keys, the best first and the first of those as
 * good. The means are in the first of the partial results of `joinClusters`.
 */
export function findBest(step: usize, lane: usize, from: i32, to: i32): void {
  const keys = Step.by(step);
  const d = Matrix.columns(keys);
  const wanted = Step.size(step);
  const meanBytes: usize = <usize>(1 + d) << 3;
  const count = to - from;
  const row = Lane.state(lane);
  for (let c = from; c < to; c++) {
    for (let i = 0; i < wanted; i++) store<f64>(Step.bestScores(step) + (<usize>(c * wanted + i) << 3), -Infinity);
  }
  for (let key = 0; key < Matrix.rows(keys); key++) {
    widen(Matrix.row(keys, key), d, row);
    for (let c = 0; c < count; c++) {
      const score = dot(row, Step.partial(step, 0) + <usize>(from + c) * meanBytes + 8, d);
      const first: usize = <usize>((from + c) * wanted);
      insert(score, key, key < wanted ? key : wanted, wanted, Step.bestScores(step) + (first << 3), Step.best(step) + (first << 2));
    }
  }
}

/** Numbers as float64. */
@inline
function widen(from: usize, count: i32, to: usize): void {
  for (let i: usize = 0; i < <usize>count; i++) store<f64>(to + (i << 3), <f64>load<f32>(from + (i << 2)));
}

@inline
function dot(a: usize, b: usize, count: i32): f64 {
  let s = f64x2.splat(0), t = f64x2.splat(0);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const at: usize = <usize>i << 3;
    s = f64x2.add(s, f64x2.mul(v128.load(a + at, 0), v128.load(b + at, 0)));
    t = f64x2.add(t, f64x2.mul(v128.load(a + at, 16), v128.load(b + at, 16)));
  }
  const st = f64x2.add(s, t);
  let sum = f64x2.extract_lane(st, 0) + f64x2.extract_lane(st, 1);
  for (; i < count; i++) sum += load<f64>(a + (<usize>i << 3)) * load<f64>(b + (<usize>i << 3));
  return sum;
}

/** Puts a key among the best so far, of which there are `have`, if it is better than the last of them. */
@inline
function insert(score: f64, key: i32, have: i32, wanted: i32, scores: usize, keys: usize): void {
  let at = have;
  if (at == wanted) {
    if (!(score > load<f64>(scores + (<usize>(at - 1) << 3)))) return;
    at--;
  }
  while (at > 0 && score > load<f64>(scores + (<usize>(at - 1) << 3))) {
    store<f64>(scores + (<usize>at << 3), load<f64>(scores + (<usize>(at - 1) << 3)));
    store<i32>(keys + (<usize>at << 2), load<i32>(keys + (<usize>(at - 1) << 2)));
    at--;
  }
  store<f64>(scores + (<usize>at << 3), score);
  store<i32>(keys + (<usize>at << 2), key);
}

/**
 * What the best keys of clusters `from … to-1` have of the cluster's weight, and what the others make of it: `Step.rest`, which is the
 * answer of the others by themselves, times their own share. It is not the answer of all keys less the best ones' part: where scores are
 * large, the roundings of the two would be all that is left. `Step.factor` is the scale of scores, `Step.logSums` the others' log-sums.
 */
export function splitWeights(step: usize, from: i32, to: i32): void {
  const wanted = Step.size(step);
  const columns = Matrix.columns(Step.rest(step));
  for (let c = from; c < to; c++) {
    const scores = Step.bestScores(step) + (<usize>(c * wanted) << 3);
    const factor = <f64>Step.factor(step);
    const others = <f64>load<f32>(Matrix.row(Step.logSums(step), c));
    // The first key is the best. NaN stays.
    const best = load<f64>(scores) * factor;
    const largest = others > best ? others : best;
    let weight: f64 = 0;
    for (let i: usize = 0; i < <usize>wanted; i++) weight += power(load<f64>(scores + (i << 3)) * factor - largest);
    const left = power(others - largest);
    store<f32>(Step.shares(step) + (<usize>c << 2), <f32>(weight / (weight + left)));
    const rest = Matrix.row(Step.rest(step), c);
    writeScaled(rest, columns, <f32>(left / (weight + left)), rest);
  }
}

/** e^x, of x not above 0. */
@inline
function power(x: f64): f64 { return <f64>f32x4.extract_lane(exp2(f32x4.splat(<f32>(x * LOG2_E))), 0); }

/**
 * Rows `from … to-1` in the order of their clusters: the share of the best keys goes to them by the row's own softmax, and the rest stays.
 * `Step.of` are the queries and `Step.by` the keys.
 */
export function spreadBest(step: usize, lane: usize, from: i32, to: i32): void {
  const wanted = Step.size(step);
  const queries = Step.of(step);
  const keys = Step.by(step);
  const values = Step.values(step, 0);
  const d = Matrix.columns(keys);
  const valueBytes = Matrix.rowBytes(values);
  const columns = Matrix.columns(values);
  const rowBytes: usize = <usize>Step.width(step) << 2;
  const maximum = Lane.maximum(lane), total = Lane.total(lane), output = Lane.output(lane);
  let packed = -1;
  for (let at = from; at < to; ) {
    const list = Step.order(step) + (<usize>at << 2);
    const cluster = memberOf(step, load<i32>(list));
    let rows = 1;
    while (rows < QUERIES && at + rows < to && memberOf(step, load<i32>(list + (<usize>rows << 2))) == cluster) rows++;
    if (cluster != packed) {
      const best = Step.best(step) + (<usize>(cluster * wanted) << 2);
      packListed(best, Matrix.row(keys, 0), wanted, d, Step.factor(step), Lane.panels(lane));
      copyListed(best, 0, wanted, Matrix.row(values, 0), valueBytes, Lane.classValues(lane), rowBytes);
      packed = cluster;
    }
    copyListed(list, 0, rows, Matrix.row(queries, 0), Matrix.rowBytes(queries), Lane.queries(lane), QUERY_ROW);
    clearState(maximum, total, rows);
    for (let key = 0; key < wanted; key += COLUMNS) {
      const panels = Lane.panels(lane) + <usize>key * (<usize>d << 2);
      const own = Lane.classValues(lane) + <usize>key * rowBytes;
      const count = min(COLUMNS, wanted - key);
      scoreTile(step, lane, 0, rows, panels, key, count);
      weighTile(lane, rows, count, maximum, total, output, rowBytes);
      addValues(lane, rows, own, rowBytes, Matrix.width(values), count, output, rowBytes, key == 0);
    }
    const share = load<f32>(Step.shares(step) + (<usize>cluster << 2));
    for (let r = 0; r < rows; r++) {
      const factor = share / load<f32>(total + (<usize>r << 2));
      const result = Matrix.row(Step.to(step), load<i32>(list + (<usize>r << 2)));
      addScaledTo(output + <usize>r * rowBytes, factor, Matrix.row(Step.rest(step), cluster), columns, result);
    }
    at += rows;
  }
}

/** to = rest + factor·from, and nothing beyond `count` numbers. */
function addScaledTo(from: usize, factor: f32, rest: usize, count: i32, to: usize): void {
  for (let i: usize = 0; i < <usize>count << 2; i += 4) store<f32>(to + i, load<f32>(rest + i) + factor * load<f32>(from + i));
}
