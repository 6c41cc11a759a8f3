import {
  DECAY_given, DECAY_softplus, GATE_ROW_decay, GATE_ROW_shifts, GATE_ROW_slopes, GATE_ROW_write, PANEL_KEYS, PANEL_QUERIES, QUERY_ROW,
  TOKEN_ROW_decayLogits, TOKEN_ROW_ofLogs, TOKEN_ROW_ofWrites, TOKEN_ROW_writeLogits, WRITE_given, WRITE_givenStep,
  WRITE_logistic, WRITE_step,
} from "../../generated/layout";
import { addScoresTile, multiplyAdd, stateTile } from "../../generated/micro";
import { writeScaled } from "../../rows";
import { isLearned, slopesOf, stepSlopesOf, stepsOf, writeSlopesOf } from "../gates";
import { copyFloats, fillFloats } from "../open";
import { Gates, Place, Recurrence, Scratch } from "../words";
import { addScaled } from "./close";
import { Backward, Rows } from "./words";

/**
 * From the gradients of ln α and β of a chunk's tokens to those of what they are: gates that are given, or weights and the keys
 * that they are multiplied with. Of all channels by themselves, or of a number a token.
 */
export function ofGates(r: usize, s: usize, slice: i32, sums: usize, first: i32, count: i32): void {
  const write = Recurrence.write(r), decay = Recurrence.decay(r);
  const token: usize = <usize>first << 2;
  if (Backward.learnsDecays(r) && Recurrence.byChannel(r) && !Recurrence.decayPerChannel(r)) sumChannels(r, s, count);
  if (write == WRITE_given) writeScaled(Scratch.tokens(r, s, TOKEN_ROW_ofWrites), count, 1, Backward.dbeta(r, slice) + token);
  else if (write == WRITE_logistic) ofLogisticWrites(r, s, slice, sums, count);
  if (decay == DECAY_given) writeLogs(r, s, slice, first, count);
  else if (decay == DECAY_softplus) {
    if (Recurrence.decayPerChannel(r)) ofChannelSteps(r, s, slice, sums, first, count);
    else ofTokenSteps(r, s, slice, sums, first, count);
  } else if (isLearned(decay)) {
    if (Recurrence.decayPerChannel(r)) {
      for (let t = 0; t < count; t++) {
        const at: usize = <usize>t * QUERY_ROW;
        slopesOf(decay, Scratch.decayLogits(r, s) + at, Recurrence.channels(r), Gates.row(r, s, GATE_ROW_shifts), Rows.ofLogs(r, s) + at);
      }
      ofProducts(r, s, Rows.ofLogs(r, s), decayWeights(r, slice), <usize>Recurrence.decayRow(r) << 2, sums, count);
    } else {
      const ofLogs = Scratch.tokens(r, s, TOKEN_ROW_ofLogs);
      slopesOf(decay, Scratch.tokens(r, s, TOKEN_ROW_decayLogits), count + 7 & ~7, 0, ofLogs);
      ofRowProducts(r, s, ofLogs, Gates.row(r, s, GATE_ROW_decay), sums, count);
    }
  }
}

/** The gradients of a decay that all channels share, summed over them. */
function sumChannels(r: usize, s: usize, count: i32): void {
  const to = Scratch.tokens(r, s, TOKEN_ROW_ofLogs);
  for (let t = 0; t < count; t++) {
    const row = Rows.ofLogs(r, s) + <usize>t * QUERY_ROW;
    let sum: f64 = 0;
    for (let i: usize = 0; i < <usize>Recurrence.d(r) << 2; i += 4) sum += load<f32>(row + i);
    store<f32>(to + (<usize>t << 2), <f32>sum);
  }
}

/** Gradients of decays that are given. */
function writeLogs(r: usize, s: usize, slice: i32, first: i32, count: i32): void {
  const to = Backward.dg(r, slice);
  if (!Recurrence.decayPerChannel(r)) {
    writeScaled(Scratch.tokens(r, s, TOKEN_ROW_ofLogs), count, 1, to + (<usize>first << 2));
    return;
  }
  const d = Recurrence.d(r);
  for (let t = 0; t < count; t++) {
    writeScaled(Rows.ofLogs(r, s) + <usize>t * QUERY_ROW, d, 1, to + (<usize>((first + t) * d) << 2));
  }
}

