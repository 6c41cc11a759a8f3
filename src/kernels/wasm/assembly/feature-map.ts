import { Call } from "./call";
import { allFinite } from "./finite";
import { PANEL_KEYS, PANEL_QUERIES, QUERIES, SCORE_ROW } from "./layout";
import { multiplyAdd, scoresTile, stateTile } from "./micro";
import { exp2 } from "./softmax";
import { addValues } from "./tile";

const LOG2_E: f32 = 1.4426950408889634;

/**
 * Linear attention of one head, φ(x) = elu(x) + 1, in chunks of `QUERIES` tokens. The state is `[d, width]`: column i < d is
 * `Σ_j φ(k_j) v_j[i]`, column d the normaliser, for which every value has one more column of ones. Not causal, the state of
 * all keys is read by every query; causal, a query reads the state of the chunks before its own and the triangle of its own.
 */
export function runFeatureMap(call: usize): void {
  const length = Call.length(call);
  const d = Call.d(call);
  const width = Call.width(call);
  const statePanels = (d + PANEL_QUERIES - 1) / PANEL_QUERIES;
  memory.fill(Call.state(call), 0, <usize>(statePanels * PANEL_QUERIES * width) << 2);
  Call.setFinite(call, allFinite(Call.v(call), length * d));
  if (Call.causal(call)) {
    for (let first = 0; first < length; first += QUERIES) {
      const count = min(QUERIES, length - first);
      readState(call, first, count);
      addTriangle(call, first, count);
      writeChunk(call, first, count);
      addToState(call, first, count);
    }
    return;
  }
  for (let first = 0; first < length; first += QUERIES) addToState(call, first, min(QUERIES, length - first));
  for (let first = 0; first < length; first += QUERIES) {
    const count = min(QUERIES, length - first);
    readState(call, first, count);
    writeChunk(call, first, count);
  }
}

/** Values of a chunk as rows of `width`: the value, 1, zeros. */
function packValues(call: usize, first: i32, count: i32): void {
  const d: usize = Call.d(call);
  const rowBytes: usize = <usize>Call.width(call) << 2;
  for (let j: usize = 0; j < <usize>count; j++) {
    const to = Call.values(call) + j * rowBytes;
    memory.copy(to, Call.v(call) + (<usize>first + j) * (d << 2), d << 2);
    memory.fill(to + (d << 2), 0, rowBytes - (d << 2));
    store<f32>(to + (d << 2), 1);
  }
}

/** φ of `count` rows, into consecutive rows of d numbers at `to`. */
function features(from: usize, count: i32, to: usize): void {
  const zero = f32x4.splat(0);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    v128.store(to, phi(v128.load(from), zero));
    from += 16;
    to += 16;
  }
  for (; i < count; i++) {
    const x = load<f32>(from);
    v128.store(to, phi(f32x4.splat(x), zero));
    from += 4;
    to += 4;
  }
}

/** x + 1 where x ≥ 0, exp(x) elsewhere, so that nothing cancels. */
@inline
function phi(x: v128, zero: v128): v128 {
  const power = exp2(f32x4.mul(f32x4.min(x, zero), f32x4.splat(LOG2_E)));
  return v128.bitselect(power, f32x4.add(x, f32x4.splat(1)), f32x4.lt(x, zero));
}

/** state += φ(K)ᵀ · [V, 1] over one chunk. */
function addToState(call: usize, first: i32, count: i32): void {
  const d = Call.d(call);
  const rowBytes: usize = <usize>Call.width(call) << 2;
  packValues(call, first, count);
  features(Call.k(call) + (<usize>(first * d) << 2), count * d, Call.keys(call));
  const panel = Call.queries(call);
  for (let f = 0; f < d; f += PANEL_QUERIES) {
    const here = min(PANEL_QUERIES, d - f);
    for (let j = 0; j < count; j++) {
      const from = Call.keys(call) + (<usize>(j * d + f) << 2);
      const to = panel + <usize>j * 24;
      for (let i = 0; i < PANEL_QUERIES; i++) {
        store<f32>(to + (<usize>i << 2), i < here ? load<f32>(from + (<usize>i << 2)) : 0);
      }
    }
    const state = Call.state(call) + <usize>f * rowBytes;
    for (let i: usize = 0; i < rowBytes; i += 64) {
      stateTile(panel, Call.values(call) + i, rowBytes, state + i, rowBytes, count);
    }
  }
}

