import { Call } from "./call";
import {
  FOURIER_chirp, FOURIER_first, FOURIER_group, FOURIER_ITEM_back, FOURIER_ITEM_columns, FOURIER_ITEM_convolve,
  FOURIER_ITEM_pairs, FOURIER_matrix, FOURIER_parts, FOURIER_rowBytes, FOURIER_second, FOURIER_size, FOURIER_spectrum, FOURIER_twists,
  FOURIER_work, FOURIER_workStep, ITEM_BYTES, PANEL_KEYS, PANEL_QUERIES, QUERIES, QUERY_ROW,
} from "./generated/layout";
import { scoresTile } from "./generated/micro";
import { Lane } from "./lane";
import { copyRow } from "./pack";
import { transformRows, turnAndConjugate, turnRows64 } from "./transform";

/**
 * The real part of the Fourier transform of one head of v, over channels and tokens.
 *
 * Over channels it is a product with a matrix of cosines and sines: since v is real, half of the frequencies will do, as complex
 * numbers `Z[n, s]`. Over tokens Z is transformed as a matrix of `parts` rows of `size / parts` tokens (Bailey 1990, FFTs in
 * external or hierarchical memory): first its columns, `group` of them at once, turned by the twists; then its rows, of which two
 * that belong together give whole rows of the output.
 *
 * A number of tokens with a large prime factor is transformed as a convolution (Bluestein 1970) of `size` numbers, of which the
 * first are tokens turned by the chirp: columns, then rows, both ways, then columns back, then rows of the output.
 */
export function runFourierItems(call: usize, lane: usize, from: usize, to: usize): void {
  for (let item = from; item < to; item += ITEM_BYTES) {
    const kind = load<i32>(item, 0);
    const first = load<i32>(item, 4);
    const end = load<i32>(item, 8);
    if (kind == FOURIER_ITEM_columns) {
      for (let n = first; n < end; n += Fourier.group(call)) columns(call, lane, n, min(Fourier.group(call), end - n));
    } else if (kind == FOURIER_ITEM_pairs) {
      for (let k = first; k < end; k++) pair(call, lane, k);
    } else if (kind == FOURIER_ITEM_convolve) {
      for (let k = first; k < end; k++) convolve(call, lane, k);
    } else if (kind == FOURIER_ITEM_back) {
      for (let n = first; n < end; n += Fourier.group(call)) back(call, lane, n, min(Fourier.group(call), end - n));
    } else {
      for (let k = first; k < end; k++) {
        const d = Call.valueDim(call);
        writeRow(workRow(call, k), workRow(call, k == 0 ? 0 : Call.length(call) - k), d, Call.out(call) + (<usize>k * <usize>d << 2));
      }
    }
  }
}

/** What the host has prepared. */
class Fourier {
  /** Numbers that are transformed, the rows that they are cut into, and the tokens of each of those. */
  @inline static size(call: usize): i32 { return load<i32>(Call.fourier(call), FOURIER_size); }
  @inline static parts(call: usize): i32 { return load<i32>(Call.fourier(call), FOURIER_parts); }
  @inline static across(call: usize): i32 { return Fourier.size(call) / Fourier.parts(call); }
  @inline static group(call: usize): i32 { return load<i32>(Call.fourier(call), FOURIER_group); }
  /** Bytes of a row of complex numbers. */
  @inline static rowBytes(call: usize): usize { return load<u32>(Call.fourier(call), FOURIER_rowBytes); }
  /** Cosines and sines over channels, `[block, d, 16]`. */
  @inline static matrix(call: usize): usize { return load<u32>(Call.fourier(call), FOURIER_matrix); }
  /** The numbers between phases, and bytes from one row of them to the next. */
  @inline static work(call: usize): usize { return load<u32>(Call.fourier(call), FOURIER_work); }
  @inline static workStep(call: usize): usize { return load<u32>(Call.fourier(call), FOURIER_workStep); }
  /** `e^(-2πi·n·k/size)`, `[across, parts]`. */
  @inline static twists(call: usize): usize { return load<u32>(Call.fourier(call), FOURIER_twists); }
  /** `e^(-πi·n²/length)` of each token, or 0 if there is none; and the transform of its inverse, `[parts, across]`. */
  @inline static chirp(call: usize): usize { return load<u32>(Call.fourier(call), FOURIER_chirp); }
  @inline static spectrum(call: usize): usize { return load<u32>(Call.fourier(call), FOURIER_spectrum); }
  /** Levels of the transforms over parts, and across. */
  @inline static first(call: usize): usize { return Call.fourier(call) + load<u32>(Call.fourier(call), FOURIER_first); }
  @inline static second(call: usize): usize { return Call.fourier(call) + load<u32>(Call.fourier(call), FOURIER_second); }
}

