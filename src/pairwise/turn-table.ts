import { type Turn, turnPerToken } from "./turn.ts";

/** Tokens `from … to - 1`. */
export interface TokenRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Fills `[tokens, headDim]` with the cosines and sines of a turn as kernels read them: those of each pair side by
 * side where pairs are neighbours, all cosines and then all sines where they are the two halves of a row. They are
 * computed in float64: the angle of a far token has no digits to lose.
 */
export function fillTurns(turn: Turn, headDim: number, { from, to }: TokenRange, table: Float32Array): void {
  const pairs = headDim / 2;
  const perToken = Float64Array.from({ length: pairs }, (_, pair) => turnPerToken(turn, pair, headDim));
  const halves = turn.layout === "half";
  for (let token = from; token < to; token++) {
    const row = (token - from) * headDim;
    for (let pair = 0; pair < pairs; pair++) {
      const angle = token * perToken[pair];
      table[row + (halves ? pair : 2 * pair)] = Math.cos(angle);
      table[row + (halves ? pairs + pair : 2 * pair + 1)] = Math.sin(angle);
    }
  }
}
