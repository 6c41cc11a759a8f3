import type { Problem } from "../../../core/problem.ts";
import { elementCount, FLOAT_BYTES } from "../../../core/shape.ts";
import { type Cell, isCell, isLearned } from "../../../mechanisms/cell/declare.ts";
import {
  type Gradient,
  gradientArrays,
  isGradientOf,
  makesOutput,
  problemWithin,
  taskWithin,
} from "../../../mechanisms/gradient/declare.ts";
import type { Ability } from "../../by-kind.ts";
import type { Runnable } from "../../kernel.ts";
import { Call, ScratchPlan } from "../call.ts";
import { cell } from "../cell.ts";
import { cellItems, channelsOfItem, prepareCell } from "../cell-kernel.ts";
import { CELL_KIND } from "../layout.ts";
import type { Means } from "../means.ts";
import { phaseRunner } from "../run-phases.ts";
import { bothPasses } from "./both-passes.ts";
import { CELL_BACK, CELL_BACK_WORDS } from "./mixing-layout.ts";
import { gradientTensors } from "./tensors.ts";

/** Operations of a number, a power counted as one: gates, and what goes on and to the inputs. */
const NUMBER_FLOPS = { "min-gru": 14, "min-lstm": 28 } as const;

/** The gradients of recurrent cells whose gates the call gives: from the last token to the first, on the outputs of the forward pass. */
export const cellGradient: Ability<Gradient<Cell>, Means> = {
  is: isGradientOf(isCell),
  whyNot(task) {
    if (isLearned(task.mechanism.of)) return "it computes no gradient of cells whose gates have weights";
    return cell.whyNot?.(taskWithin(task)) ?? null;
  },
  prepare: prepareCellGradient,
};

function prepareCellGradient(problem: Problem<Gradient<Cell>>, means: Means): Runnable {
  const { mechanism, shape } = problem;
  const { arena, inputs, dout, output, copied } = gradientTensors(problem, means.output);
  const { out, gradients } = gradientArrays(problem, output);
  const within = { ...problemWithin(problem), inputs };
  const outCount = out === null ? elementCount(shape, "output") : 0;
  const region = arena.reserve(outCount * FLOAT_BYTES);
  const states = out ?? arena.floats(region.start, outCount);
  return bothPasses({
    forward: prepareCell(within, within.mechanism, { ...means, output: states }),
    backward: prepareBack(within, { dout, states, gradients }, means),
    isTraining: makesOutput(mechanism),
    saved: [states],
    bytes: region.bytes,
    copied,
    output,
    release: () => arena.release(region),
  });
}

interface BackTensors {
  readonly dout: Float32Array;
  /** What the forward pass leaves: its output, which is the state after each token. */
  readonly states: Float32Array;
  readonly gradients: Readonly<Record<string, Float32Array>>;
}

type Back = Pick<Runnable, "run" | "workspaceBytes" | "executedFlops" | "bytes" | "dispose">;

function prepareBack(
  { mechanism, shape, inputs, threads }: Problem<Cell>,
  { dout, states, gradients }: BackTensors,
  { build, pool }: Pick<Means, "build" | "pool">,
): Back {
  if (isLearned(mechanism)) throw new TypeError("gradient: gates must be given");
  const { batch, heads, length, headDim } = shape;
  const isGru = mechanism.cell === "min-gru";
  const plan = new ScratchPlan();
  const channels = channelsOfItem(batch * heads, headDim, threads);
  const items = cellItems(batch * heads, headDim, channels);
  const itemsAt = plan.words(items.length);
  const wordsAt = plan.words(CELL_BACK_WORDS);
  const lanes = Array.from({ length: threads }, () => ({ state: plan.words(headDim) }));
  // What a forward pass would write is read.
  const call = new Call(plan, inputs, dout, lanes);
  call.copy(itemsAt, items);
  call.set({ length, d: headDim, cellChannels: channels, gradient: call.place(wordsAt) });
  call.set({ cell: isGru ? CELL_KIND.minGru : CELL_KIND.minLstm });
  call.pointAt(0, 0);
  const { dq, dk, dv } = gradients;
  const words = call.arena.integers(call.place(wordsAt), CELL_BACK_WORDS);
  for (const [name, tensor] of Object.entries({ states, dq, dk, dv })) {
    words[CELL_BACK[name as keyof typeof CELL_BACK]] = tensor.byteOffset;
  }
  const runner = phaseRunner(call, build, "runCellGradientItems", pool);
  const phases = call.phases(itemsAt, [items.length]);
  const numbers = batch * heads * length;
  return {
    run() {
      if (isGru) dq.fill(0);
      runner.run(phases);
    },
    workspaceBytes: call.workspaceBytes,
    executedFlops: numbers * Math.ceil(headDim / 4) * 4 * NUMBER_FLOPS[mechanism.cell],
    // Read are k, v, dout and states, and q of minLSTM.
    bytes: FLOAT_BYTES * numbers * headDim * (isGru ? 7 : 8),
    dispose: () => runner.dispose(),
  };
}