/** Where number n of those between phases is. */
@inline
function workRow(call: usize, n: i32): usize {
  const across = Fourier.across(call);
  return Fourier.work(call) + <usize>(n / across) * Fourier.workStep(call) + <usize>(n % across) * Fourier.rowBytes(call);
}

/** Columns `first … first + count - 1`, over channels and over parts. */
function columns(call: usize, lane: usize, first: i32, count: i32): void {
  const parts = Fourier.parts(call);
  const rowBytes = Fourier.rowBytes(call);
  const across = Fourier.across(call);
  const d = Call.valueDim(call);
  const length = Call.length(call);
  const bytes: usize = <usize>d << 2;
  const chirp = Fourier.chirp(call);
  const rows = parts * count;
  const spare = Lane.spare(lane);
  let token = first, within = 0;
  for (let r = 0; r < rows; r += QUERIES) {
    const here = min(QUERIES, rows - r);
    const began = token, beganWithin = within;
    for (let i = 0; i < here; i++) {
      const to = Lane.queries(lane) + <usize>i * QUERY_ROW;
      if (token < length) copyRow(Call.v(call) + <usize>token * bytes, bytes, to);
      else memory.fill(to, 0, bytes);
      token++;
      within++;
      if (within == count) {
        within = 0;
        token += across - count;
      }
    }
    overChannels(call, lane, here, spare + <usize>r * rowBytes);
    if (chirp == 0) continue;
    token = began;
    within = beganWithin;
    for (let i = 0; i < here; i++) {
      const row = spare + <usize>(r + i) * rowBytes;
      if (token < length) turnRows64(row, row, rowBytes, chirp + (<usize>token << 3));
      token++;
      within++;
      if (within == count) {
        within = 0;
        token += across - count;
      }
    }
  }
  transformRows(Fourier.first(call), spare, Lane.rows(lane), Lane.otherRows(lane), count, rowBytes);
  let row = Lane.rows(lane);
  for (let k = 0; k < parts; k++) {
    let to = Fourier.work(call) + <usize>k * Fourier.workStep(call) + <usize>first * rowBytes;
    for (let q = 0; q < count; q++) {
      turnRows64(row, to, rowBytes, Fourier.twists(call) + (<usize>((first + q) * parts + k) << 3));
      row += rowBytes;
      to += rowBytes;
    }
  }
}

/** The rows of queries in the lane times the matrix. */
function overChannels(call: usize, lane: usize, rows: i32, to: usize): void {
  const d = Call.valueDim(call);
  const rowBytes = Fourier.rowBytes(call);
  const panelBytes: usize = <usize>(d * PANEL_KEYS) << 2;
  let panel = Fourier.matrix(call);
  for (let c: usize = 0; c < rowBytes; c += PANEL_KEYS << 2) {
    for (let r = 0; r < rows; r += PANEL_QUERIES) {
      scoresTile(rows - r, Lane.queries(lane) + <usize>r * QUERY_ROW, panel, PANEL_KEYS << 2, to + <usize>r * rowBytes + c, rowBytes, d);
    }
    panel += panelBytes;
  }
}

/** Row k of the matrix of numbers, and the one that belongs to it: those frequencies of the output. */
function pair(call: usize, lane: usize, k: i32): void {
  const parts = Fourier.parts(call);
  const across = Fourier.across(call);
  const rowBytes = Fourier.rowBytes(call);
  const other = k == 0 ? 0 : parts - k;
  transformRows(Fourier.second(call), Fourier.work(call) + <usize>k * Fourier.workStep(call), Lane.rows(lane), Lane.spare(lane), 1, rowBytes);
  if (other == k) {
    // Row 0 is its own mirror image from number 1 on, and the middle row from number 0 on.
    for (let at = 0; at < across; at++) {
      const mirror = k == 0 ? (at == 0 ? 0 : across - at) : across - 1 - at;
      frequency(call, lane, k + parts * at, Lane.rows(lane), at, Lane.rows(lane), mirror);
    }
    return;
  }
  transformRows(Fourier.second(call), Fourier.work(call) + <usize>other * Fourier.workStep(call), Lane.otherRows(lane), Lane.spare(lane), 1, rowBytes);
  for (let at = 0; at < across; at++) {
    frequency(call, lane, k + parts * at, Lane.rows(lane), at, Lane.otherRows(lane), across - 1 - at);
    frequency(call, lane, other + parts * at, Lane.otherRows(lane), at, Lane.rows(lane), across - 1 - at);
  }
}

