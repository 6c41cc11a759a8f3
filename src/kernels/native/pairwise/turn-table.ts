import { FLOAT_BYTES } from "../../../core/shape.ts";
import type { Turn } from "../../../pairwise/turn.ts";
import { fillTurns, type TokenRange } from "../../../pairwise/turn-table.ts";
import type { MemoryPlan, Region } from "../call/memory.ts";
import { writeWords } from "../call/write-words.ts";
import { LANES } from "../code/transpose.ts";
import { TURN } from "./turn.ts";

/** The angles of tokens, which all heads share, in memory. */
export interface TurnTable {
  /** Bytes of the angles of one token. */
  readonly rowBytes: number;
  /** The address of a token's angles. Throws a RangeError for a token that has none. */
  anglesOf(token: number): bigint;
}

/** A turn by the positions of tokens, or the other way, as the gradients of what was turned go. */
export type Direction = "forth" | "back";

/** Makes room for the angles of a turn. Returns what fills them and says where they are, once there is memory. */
export function planTurnTable(
  turn: Turn,
  headDim: number,
  tokens: TokenRange,
  plan: MemoryPlan,
  direction: Direction = "forth",
): () => TurnTable {
  const rowBytes = headDim * FLOAT_BYTES;
  const region = plan.reserve((tokens.to - tokens.from) * rowBytes);
  return () => {
    const { floats, address } = region();
    fillTurns(turn, headDim, tokens, floats);
    if (direction === "back") negateSines(turn, headDim, floats);
    return {
      rowBytes,
      anglesOf(token) {
        if (!(Number.isInteger(token) && token >= tokens.from && token < tokens.to)) {
          throw new RangeError(`a token must be ${tokens.from} to ${tokens.to - 1}, got ${token}`);
        }
        return address + BigInt((token - tokens.from) * rowBytes);
      },
    };
  };
}

/** Writes the words of a block of `TURN` that say how rows of this width turn, at a multiple of 8 bytes of a region. */
export function writeTurnedWidth(region: Region, turn: Turn, headDim: number, offset = 0): void {
  if (!(Number.isInteger(headDim) && headDim > 0 && headDim % 2 === 0)) {
    throw new RangeError(`a row that turns must have pairs of channels, got ${headDim}`);
  }
  const halves = turn.layout === "half";
  const width = halves ? headDim / 2 : headDim;
  const words: readonly (readonly [number, number])[] = [
    [TURN.half, halves ? width * FLOAT_BYTES : 0],
    [TURN.whole, Math.floor(width / LANES) * LANES * FLOAT_BYTES],
    [TURN.tail, 2 ** (width % LANES) - 1],
  ];
  writeWords(region, words, offset);
}

/** Sines are the second of each pair, or the second halves of rows. */
function negateSines(turn: Turn, headDim: number, table: Float32Array): void {
  const isSine =
    turn.layout === "half" ? (at: number) => at % headDim >= headDim / 2 : (at: number) => at % 2 === 1;
  for (const [at, number] of table.entries()) if (isSine(at)) table[at] = -number;
}
