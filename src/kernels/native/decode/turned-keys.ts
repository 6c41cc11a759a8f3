import type { Shape } from "../../../core/shape.ts";
import type { Turn } from "../../../pairwise/turn.ts";
import type { MemoryPlan, Region } from "../call/memory.ts";
import type { Program } from "../call/program.ts";
import { writeWords } from "../call/write-words.ts";
import { TURN, TURN_BYTES } from "../pairwise/turn.ts";
import { planTurnTable, writeTurnedWidth } from "../pairwise/turn-table.ts";
import { CALL } from "./layout.ts";
import type { RowSizes } from "./row-sizes.ts";

/** Rotary positions in decoding: a step turns its own q and k, and keys that a prefill brings are turned in their cache. */
export interface TurnedKeys {
  /** Writes what a step turns into its call: the token's rows of q and k at these addresses. */
  writeCall(call: Region, rows: { readonly q: bigint; readonly k: bigint }): void;
  /** Turns `count` rows of a cache that begins at an address, from a slot on: those of `token` and the following ones. */
  turn(program: Program, cache: Region, slot: number, count: number, token: number): void;
}

/** Makes room for angles, if q and k are turned. Returns what fills them once there is memory. */
export function planTurnedKeys(
  turn: Turn | undefined,
  { batch, heads, kvHeads, headDim, length }: Shape,
  { bytes, row }: RowSizes,
  plan: MemoryPlan,
): (() => TurnedKeys) | undefined {
  if (turn === undefined) return undefined;
  const table = planTurnTable(turn, headDim, { from: 0, to: length }, plan);
  const block = plan.reserve(TURN_BYTES);
  return () => {
    const angles = table();
    const region = block();
    writeTurnedWidth(region, turn, headDim);
    return {
      writeCall(call, { q, k }) {
        for (const [at, rows, count] of [
          [CALL.turnQueries, q, batch * heads],
          [CALL.turnKeys, k, batch * kvHeads],
        ] as const) {
          writeTurnedWidth(call, turn, headDim, at);
          const words = { from: rows, to: rows, rows: count, fromStep: bytes, toStep: bytes, angleStep: 0 };
          writeWords(call, wordsOf(words), at);
        }
        writeWords(call, [
          [CALL.angles, angles.anglesOf(0)],
          [CALL.angleRow, angles.rowBytes],
        ]);
      },
      turn(program, cache, slot, count, token) {
        if (!(slot >= 0 && count > 0 && (slot + count) * row <= cache.bytes)) {
          throw new RangeError(
            `slots ${slot} to ${slot + count - 1} must be within a cache of ${cache.bytes} bytes`,
          );
        }
        angles.anglesOf(token + count - 1);
        const rows = cache.address + BigInt(slot * row);
        const steps = { fromStep: row, toStep: row, angleStep: angles.rowBytes };
        writeWords(
          region,
          wordsOf({ from: rows, to: rows, angles: angles.anglesOf(token), rows: count, ...steps }),
        );
        program.entry("turn_rows")(region.address);
      },
    };
  };
}

function wordsOf(words: Partial<Record<keyof typeof TURN, number | bigint>>) {
  return Object.entries(words).map(([name, value]) => [TURN[name as keyof typeof TURN], value] as const);
}