function ofLogisticWrites(r: usize, s: usize, slice: i32, sums: usize, count: i32): void {
  const to = sums + Backward.writeSumsAt(r);
  if (!Recurrence.writePerChannel(r)) {
    const ofWrites = Scratch.tokens(r, s, TOKEN_ROW_ofWrites);
    writeSlopesOf(Scratch.tokens(r, s, TOKEN_ROW_writeLogits), count + 7 & ~7, ofWrites);
    ofRowProducts(r, s, ofWrites, Gates.row(r, s, GATE_ROW_write), to, count);
    return;
  }
  for (let t = 0; t < count; t++) {
    const at: usize = <usize>t * QUERY_ROW;
    writeSlopesOf(Scratch.writeLogits(r, s) + at, Recurrence.channels(r), Rows.ofWrites(r, s) + at);
  }
  const d: usize = Recurrence.d(r);
  const weights = Recurrence.writeWeights(r) + (<usize>(slice % Recurrence.heads(r)) * d * d << 2);
  ofProducts(r, s, Rows.ofWrites(r, s), weights, d << 2, to, count);
}

@inline
function decayWeights(r: usize, slice: i32): usize {
  const rows: usize = Recurrence.decayPerChannel(r) ? Recurrence.d(r) : 1;
  return Recurrence.decayWeights(r) + (<usize>(slice % Recurrence.heads(r)) * rows * <usize>Recurrence.decayRow(r) << 2);
}

/** Of `ln α = -A Δ` of tokens that have one each, and of Δ as β. */
function ofTokenSteps(r: usize, s: usize, slice: i32, sums: usize, first: i32, count: i32): void {
  const ofLogs = Scratch.tokens(r, s, TOKEN_ROW_ofLogs), ofWrites = Scratch.tokens(r, s, TOKEN_ROW_ofWrites);
  const logits = Scratch.tokens(r, s, TOKEN_ROW_decayLogits);
  const shifts = Gates.row(r, s, GATE_ROW_shifts);
  const write = Recurrence.write(r);
  const isGiven = write == WRITE_givenStep;
  const isWritten = isGiven || write == WRITE_step;
  const steps = Rows.shares(r, s);
  if (isGiven) copyFloats(Place.dt(r, s) + (<usize>first << 2), count, steps);
  else stepsOf(logits, count + 7 & ~7, shifts, steps);
  const slope = load<f32>(Gates.row(r, s, GATE_ROW_slopes));
  let ofSlope: f64 = 0;
  for (let i: usize = 0; i < <usize>count << 2; i += 4) {
    const ofLog = load<f32>(ofLogs + i);
    ofSlope -= <f64>ofLog * load<f32>(steps + i);
    store<f32>(ofLogs + i, (isWritten ? load<f32>(ofWrites + i) : 0) - slope * ofLog);
  }
  const tail = sums + Backward.tailAt(r);
  addTo(tail, <f32>ofSlope);
  if (isGiven) {
    writeScaled(ofLogs, count, 1, Backward.ddt(r, slice) + (<usize>first << 2));
    return;
  }
  stepSlopesOf(logits, count + 7 & ~7, shifts, ofLogs);
  let ofShift: f64 = 0;
  for (let i: usize = 0; i < <usize>count << 2; i += 4) ofShift += load<f32>(ofLogs + i);
  addTo(tail + (<usize>Recurrence.channels(r) << 2), <f32>ofShift);
  ofRowProducts(r, s, ofLogs, Gates.row(r, s, GATE_ROW_decay), sums, count);
}

@inline
function addTo(at: usize, value: f32): void { store<f32>(at, load<f32>(at) + value); }

