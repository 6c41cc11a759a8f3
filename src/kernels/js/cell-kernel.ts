import type { Problem } from "../../core/problem.ts";
import { layoutOf, offsetIn } from "../../core/shape.ts";
import { tensorNamed } from "../../core/tensors.ts";
import { type Cell, isLearned } from "../../mechanisms/cell/declare.ts";
import { leastBytes } from "../cell-bytes.ts";
import type { Runnable } from "../kernel.ts";
import { CellStates, type CellWeights } from "./cell-states.ts";

/** Recurrent cells, head by head and token by token. */
export function prepareCell(problem: Problem, mechanism: Cell, output: Float32Array): Runnable {
  const { shape, inputs } = problem;
  const { batch, heads, length, headDim } = shape;
  const layout = layoutOf(shape, "v");
  const states = new CellStates(mechanism, 1, headDim);
  const weights: CellWeights | null = isLearned(mechanism)
    ? { w: tensorNamed(inputs, "w"), u: tensorNamed(inputs, "u") }
    : null;
  return {
    run() {
      for (let slice = 0; slice < batch * heads; slice++) {
        states.clear();
        for (let token = 0; token < length; token++) {
          const at = offsetIn(layout, 0, slice, token);
          states.takeIn(0, slice % heads, inputs, at, weights);
          states.write(0, output, at);
        }
      }
    },
    output: () => output,
    workspaceBytes: states.workspaceBytes + states.stateBytes,
    executedFlops: batch * heads * length * tokenFlops(mechanism, headDim),
    bytes: leastBytes(mechanism, shape),
    dispose() {},
  };
}

/** Products with both weights; or a blend, whose shares are each made by themselves. */
function tokenFlops({ cell }: Cell, headDim: number): number {
  switch (cell) {
    case "min-gru":
      return 7 * headDim;
    case "min-lstm":
      return 8 * headDim;
    case "elman":
      return 4 * headDim ** 2;
    case "lstm":
      return 16 * headDim ** 2;
    default:
      return cell satisfies never;
  }
}
