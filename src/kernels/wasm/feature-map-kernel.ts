import type { Problem } from "../../core/problem.ts";
import { elementCount, FLOAT_BYTES, rowOffset } from "../../core/shape.ts";
import type { FeatureMap } from "../../core/variant.ts";
import type { Runnable } from "../kernel.ts";
import { type Build, instantiate } from "./build.ts";
import { CALL, CALL_WORDS, MemoryPlan, tensorBytes, viewsOf } from "./call-memory.ts";
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
  const [q, k, v, out] = [plan.tensor(count), plan.tensor(count), plan.tensor(count), plan.tensor(count)];

  const memory = plan.allocate();
  const views = viewsOf(memory);
  const { runFeatureMap } = instantiate(build, memory);
  views.copyFloats(q, inputs.q);
  views.copyFloats(k, inputs.k);
  views.copyFloats(v, inputs.v);
  const words = views.ints.subarray(call / 4, call / 4 + CALL_WORDS);
  for (const name of Object.keys(region) as (keyof typeof region)[]) words[CALL[name]] = region[name];
  words[CALL.length] = length;
  words[CALL.d] = headDim;
  words[CALL.width] = width;
  words[CALL.causal] = causal ? 1 : 0;
  views.floats[call / 4 + CALL.factor] = epsilon;

  const output = views.floatsAt(out, count);
  return {
    run() {
      for (let slice = 0; slice < batch * heads; slice++) {
        const base = rowOffset(shape, 0, slice, 0) * FLOAT_BYTES;
        words[CALL.q] = q + base;
        words[CALL.k] = k + base;
        words[CALL.v] = v + base;
        words[CALL.out] = out + base;
        runFeatureMap(call);
      }
    },
    inputs: () => ({
      shape,
      q: views.floatsAt(q, count),
      k: views.floatsAt(k, count),
      v: views.floatsAt(v, count),
    }),
    output: () => output,
    workspaceBytes: plan.bytes - tensorBytes(count),
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
