import {
  DECAY_exponential, DECAY_fixed, DECAY_given, DECAY_none, DECAY_softplus, GATE_ROW_decay, GATE_ROW_shifts, GATE_ROW_slopes,
  GATE_ROW_table, GATE_ROW_write, PANEL_KEYS, PANEL_QUERIES, QUERY_ROW, TOKEN_FLOATS, TOKEN_ROW_decayLogits, TOKEN_ROW_logs,
  TOKEN_ROW_steps, TOKEN_ROW_writeLogits, TOKEN_ROW_written, WRITE_given, WRITE_givenStep, WRITE_logistic, WRITE_one, WRITE_step,
} from "../generated/layout";
import { scoresTile } from "../generated/micro";
import { scoreKeys } from "../matrix-vector";
import { copyRow, packPanels } from "../pack";
import { laySigmoid, sigmoidFloats } from "../sigmoid";
import { isLearned, logsOf, logsOfSteps, stepsOf } from "./gates";
import { Gates, Place, Recurrence, Scratch } from "./words";

/** Copies `count` rows of d numbers to rows `QUERY_ROW` bytes apart, filled up with 0 to `channels`. */
export function copyTokens(from: usize, count: i32, d: i32, channels: i32, to: usize): void {
  const bytes: usize = <usize>d << 2, end: usize = <usize>channels << 2;
  for (let t = 0; t < count; t++) {
    copyRow(from, bytes, to);
    for (let i = bytes; i < end; i += 4) store<f32>(to + i, 0);
    from += bytes;
    to += QUERY_ROW;
  }
}

/** Fills `count` floats. */
@inline
export function fillFloats(to: usize, count: i32, value: f32): void {
  for (let i: usize = 0; i < <usize>count << 2; i += 4) store<f32>(to + i, value);
}

/** Packs what the gates of a slice are made with. */
export function openGates(r: usize, s: usize, slice: i32): void {
  const head = slice % Recurrence.heads(r);
  const d = Recurrence.d(r), channels = Recurrence.channels(r);
  const decay = Recurrence.decay(r);
  laySigmoid(Gates.row(r, s, GATE_ROW_table));
  if (isLearned(decay)) {
    const row = Recurrence.decayRow(r);
    const rows = Recurrence.decayPerChannel(r) ? d : 1;
    const weights = Recurrence.decayWeights(r) + (<usize>(head * rows * row) << 2);
    if (Recurrence.decayPerChannel(r)) packPanels(weights, <usize>row << 2, d, d, 1, Gates.decays(r, s));
    else copyTokens(weights, 1, d, channels, Gates.row(r, s, GATE_ROW_decay));
    if (decay == DECAY_softplus) openSteps(r, s, weights, row);
    if (decay == DECAY_exponential) copyTokens(Recurrence.offsets(r), 1, d, channels, Gates.row(r, s, GATE_ROW_shifts));
  }
  if (Recurrence.write(r) != WRITE_logistic) return;
  const rows = Recurrence.writePerChannel(r) ? d : 1;
  const weights = Recurrence.writeWeights(r) + (<usize>(head * rows * d) << 2);
  if (Recurrence.writePerChannel(r)) packPanels(weights, <usize>d << 2, d, d, 1, Gates.writes(r, s));
  else copyTokens(weights, 1, d, channels, Gates.row(r, s, GATE_ROW_write));
}

