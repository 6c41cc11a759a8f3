import type { TurnLayout } from "../../../pairwise/turn.ts";

/** Rows whose columns are read and, it may be, turned. */
interface TurnedRows {
  /** The number at an index, in WGSL. */
  readonly at: (index: string) => string;
  readonly headDim: number;
  readonly turn: TurnLayout | null;
}

/**
 * In WGSL: `quadOf(start, quad, position)`, four columns of the row that begins at `start`, turned by `position` if rows
 * are, with 0 beyond the last column. Angles are in `angles`, as `fillTurns` writes them.
 */
export function turnedText({ at, headDim, turn }: TurnedRows): string {
  return `${columnText({ at, headDim, turn })}
fn quadOf(start: u32, quad: u32, position: u32) -> vec4f {
  var x = vec4f();
  for (var i = 0u; i < 4u; i++) {
    let column = 4u * quad + i;
    if (column < ${headDim}u) { x[i] = columnOf(start, column, position); }
  }
  return x;
}`;
}

function columnText({ at, headDim, turn }: TurnedRows): string {
  const begin = "fn columnOf(start: u32, column: u32, position: u32) -> f32 {";
  if (turn === null) return `${begin} return ${at("start + column")}; }`;
  const { pair, second } = PAIRS[turn](headDim);
  return `${begin}
  let pair = ${pair};
  let cosine = angles[position * ${headDim}u + pair];
  let sine = angles[position * ${headDim}u + pair + ${second}u];
  let x = ${at("start + pair")};
  let y = ${at(`start + pair + ${second}u`)};
  return select(x * cosine - y * sine, x * sine + y * cosine, column != pair);
}`;
}

/** The first channel of a column's pair, and how far the second is from it. */
const PAIRS: Readonly<
  Record<TurnLayout, (headDim: number) => { readonly pair: string; readonly second: number }>
> = {
  interleaved: () => ({ pair: "column & ~1u", second: 1 }),
  half: (headDim) => ({ pair: `column % ${headDim / 2}u`, second: headDim / 2 }),
};
