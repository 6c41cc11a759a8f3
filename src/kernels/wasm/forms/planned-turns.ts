import { FLOAT_BYTES } from "../../../core/shape.ts";
import type { Turn } from "../../../pairwise/turn.ts";
import { fillTurns, type TokenRange } from "../../../pairwise/turn-table.ts";
import type { CallWords, ScratchPlan } from "../call.ts";
import type { CallMemory } from "./call-memory.ts";

/** Makes room for the angles of a turn, which all heads share. Returns what writes them, once there is memory. */
export function planTurns(
  turn: Turn | undefined,
  headDim: number,
  tokens: TokenRange,
  plan: ScratchPlan,
): (memory: CallMemory) => CallWords {
  if (turn === undefined) return () => ({ turns: 0 });
  const count = (tokens.to - tokens.from) * headDim;
  const at = plan.words(count);
  return (memory) => {
    const start = memory.place(at);
    fillTurns(turn, headDim, tokens, memory.arena.floats(start, count));
    return {
      turns: start - tokens.from * headDim * FLOAT_BYTES,
      turnsHalves: Number(turn.layout === "half"),
    };
  };
}