/** A and b, which are the last two numbers of each row of weights: of every channel, or the same for every token. */
function openSteps(r: usize, s: usize, weights: usize, row: i32): void {
  const d = Recurrence.d(r);
  if (!Recurrence.decayPerChannel(r)) {
    fillFloats(Gates.row(r, s, GATE_ROW_slopes), TOKEN_FLOATS, load<f32>(weights + (<usize>d << 2), 0));
    fillFloats(Gates.row(r, s, GATE_ROW_shifts), TOKEN_FLOATS, load<f32>(weights + (<usize>d << 2), 4));
    return;
  }
  const slopes = Gates.row(r, s, GATE_ROW_slopes), shifts = Gates.row(r, s, GATE_ROW_shifts);
  fillFloats(slopes, Recurrence.channels(r), 0);
  fillFloats(shifts, Recurrence.channels(r), 0);
  for (let c = 0; c < d; c++) {
    const last = weights + (<usize>(c * row + d) << 2);
    store<f32>(slopes + (<usize>c << 2), load<f32>(last, 0));
    store<f32>(shifts + (<usize>c << 2), load<f32>(last, 4));
  }
}

/** ln α of `count` tokens that have one each, and their steps where they have any; k is in the rows of keys. */
export function tokenLogs(r: usize, s: usize, first: i32, count: i32): void {
  const logs = Scratch.tokens(r, s, TOKEN_ROW_logs);
  const decay = Recurrence.decay(r);
  if (decay == DECAY_none) fillFloats(logs, TOKEN_FLOATS, 0);
  else if (decay == DECAY_fixed) fillFloats(logs, TOKEN_FLOATS, Place.fixedLog(r, s));
  else if (decay == DECAY_given) copyFloats(Place.g(r, s) + (<usize>first << 2), count, logs);
  else if (decay == DECAY_softplus) tokenSteps(r, s, first, count, logs);
  else {
    project(r, s, GATE_ROW_decay, count, logs);
    copyFloats(logs, count, Scratch.tokens(r, s, TOKEN_ROW_decayLogits));
    logsOf(decay, logs, count + 7 & ~7, 0);
  }
}

function tokenSteps(r: usize, s: usize, first: i32, count: i32, logs: usize): void {
  const steps = Scratch.tokens(r, s, TOKEN_ROW_steps);
  const whole = count + 7 & ~7;
  if (Recurrence.write(r) == WRITE_givenStep) copyFloats(Place.dt(r, s) + (<usize>first << 2), count, steps);
  else {
    project(r, s, GATE_ROW_decay, count, logs);
    copyFloats(logs, count, Scratch.tokens(r, s, TOKEN_ROW_decayLogits));
    stepsOf(logs, whole, Gates.row(r, s, GATE_ROW_shifts), steps);
  }
  logsOfSteps(steps, whole, Gates.row(r, s, GATE_ROW_slopes), logs);
}

/** β of `count` tokens that have one each. Comes after their decays. */
export function tokenWrites(r: usize, s: usize, first: i32, count: i32): void {
  const written = Scratch.tokens(r, s, TOKEN_ROW_written);
  const write = Recurrence.write(r);
  if (write == WRITE_one || Recurrence.writePerChannel(r)) fillFloats(written, TOKEN_FLOATS, 1);
  else if (write == WRITE_given) copyFloats(Place.beta(r, s) + (<usize>first << 2), count, written);
  else if (write == WRITE_logistic) {
    project(r, s, GATE_ROW_write, count, written);
    copyFloats(written, count, Scratch.tokens(r, s, TOKEN_ROW_writeLogits));
    sigmoidFloats(written, count + 7 & ~7, Gates.row(r, s, GATE_ROW_table));
  } else if (write == WRITE_step) copyFloats(Scratch.tokens(r, s, TOKEN_ROW_steps), count, written);
  else copyFloats(Place.dt(r, s) + (<usize>first << 2), count, written);
}

/** The same channel by channel, in the rows of writes: only where a token has one each. */
export function channelWrites(r: usize, s: usize, count: i32): void {
  // Steps are there already.
  if (Recurrence.write(r) == WRITE_step) return;
  const rows = Scratch.writes(r, s);
  projectRows(r, s, Gates.writes(r, s), count, rows);
  if (Scratch.keepsLogits(r)) copyChannels(r, rows, count, Scratch.writeLogits(r, s));
  for (let t = 0; t < count; t++) sigmoidFloats(rows + <usize>t * QUERY_ROW, Recurrence.channels(r), Gates.row(r, s, GATE_ROW_table));
}

