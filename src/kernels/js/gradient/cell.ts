import type { Problem } from "../../../core/problem.ts";
import { FLOAT_BYTES, type Layout, type Shape, whyNotShape } from "../../../core/shape.ts";
import { type Cell, GATES, isCell, isLearned } from "../../../mechanisms/cell/declare.ts";
import {
  type Gradient,
  gradientArrays,
  isGradientOf,
  problemWithin,
} from "../../../mechanisms/gradient/declare.ts";
import type { Ability } from "../../by-kind.ts";
import type { Runnable } from "../../kernel.ts";
import { Workspace } from "../../workspace.ts";
import { prepareCell } from "../cell-kernel.ts";
import type { Means } from "../means.ts";
import { gatedBack } from "./cell-gated.ts";
import { learnedBack } from "./cell-learned.ts";
import { inPasses } from "./passes.ts";
import { SumsByHead, weightsOf } from "./sums-by-head.ts";
import { writtenBytes } from "./written-bytes.ts";

/** The gradients of recurrent cells: the states of a head from the first token to the last, and then back. */
export const cellGradient: Ability<Gradient<Cell>, Means> = {
  is: isGradientOf(isCell),
  whyNot: ({ shape }) => whyNotShape(shape),
  prepare: (problem, { output }) => prepareCellGradient(problem, output),
};

function prepareCellGradient(problem: Problem<Gradient<Cell>>, output: Float32Array): Runnable {
  const within = problemWithin(problem);
  const { mechanism, shape } = within;
  const { batch, heads, length, headDim } = shape;
  const { gradients } = gradientArrays(problem, output);
  const workspace = new Workspace();
  const sums = new SumsByHead(problem, layoutsOf(mechanism, shape), gradients, workspace);
  const back = (isLearned(mechanism) ? learnedBack : gatedBack)(mechanism, shape, workspace);
  return inPasses(problem, output, {
    forward: (out) => prepareCell(within, mechanism, out),
    saved: [],
    backward: {
      run: () => sums.run((at) => back.run(sums, at)),
      workspaceBytes: workspace.bytes,
      executedFlops: batch * heads * length * back.tokenFlops,
      // Inputs are read on the way there and on the way back.
      bytes: FLOAT_BYTES * batch * heads * length * headDim * 7 + writtenBytes(gradients),
    },
  });
}

function layoutsOf(mechanism: Cell, { heads, headDim }: Shape): Readonly<Record<string, Layout>> {
  if (!isLearned(mechanism)) return {};
  const table = weightsOf(heads, GATES[mechanism.cell] * headDim, headDim);
  return { w: table, u: table };
}
