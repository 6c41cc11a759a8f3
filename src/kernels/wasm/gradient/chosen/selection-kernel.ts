import type { Problem } from "../../../../core/problem.ts";
import { elementCount, FLOAT_BYTES, kvHeadOf } from "../../../../core/shape.ts";
import {
  type Gradient,
  gradientArrays,
  gradientName,
  makesOutput,
  problemWithin,
} from "../../../../mechanisms/gradient/declare.ts";
import { NSA_GATES, type Rule, type Selection } from "../../../../mechanisms/selection/declare.ts";
import type { Runnable } from "../../../kernel.ts";
import type { Arena } from "../../arena.ts";
import type { Means } from "../../means.ts";
import { prepareReformer } from "../../reformer-kernel.ts";
import { prepareRouting } from "../../routing-kernel.ts";
import type { LeftOfSelection } from "../../selection/left.ts";
import { prepareSelection } from "../../selection/selection-kernel.ts";
import { bothPasses } from "../both-passes.ts";
import type { SumCosts } from "../segments.ts";
import { gradientTensors } from "../tensors.ts";
import { prepareBlockBackward } from "./block-backward.ts";
import type { BranchesLeft, ChosenBackward, ChosenTask } from "./chosen-backward.ts";
import { prepareHashedBackward } from "./hashed-backward.ts";
import { prepareListedBackward } from "./listed-backward.ts";
import { prepareNsaBackward } from "./nsa-backward.ts";
import { prepareRoutedBackward } from "./routed-backward.ts";

/**
 * How many softmaxes leave the two numbers of each row, and how many an output of their own: those of NSA are summed. Of single keys
 * weights are made anew.
 */
function leftBy(rule: Rule): { readonly sums: number; readonly outs: number } {
  if (rule.id === "nsa") return { sums: NSA_GATES.length, outs: NSA_GATES.length };
  return { sums: rule.id === "top-k" ? 0 : 1, outs: 0 };
}

/** The forward pass, which leaves what it is told to. */
function prepareForward(
  problem: Problem<Selection>,
  scale: number,
  means: Means,
  left: LeftOfSelection,
): Runnable {
  const { rule } = problem.mechanism;
  if (rule.id === "reformer") return prepareReformer(problem, rule, scale, means, left);
  if (rule.id === "routing") return prepareRouting(problem, rule, scale, means, left);
  return prepareSelection(problem, rule, means, left);
}

function prepareBackward(
  rule: Rule,
  task: ChosenTask,
  choice: Readonly<Record<string, Int32Array>>,
  branches: BranchesLeft,
  gradients: Readonly<Record<string, Float32Array>>,
  arena: Arena,
): ChosenBackward {
  switch (rule.id) {
    case "top-k":
      return prepareListedBackward(rule, task);
    case "nsa":
      return prepareNsaBackward(rule, { ...task, branches }, gradients, arena);
    case "moba":
    case "quest":
      return prepareBlockBackward(rule, task);
    case "reformer":
      return prepareHashedBackward(rule, task, arena);
    case "routing":
      return prepareRoutedBackward(rule, task, { queries: choice.queries, keys: choice.keys });
    default:
      return rule satisfies never;
  }
}

/**
 * The gradient of attention to chosen keys, through the choice of the forward pass, which leaves it, its output, and of each row the
 * maximum and the factor of its weights; in training it is part of the call.
 */
export function prepareSelectionGradient(problem: Problem<Gradient<Selection>>, means: Means): Runnable {
  const { mechanism, shape, threads, causal } = problem;
  const { batch, heads, kvHeads, length, headDim, valueDim } = shape;
  const { arena, inputs, dout, output, copied } = gradientTensors(problem, means.output);
  const { out, gradients } = gradientArrays(problem, output);
  const within = { ...problemWithin(problem), inputs };
  const { rule, scale = 1 / Math.sqrt(headDim) } = within.mechanism;
  const leaves = leftBy(rule);
  const rows = batch * heads * length;
  const counts = [
    out === null ? elementCount(shape, "output") : 0,
    2 * leaves.sums * rows,
    leaves.outs * rows * valueDim,
  ];
  const region = arena.reserve(counts.reduce((sum, count) => sum + count) * FLOAT_BYTES);
  const [ownOut, sums, outs] = inTurn(arena, region.start, counts);
  const forwardOut = out ?? ownOut;
  const left = leaves.outs > 0 ? { branches: { sums, outs } } : leaves.sums > 0 ? { sums } : {};
  const forward = prepareForward(within, scale, { ...means, output: forwardOut }, left);
  // The same arrays after every call.
  const choices = forward.choice?.() ?? {};
  const [choice] = Object.values(choices);
  const isWhole = (width: number): boolean => width % means.build.panelKeys === 0;
  const costs: SumCosts = {
    pairFlops: 6 * headDim + 4 * valueDim,
    keyFloats: headDim + valueDim,
    inPlace: heads === kvHeads && isWhole(headDim) && isWhole(valueDim),
  };
  const task = { shape, causal, threads, scale, costs, tensors: { inputs, dout }, left: { choice }, means };
  const backward = prepareBackward(rule, task, choices, { sums, outs }, gradients, arena);
  const at = (tensor: Float32Array, index: number, floats: number): number =>
    tensor.byteOffset + index * floats * FLOAT_BYTES;
  const ofName = (name: string): Float32Array => gradients[gradientName(name)];
  const savedOuts = leaves.outs > 0 ? [outs] : leaves.sums > 0 ? [forwardOut] : [];
  let ran = false;
  return bothPasses({
    forward,
    backward: {
      run() {
        backward.begin();
        for (let slice = 0; slice < batch * heads; slice++) {
          const head = slice % heads;
          const kvHead = kvHeadOf(shape, head);
          const kvSlice = Math.floor(slice / heads) * kvHeads + kvHead;
          backward.run(slice, {
            q: at(inputs.q, slice, length * headDim),
            k: at(inputs.k, kvSlice, length * headDim),
            v: at(inputs.v, kvSlice, length * valueDim),
            dout: at(dout, slice, length * valueDim),
            out: at(forwardOut, slice, length * valueDim),
            sums: at(sums, slice, 2 * length),
            dq: at(ofName("q"), slice, length * headDim),
            dk: at(ofName("k"), kvSlice, length * headDim),
            dv: at(ofName("v"), kvSlice, length * valueDim),
            adds: head > 0 && kvHeadOf(shape, head - 1) === kvHead,
          });
        }
        backward.end?.();
        ran = true;
      },
      workspaceBytes: backward.workspaceBytes,
      get executedFlops() {
        return ran ? backward.flops() : 0;
      },
      get bytes() {
        return FLOAT_BYTES * backward.floats();
      },
      dispose: () => backward.dispose(),
    },
    isTraining: makesOutput(mechanism),
    saved: [...Object.values(choices), ...(leaves.sums > 0 ? [sums] : []), ...savedOuts],
    bytes: region.bytes,
    copied,
    output,
    release: () => arena.release(region),
  });
}

/** Arrays of so many numbers, one after the other. */
function inTurn(arena: Arena, start: number, counts: readonly number[]): Float32Array[] {
  let at = start;
  return counts.map((count) => {
    at += count * FLOAT_BYTES;
    return arena.floats(at - count * FLOAT_BYTES, count);
  });
}
