import { type Cell, GATES } from "../../mechanisms/cell/declare.ts";
import type { Build } from "./build.ts";

/** Rows of the gates in W and U, which are i, f, g, o, in the order in which the module has them: those that are σ first. */
const GATE_ORDER = [0, 1, 3, 2];

/** How the weights of a learned cell lie in the module's memory. */
export interface PackedCells {
  /** Floats of a token's sums: all gates, up to a whole block of the matrix-vector product. */
  readonly columns: number;
  /** Floats of one head. */
  readonly floats: number;
  /** Packs W and U, `[heads, gates·d, d]`, of all heads; what is beyond their columns stays as it is. */
  pack(w: Float32Array, u: Float32Array, to: Float32Array): void;
}

/**
 * W in panels `[columns / panelKeys, d, panelKeys]` for the micro-kernel, and behind it U in blocks `[columns / block, d,
 * block]` for products with a vector, as `assembly/learned-cell.ts` reads them.
 */
export function packedCells(
  { cell }: Cell,
  heads: number,
  headDim: number,
  { panelKeys }: Build,
): PackedCells {
  const gates = GATES[cell];
  const block = 4 * panelKeys;
  const channels = Math.ceil(headDim / 8) * 8;
  const columns = Math.ceil((gates * channels) / block) * block;
  const floats = 2 * columns * headDim;
  return {
    columns,
    floats,
    pack(w, u, to) {
      for (let head = 0; head < heads; head++) {
        for (let slot = 0; slot < gates; slot++) {
          const gate = gates === 1 ? 0 : GATE_ORDER[slot];
          const from = (head * gates + gate) * headDim * headDim;
          const ofW = head * floats;
          const ofU = ofW + columns * headDim;
          for (let i = 0; i < headDim; i++) {
            const column = slot * channels + i;
            packRow(w, from + i * headDim, headDim, column, panelKeys, to, ofW);
            packRow(u, from + i * headDim, headDim, column, block, to, ofU);
          }
        }
      }
    },
  };
}

/** A row of weights becomes a column of panels `[d, width]`. */
function packRow(
  weights: Float32Array,
  from: number,
  count: number,
  column: number,
  width: number,
  to: Float32Array,
  start: number,
): void {
  let at = start + Math.floor(column / width) * count * width + (column % width);
  for (let j = 0; j < count; j++, at += width) to[at] = weights[from + j];
}
