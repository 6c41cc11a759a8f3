import type { Shape } from "../../../core/shape.ts";
import type { Turn } from "../../../pairwise/turn.ts";
import { fillTurns } from "../../../pairwise/turn-table.ts";
import type { CallBuilder } from "../gpu/call-builder.ts";
import { gridOf } from "../wgsl/grid.ts";
import { uniformWords } from "../wgsl/uniform.ts";
import { TURN_BINDINGS, TURN_CALL, TURN_THREADS, turnShader } from "./turn-shader.ts";

/**
 * Adds dispatches that turn q and k, once each: in tiles a key would be turned again for every 64 rows that read
 * it. Returns where the turned rows are, in float32.
 */
export async function planTurns(
  builder: CallBuilder,
  turn: Turn,
  { batch, heads, kvHeads, length, queries, headDim }: Shape,
): Promise<{ readonly q: GPUBuffer; readonly k: GPUBuffer }> {
  const firstQuery = length - queries;
  const from = Math.min(0, firstQuery);
  const angles = new Float32Array((length - from) * headDim);
  fillTurns(turn, headDim, { from, to: length }, angles);
  const table = builder.constant("angles", angles);
  const code = turnShader(headDim, turn.layout, builder.storage);
  const turned = async (name: "q" | "k", perHead: number, ofHeads: number, first: number) => {
    const rows = batch * ofHeads * perHead;
    const to = builder.scratch(`turned ${name}`, 4 * rows * headDim);
    await builder.dispatch({
      label: `turning ${name}`,
      code,
      bindings: {
        [TURN_BINDINGS.call]: builder.uniform(
          `turning ${name}`,
          uniformWords(TURN_CALL, { rows, perHead, first }),
        ),
        [TURN_BINDINGS.from]: builder.input(name),
        [TURN_BINDINGS.angles]: table,
        [TURN_BINDINGS.to]: to,
      },
      groups: [...gridOf(Math.ceil((rows * headDim) / 2 / TURN_THREADS)), 1],
    });
    return to;
  };
  return {
    q: await turned("q", queries, heads, firstQuery - from),
    k: await turned("k", length, kvHeads, -from),
  };
}