/** The same of channels. */
function ofChannelSteps(r: usize, s: usize, slice: i32, sums: usize, first: i32, count: i32): void {
  const channels = Recurrence.channels(r), d = Recurrence.d(r);
  const bytes: usize = <usize>channels << 2;
  const shifts = Gates.row(r, s, GATE_ROW_shifts), slopes = Gates.row(r, s, GATE_ROW_slopes);
  const tail = sums + Backward.tailAt(r);
  const write = Recurrence.write(r);
  const isGiven = write == WRITE_givenStep;
  const steps = Rows.shares(r, s);
  for (let t = 0; t < count; t++) {
    const at: usize = <usize>t * QUERY_ROW;
    const ofLogs = Rows.ofLogs(r, s) + at, logits = Scratch.decayLogits(r, s) + at;
    if (isGiven) fillFloats(steps, channels, load<f32>(Place.dt(r, s) + (<usize>(first + t) << 2)));
    else stepsOf(logits, channels, shifts, steps);
    subtractProducts(ofLogs, steps, tail, bytes);
    negateProducts(ofLogs, slopes, bytes);
    if (isGiven) {
      let sum: f64 = load<f32>(Scratch.tokens(r, s, TOKEN_ROW_ofWrites) + (<usize>t << 2));
      for (let i: usize = 0; i < <usize>d << 2; i += 4) sum += load<f32>(ofLogs + i);
      store<f32>(Backward.ddt(r, slice) + (<usize>(first + t) << 2), <f32>sum);
      continue;
    }
    if (write == WRITE_step) addScaled(1, Rows.ofWrites(r, s) + at, ofLogs, bytes);
    stepSlopesOf(logits, channels, shifts, ofLogs);
    addScaled(1, ofLogs, tail + bytes, bytes);
  }
  if (!isGiven) ofProducts(r, s, Rows.ofLogs(r, s), decayWeights(r, slice), <usize>Recurrence.decayRow(r) << 2, sums, count);
}

/** to -= a b. */
function subtractProducts(a: usize, b: usize, to: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 32) {
    const x = multiplyAdd(f32x4.neg(v128.load(a + i, 0)), v128.load(b + i, 0), v128.load(to + i, 0));
    const y = multiplyAdd(f32x4.neg(v128.load(a + i, 16)), v128.load(b + i, 16), v128.load(to + i, 16));
    v128.store(to + i, x, 0);
    v128.store(to + i, y, 16);
  }
}

/** a ← -a b. */
function negateProducts(a: usize, b: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 32) {
    const x = f32x4.neg(f32x4.mul(v128.load(a + i, 0), v128.load(b + i, 0)));
    const y = f32x4.neg(f32x4.mul(v128.load(a + i, 16), v128.load(b + i, 16)));
    v128.store(a + i, x, 0);
    v128.store(a + i, y, 16);
  }
}

/** What sums `w·k` add to the gradients of k and of w, where a token has one each. */
function ofRowProducts(r: usize, s: usize, gradients: usize, weights: usize, sums: usize, count: i32): void {
  const bytes: usize = <usize>Recurrence.channels(r) << 2;
  for (let t = 0; t < count; t++) {
    const at: usize = <usize>t * QUERY_ROW;
    const gradient = load<f32>(gradients + (<usize>t << 2));
    addScaled(gradient, weights, Rows.ofKeys(r, s) + at, bytes);
    addScaled(gradient, Rows.given(r, s) + at, sums, bytes);
  }
}

/** The same of sums `W k`, rows of which have a gradient in each channel; rows of W lie `step` bytes apart. */
function ofProducts(r: usize, s: usize, gradients: usize, weights: usize, step: usize, sums: usize, count: i32): void {
  const d = Recurrence.d(r);
  const bytes: usize = <usize>Recurrence.channels(r) << 2;
  const ofKeys = Rows.ofKeys(r, s), given = Rows.given(r, s);
  for (let i: usize = 0; i < <usize>d << 2; i += PANEL_KEYS << 2) {
    for (let t = 0; t < count; t += PANEL_QUERIES) {
      const at: usize = <usize>t * QUERY_ROW;
      addScoresTile(count - t, gradients + at, weights + i, step, ofKeys + at + i, QUERY_ROW, d);
    }
    for (let c = 0; c < d; c += PANEL_QUERIES) {
      stateTile(d - c, gradients + (<usize>c << 2), given + i, QUERY_ROW, sums + <usize>c * bytes + i, bytes, count);
    }
  }
}
