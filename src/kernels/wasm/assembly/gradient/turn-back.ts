import { Call } from "../call";

/** Turns a row of a token back by the angles by which `turnRow` turns it, in its place. */
export function turnRowBack(call: usize, row: usize, token: i32): void {
  const rowBytes: usize = <usize>Call.d(call) << 2;
  const angles = Call.turns(call) + <usize>token * rowBytes;
  const half = rowBytes >> 1;
  const halves = Call.turnsHalves(call);
  // Bytes from a pair's first channel to its second, and from one pair's to the next one's.
  const apart: usize = halves ? half : 4;
  const step: usize = halves ? 4 : 8;
  for (let i: usize = 0, pair: usize = 0; pair < half; pair += 4, i += step) {
    const x = load<f32>(row + i), y = load<f32>(row + i + apart);
    const cosine = load<f32>(angles + i), sine = load<f32>(angles + i + apart);
    store<f32>(row + i, x * cosine + y * sine);
    store<f32>(row + i + apart, y * cosine - x * sine);
  }
}
