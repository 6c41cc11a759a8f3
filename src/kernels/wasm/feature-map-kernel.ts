import type { Problem } from "../../core/problem.ts";
import { elementCount, FLOAT_BYTES } from "../../core/shape.ts";
import type { FeatureMap } from "../../core/variant.ts";
import type { Runnable } from "../kernel.ts";
import { type Build, instantiate } from "./build.ts";
import { CALL, CALL_WORDS, CallMemory, MemoryPlan } from "./call-memory.ts";
import { PANEL, TILE } from "./softmax-kernel.ts";

/** The feature map that the module computes. */
export const FEATURE = "elu+1";

/** Linear attention: parallel, or causal in chunks of `TILE.queries` tokens. */
export function prepareFeatureMap(problem: Problem, { epsilon }: FeatureMap, build: Build): Runnable {
  const { shape, inputs, causal } = problem;
  const { batch, heads, length, headDim } = shape;
  const count = elementCount(shape);
  // One column more than the values have, for the normaliser.
  const width = Math.ceil((headDim + 1) / 16) * 16;
  const stateRows = Math.ceil(headDim / PANEL.queries) * PANEL.queries;

  const plan = new MemoryPlan();
  const call = plan.words(CALL_WORDS);
  const chunk = TILE.queries * headDim;
  const region = {
    queries: plan.words(Math.max(chunk, TILE.queries * PANEL.queries)),
    keys: plan.words(Math.max(chunk, PANEL.keys * headDim)),
    values: plan.words(TILE.queries * width),
    scores: plan.words(TILE.queries * TILE.columns),
    output: plan.words(TILE.queries * width),
    keptOutput: plan.words(causal ? chunk : 0),
    state: plan.words(stateRows * width),
  };
  const memory = new CallMemory(plan, call, plan.tensors(count), inputs);
  const { runFeatureMap } = instantiate(build, memory.memory);
  memory.set({ ...region, length, d: headDim, width, causal: causal ? 1 : 0 });
  memory.floats[CALL.factor] = epsilon;

  return {
    run() {
      for (let entry = 0; entry < batch; entry++) {
        for (let head = 0; head < heads; head++) {
          memory.pointAt(entry, head);
          runFeatureMap(call);
        }
      }
    },
    inputs: () => memory.inputs(),
    output: () => memory.output(),
    workspaceBytes: memory.workspaceBytes,
    executedFlops: batch * heads * headFlops(length, headDim, width, stateRows, causal),
    // A causal call reads k and v twice: for the triangle of a chunk, and for the state.
    bytes: (causal ? 6 : 4) * FLOAT_BYTES * count,
    dispose() {},
  };
}

/** Operations of one head, panels counted whole. */
function headFlops(
  length: number,
  headDim: number,
  width: number,
  stateRows: number,
  causal: boolean,
): number {
  let flops = 0;
  for (let first = 0; first < length; first += TILE.queries) {
    const count = Math.min(TILE.queries, length - first);
    const rows = Math.ceil(count / PANEL.queries) * PANEL.queries;
    flops += 2 * stateRows * width * count + 2 * rows * width * headDim;
    if (causal) flops += 2 * rows * (Math.ceil(count / PANEL.keys) * PANEL.keys * headDim + count * width);
  }
  return flops;
}