@inline
function frequency(call: usize, lane: usize, k: i32, rows: usize, at: i32, others: usize, mirror: i32): void {
  const d = Call.valueDim(call);
  const rowBytes = Fourier.rowBytes(call);
  writeRow(rows + <usize>at * rowBytes, others + <usize>mirror * rowBytes, d, Call.out(call) + (<usize>k * <usize>d << 2));
}

/** Row k of the matrix of numbers, both ways: times the spectrum of the chirp between. */
function convolve(call: usize, lane: usize, k: i32): void {
  const across = Fourier.across(call);
  const parts = Fourier.parts(call);
  const rowBytes = Fourier.rowBytes(call);
  const work = Fourier.work(call) + <usize>k * Fourier.workStep(call);
  const rows = Lane.rows(lane);
  transformRows(Fourier.second(call), work, rows, Lane.spare(lane), 1, rowBytes);
  for (let at = 0; at < across; at++) {
    const row = rows + <usize>at * rowBytes;
    turnAndConjugate(row, row, rowBytes, Fourier.spectrum(call) + (<usize>(k * across + at) << 3));
  }
  // What is conjugated before and after is transformed back.
  transformRows(Fourier.second(call), rows, Lane.otherRows(lane), Lane.spare(lane), 1, rowBytes);
  for (let at = 0; at < across; at++) {
    turnRows64(Lane.otherRows(lane) + <usize>at * rowBytes, work + <usize>at * rowBytes, rowBytes, Fourier.twists(call) + (<usize>(at * parts + k) << 3));
  }
}

/** Columns back, turned by the chirp, in their own places. They remain conjugated until then. */
function back(call: usize, lane: usize, first: i32, count: i32): void {
  const parts = Fourier.parts(call);
  const across = Fourier.across(call);
  const rowBytes = Fourier.rowBytes(call);
  const groupBytes: usize = <usize>count * rowBytes;
  const work = Fourier.work(call) + <usize>first * rowBytes;
  for (let k = 0; k < parts; k++) copyRow(work + <usize>k * Fourier.workStep(call), groupBytes, Lane.spare(lane) + <usize>k * groupBytes);
  transformRows(Fourier.first(call), Lane.spare(lane), Lane.rows(lane), Lane.otherRows(lane), count, rowBytes);
  for (let n = 0; n < parts; n++) {
    for (let q = 0; q < count; q++) {
      const token = n * across + first + q;
      if (token >= Call.length(call)) return;
      const row = Lane.rows(lane) + <usize>(n * count + q) * rowBytes;
      // conj(x)·w = conj(x·conj(w)): the chirp of the second half of the table is conjugated.
      const conjugated = Fourier.chirp(call) + (<usize>(Call.length(call) + token) << 3);
      turnAndConjugate(row, work + <usize>n * Fourier.workStep(call) + <usize>q * rowBytes, rowBytes, conjugated);
    }
  }
}

/**
 * A row of the output, from the transform at its frequency and at the opposite one: number s of the first is column
 * `⌊d/2⌋ + s`, and of the second column `⌈d/2⌉ - s`, but for number 0: its real part belongs to column 0, and its imaginary
 * part, of an even d, to column d/2, of both rows in halves.
 */
function writeRow(row: usize, opposite: usize, d: i32, out: usize): void {
  const numbers = (d + 1) >> 1;
  const half = d >> 1;
  const high = out + (<usize>half << 2);
  let s = 0;
  for (; s + 8 <= numbers; s += 8) {
    v128.store(high + (<usize>s << 2), v128.load(row + (<usize>s << 3), 0), 0);
    v128.store(high + (<usize>s << 2), v128.load(row + (<usize>s << 3), 16), 16);
  }
  for (; s < numbers; s++) store<f32>(high + (<usize>s << 2), load<f32>(realPart(row, s)));
  let c = 1;
  if ((numbers & 3) == 0) {
    for (; c + 4 <= numbers; c += 4) {
      const x = v128.load(realPart(opposite, numbers - 3 - c));
      v128.store(out + (<usize>c << 2), v128.shuffle<f32>(x, x, 3, 2, 1, 0));
    }
  }
  for (; c < numbers; c++) store<f32>(out + (<usize>c << 2), load<f32>(realPart(opposite, numbers - c)));
  store<f32>(out, 0.5 * (load<f32>(row) + load<f32>(opposite)));
  if ((d & 1) == 0) store<f32>(high, 0.5 * (load<f32>(row, 32) + load<f32>(opposite, 32)));
}

/** Where the real part of number s of a row is. */
@inline
function realPart(row: usize, s: i32): usize {
  return row + (<usize>(s >> 3) << 6) + (<usize>(s & 7) << 2);
}
