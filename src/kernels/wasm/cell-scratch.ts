import { FLOAT_BYTES, type Shape } from "../../core/shape.ts";
import { type Cell, isLearned, STATES } from "../../mechanisms/cell/declare.ts";
import type { Build } from "./build.ts";
import type { CallWords, LaneWords, ScratchPlan } from "./call.ts";
import { CELL_KIND, CELL_TOKENS, QUERY_ROW, TANH_WORDS } from "./layout.ts";
import { packedCells } from "./pack-cells.ts";

const KINDS = {
  "min-gru": CELL_KIND.minGru,
  "min-lstm": CELL_KIND.minLstm,
  elman: CELL_KIND.elman,
  lstm: CELL_KIND.lstm,
} as const;

/** What a call of recurrent cells has in its scratch besides what its lanes have. */
export interface CellScratch {
  /** Floats of a token's sums; 0 where gates are given. */
  readonly columns: number;
  /** Floats of all states. */
  readonly stateFloats: number;
  /** Words of the call, once its places have addresses. */
  words(place: (planned: number) => number): CallWords;
  /** Places of states and of packed weights. */
  readonly states: number;
  readonly weights: number;
  readonly weightFloats: number;
  pack(w: Float32Array, u: Float32Array, to: Float32Array): void;
  lane(): LaneWords;
}

/** Lays out the states of all batch entries and heads, and the packed weights of the heads. */
export function planCells(mechanism: Cell, shape: Shape, build: Build, plan: ScratchPlan): CellScratch {
  const { batch, heads, headDim } = shape;
  const packed = packedCells(mechanism, heads, headDim, build);
  const { columns, floats } = packed;
  const channels = Math.ceil(headDim / 8) * 8;
  // Whole lines: threads write states side by side.
  const stateWords = Math.ceil((STATES[mechanism.cell] * channels) / 16) * 16;
  const stateFloats = batch * heads * stateWords;
  const states = plan.words(stateFloats);
  const weightFloats = isLearned(mechanism) ? heads * floats : 0;
  const weights = plan.words(weightFloats);
  return {
    columns,
    stateFloats,
    states,
    weights,
    weightFloats,
    pack: packed.pack,
    words: (place) => ({
      cell: KINDS[mechanism.cell],
      cellHeads: heads,
      cellWeights: place(weights),
      cellWeightBytes: floats * FLOAT_BYTES,
      width: columns,
      states: place(states),
      stateBytes: stateWords * FLOAT_BYTES,
      slices: batch * heads,
    }),
    lane: () =>
      isLearned(mechanism)
        ? {
            queries: plan.words((CELL_TOKENS * QUERY_ROW) / FLOAT_BYTES),
            output: plan.words(CELL_TOKENS * columns),
            exact: plan.words(2 * TANH_WORDS),
          }
        : {},
  };
}