/** Sums of a chunk of queries: φ(Q) · state. Leaves the packed φ(Q) in `queries`. */
function readState(call: usize, first: i32, count: i32): void {
  const d = Call.d(call);
  const rowBytes: usize = <usize>Call.width(call) << 2;
  features(Call.q(call) + (<usize>(first * d) << 2), count * d, Call.keys(call));
  for (let p = 0; p < count; p += PANEL_QUERIES) {
    const panel = Call.queries(call) + <usize>(p * d) * 4;
    for (let r = 0; r < PANEL_QUERIES; r++) {
      const from = Call.keys(call) + (<usize>((p + r) * d) << 2);
      for (let i = 0; i < d; i++) {
        const value: f32 = p + r < count ? load<f32>(from + (<usize>i << 2)) : 0;
        store<f32>(panel + <usize>(i * PANEL_QUERIES + r) * 4, value);
      }
    }
    const output = Call.output(call) + <usize>p * rowBytes;
    for (let i: usize = 0; i < rowBytes; i += 64) {
      scoresTile(panel, Call.state(call) + i, rowBytes, output + i, rowBytes, d);
    }
  }
}

/** Adds to a chunk's sums what its own keys up to the query give. */
function addTriangle(call: usize, first: i32, count: i32): void {
  const d = Call.d(call);
  const rowBytes: usize = <usize>Call.width(call) << 2;
  packValues(call, first, count);
  features(Call.k(call) + (<usize>(first * d) << 2), count * d, Call.keptOutput(call));
  for (let j = 0; j < count; j += PANEL_KEYS) {
    for (let r = 0; r < PANEL_KEYS; r++) {
      const from = Call.keptOutput(call) + (<usize>((j + r) * d) << 2);
      for (let i = 0; i < d; i++) {
        const value: f32 = j + r < count ? load<f32>(from + (<usize>i << 2)) : 0;
        store<f32>(Call.keys(call) + <usize>(i * PANEL_KEYS + r) * 4, value);
      }
    }
    for (let p = 0; p < count; p += PANEL_QUERIES) {
      const scores = Call.scores(call) + <usize>p * SCORE_ROW + (<usize>j << 2);
      scoresTile(Call.queries(call) + <usize>(p * d) * 4, Call.keys(call), 64, scores, SCORE_ROW, d);
    }
  }
  if (Call.finite(call)) {
    for (let r = 0; r < count; r++) {
      for (let c = r + 1; c < count; c++) {
        store<f32>(Call.scores(call) + <usize>r * SCORE_ROW + (<usize>c << 2), 0);
      }
    }
    addValues(call, count, 0, count, Call.values(call), rowBytes);
    return;
  }
  // Where a value is not finite, even weight 0 would spread it to earlier rows: the same sums, of keys that are seen.
  for (let r = 0; r < count; r++) {
    const weights = Call.scores(call) + <usize>r * SCORE_ROW;
    const output = Call.output(call) + <usize>r * rowBytes;
    for (let i: usize = 0; i < rowBytes; i += 16) {
      let sum = v128.load(output + i);
      for (let c = 0; c <= r; c++) {
        const value = v128.load(Call.values(call) + <usize>c * rowBytes + i);
        sum = multiplyAdd(v128.load32_splat(weights + (<usize>c << 2)), value, sum);
      }
      v128.store(output + i, sum);
    }
  }
}

/** Divides a chunk's sums by their normaliser and writes them out. */
function writeChunk(call: usize, first: i32, count: i32): void {
  const d: usize = Call.d(call);
  const rowBytes: usize = <usize>Call.width(call) << 2;
  for (let r: usize = 0; r < <usize>count; r++) {
    const from = Call.output(call) + r * rowBytes;
    const to = Call.out(call) + (<usize>first + r) * (d << 2);
    const divisor = load<f32>(from + (d << 2)) + Call.factor(call);
    for (let i: usize = 0; i < d; i++) store<f32>(to + (i << 2), load<f32>(from + (i << 2)) / divisor);
  }
}
