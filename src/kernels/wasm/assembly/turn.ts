import { Call } from "./call";

/**
 * Rotary positions (Su et al. 2021, arXiv 2104.09864): each pair of channels of a row turns by an angle that its token decides.
 * The angles of a token are d numbers: the cosine and the sine of each pair, one behind the other, where pairs are neighbours;
 * all cosines and then all sines where they are the two halves of a row.
 */

/** Turns `count` rows `fromStep` bytes apart, of the tokens `token, token + step, …`, which may stay where they are. */
export function turnRows(call: usize, from: usize, fromStep: usize, count: i32, token: i32, step: i32, to: usize, toStep: usize): void {
  for (let r = 0; r < count; r++) {
    turnRow(call, from, token, to);
    from += fromStep;
    to += toStep;
    token += step;
  }
}

/** Turns one row of a token. */
export function turnRow(call: usize, from: usize, token: i32, to: usize): void {
  const rowBytes: usize = <usize>Call.d(call) << 2;
  const angles = Call.turns(call) + <usize>token * rowBytes;
  if (Call.turnsHalves(call)) turnHalves(from, angles, rowBytes >> 1, to);
  else turnNeighbours(from, angles, rowBytes, to);
}

function turnHalves(from: usize, angles: usize, half: usize, to: usize): void {
  let i: usize = 0;
  for (; i + 16 <= half; i += 16) {
    const x = v128.load(from + i), y = v128.load(from + half + i);
    const cosine = v128.load(angles + i), sine = v128.load(angles + half + i);
    v128.store(to + i, f32x4.sub(f32x4.mul(x, cosine), f32x4.mul(y, sine)));
    v128.store(to + half + i, f32x4.add(f32x4.mul(x, sine), f32x4.mul(y, cosine)));
  }
  for (; i < half; i += 4) turnPair(from + i, from + half + i, load<f32>(angles + i), load<f32>(angles + half + i), to + i, to + half + i);
}

function turnNeighbours(from: usize, angles: usize, rowBytes: usize, to: usize): void {
  const signs = f32x4(-1, 1, -1, 1);
  let i: usize = 0;
  for (; i + 16 <= rowBytes; i += 16) {
    const row = v128.load(from + i), both = v128.load(angles + i);
    const cosines = v128.shuffle<f32>(both, both, 0, 0, 2, 2);
    const sines = f32x4.mul(signs, v128.shuffle<f32>(both, both, 1, 1, 3, 3));
    v128.store(to + i, f32x4.add(f32x4.mul(row, cosines), f32x4.mul(v128.shuffle<f32>(row, row, 1, 0, 3, 2), sines)));
  }
  for (; i < rowBytes; i += 8) turnPair(from + i, from + i + 4, load<f32>(angles + i), load<f32>(angles + i, 4), to + i, to + i + 4);
}

@inline
function turnPair(first: usize, second: usize, cosine: f32, sine: f32, toFirst: usize, toSecond: usize): void {
  const x = load<f32>(first), y = load<f32>(second);
  store<f32>(toFirst, x * cosine - y * sine);
  store<f32>(toSecond, x * sine + y * cosine);
}