/** ln α of each channel of `count` tokens, in the rows of decays, and steps in those of writes. k is in the rows of keys. */
export function channelLogs(r: usize, s: usize, first: i32, count: i32): void {
  const rows = Scratch.decays(r, s);
  const d = Recurrence.d(r), channels = Recurrence.channels(r);
  const decay = Recurrence.decay(r);
  if (!Recurrence.decayPerChannel(r)) {
    tokenLogs(r, s, first, count);
    const logs = Scratch.tokens(r, s, TOKEN_ROW_logs);
    for (let t = 0; t < count; t++) fillFloats(rows + <usize>t * QUERY_ROW, channels, load<f32>(logs + (<usize>t << 2)));
    return;
  }
  if (decay == DECAY_given) {
    copyTokens(Place.g(r, s) + (<usize>(first * d) << 2), count, d, channels, rows);
    return;
  }
  const shifts = Gates.row(r, s, GATE_ROW_shifts);
  const isStep = decay == DECAY_softplus;
  const steps = Scratch.writes(r, s);
  const given = Recurrence.write(r) == WRITE_givenStep;
  if (isStep && given) {
    for (let t = 0; t < count; t++) fillFloats(steps + <usize>t * QUERY_ROW, channels, load<f32>(Place.dt(r, s) + (<usize>(first + t) << 2)));
  } else {
    projectRows(r, s, Gates.decays(r, s), count, rows);
    if (Scratch.keepsLogits(r)) copyChannels(r, rows, count, Scratch.decayLogits(r, s));
  }
  for (let t = 0; t < count; t++) {
    const row = rows + <usize>t * QUERY_ROW, own = steps + <usize>t * QUERY_ROW;
    if (!isStep) logsOf(decay, row, channels, shifts);
    else {
      if (!given) stepsOf(row, channels, shifts, own);
      logsOfSteps(own, channels, Gates.row(r, s, GATE_ROW_slopes), row);
    }
  }
}

/** w·k of `count` tokens. */
@inline
function project(r: usize, s: usize, vector: i32, count: i32, to: usize): void {
  scoreKeys(Gates.row(r, s, vector), Scratch.keys(r, s), QUERY_ROW, count, <usize>Recurrence.channels(r) << 2, to, Scratch.parts(r, s));
}

/** W k of `count` tokens. */
function projectRows(r: usize, s: usize, packed: usize, count: i32, to: usize): void {
  const d = Recurrence.d(r);
  const panel: usize = <usize>(d * PANEL_KEYS) << 2;
  for (let c = 0; c < d; c += PANEL_KEYS) {
    for (let t = 0; t < count; t += PANEL_QUERIES) {
      scoresTile(
        count - t, Scratch.keys(r, s) + <usize>t * QUERY_ROW, packed, PANEL_KEYS << 2,
        to + <usize>t * QUERY_ROW + (<usize>c << 2), QUERY_ROW, d,
      );
    }
    packed += panel;
  }
  const end: usize = <usize>Recurrence.channels(r) << 2;
  for (let t = 0; t < count; t++) {
    for (let i: usize = <usize>d << 2; i < end; i += 4) store<f32>(to + <usize>t * QUERY_ROW + i, 0);
  }
}

/** Copies rows of a number a channel. */
export function copyChannels(r: usize, from: usize, count: i32, to: usize): void {
  const bytes: usize = <usize>Recurrence.channels(r) << 2;
  for (let t = 0; t < count; t++) memory.copy(to + <usize>t * QUERY_ROW, from + <usize>t * QUERY_ROW, bytes);
}

@inline
export function copyFloats(from: usize, count: i32, to: usize): void {
  for (let i: usize = 0; i < <usize>count << 2; i += 4) store<f32>(to + i, load<f32>(from + i));
}
