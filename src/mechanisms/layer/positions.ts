import type { RandomStream } from "../../core/random.ts";

/** What is added to tokens so that they know where they are: a table, a row for each. */
export type AddedPositions = Sinusoidal | Learned | Sine2d;

/** `sin(p/10000^{2t/D})` in channel 2t, its cosine in channel 2t + 1: Vaswani et al. 2017, arXiv 1706.03762, sec. 3.5. */
interface Sinusoidal {
  readonly scheme: "sinusoidal";
}

/** Learned numbers, drawn from N(0, 0.02²). */
interface Learned {
  readonly scheme: "learned";
}

/**
 * The row's sines in the first half of the channels, the column's in the second: Carion et al. 2020, arXiv 2005.12872,
 * appendix A.4.
 */
interface Sine2d {
  readonly scheme: "2d-sine";
  /** Pixels in a row; the root of the number of tokens, rounded, if null. */
  readonly width: number | null;
}

const BASE = 10_000;

/** Standard deviation of learned positions. */
const LEARNED_STD = 0.02;

/** Writes a table `[rows, width]`, from place 0 on. */
export function fillPositions(
  added: AddedPositions,
  random: RandomStream,
  to: Float32Array,
  width: number,
): void {
  const rows = to.length / width;
  const row = rowWriter(added, random, rows, width);
  for (let at = 0; at < rows; at++) row(at, to.subarray(at * width, (at + 1) * width));
}

type RowWriter = (place: number, to: Float32Array) => void;

function rowWriter(added: AddedPositions, random: RandomStream, rows: number, width: number): RowWriter {
  switch (added.scheme) {
    case "sinusoidal":
      return (place, to) => writeSines(place, to, 0, width);
    case "learned":
      return (_place, to) => {
        for (let c = 0; c < width; c++) to[c] = LEARNED_STD * random.gaussian();
      };
    case "2d-sine": {
      const columns = added.width ?? squareSide(rows);
      const lines = Math.ceil(rows / columns);
      return (place, to) => {
        const line = Math.floor(place / columns);
        writeSines(coordinate(line, lines), to, 0, width / 2);
        writeSines(coordinate(place - line * columns, columns), to, width / 2, width / 2);
      };
    }
    default:
      return added satisfies never;
  }
}

/** Pixels in a row of a square image of so many tokens. */
export function squareSide(tokens: number): number {
  return Math.max(1, Math.round(Math.sqrt(tokens)));
}

/** From above 0 to 2π, as DETR has it. */
function coordinate(index: number, extent: number): number {
  return ((index + 1) / (extent + 1e-6)) * 2 * Math.PI;
}

/** `count` channels from `from` on; an odd count ends on a sine. */
function writeSines(angle: number, to: Float32Array, from: number, count: number): void {
  for (let t = 0; t < count; t++) {
    const turned = angle / BASE ** ((2 * Math.floor(t / 2)) / count);
    to[from + t] = t % 2 === 0 ? Math.sin(turned) : Math.cos(turned);
  }
}
