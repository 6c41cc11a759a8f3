import type { Problem } from "../../../core/problem.ts";
import { elementCount } from "../../../core/shape.ts";
import { tensorNamed } from "../../../core/tensors.ts";
import type { FeatureMap } from "../../../mechanisms/feature-map/declare.ts";
import type { Runnable } from "../../kernel.ts";
import { addressOf } from "../call/memory.ts";
import type { Means } from "../means.ts";
import { openCrew } from "../threads/crew.ts";
import { type FeatureItems, phasesOf } from "./items.ts";
import { CALL, ITEM_BYTES } from "./layout.ts";
import { makeMemory, stateLayout } from "./memory.ts";
import { plannedMap } from "./plan-map.ts";
import { ENTRY, featureProgram } from "./program.ts";
import { type Segments, segmentsOf } from "./segments.ts";
import { featureBytes, featureFlops } from "./work.ts";

/** Linear attention: a state of all keys that queries read, or causal in chunks. */
export function prepareFeatureMap(problem: Problem<FeatureMap>, means: Means): Runnable {
  return prepareKeeping(problem, means, null).runnable;
}

/** What a forward pass leaves for the backward pass. */
export interface Kept {
  /** What each query's weights sum to, with ε, `[batch, heads, queries]`. */
  readonly rowSums: Float32Array;
  readonly segments: Segments;
}

/** A forward pass whose work and memory are known. */
interface Keeping {
  readonly runnable: Runnable & Readonly<Record<"workspaceBytes" | "executedFlops" | "bytes", number>>;
  readonly states: Float32Array;
}

/** The forward pass, and its states: what each segment of a causal head begins with, or that of all keys as the first of their head. */
export function prepareKeeping(
  problem: Problem<FeatureMap>,
  { ffi, output }: Means,
  kept: Kept | null,
): Keeping {
  const { mechanism, shape, inputs, causal, threads } = problem;
  const map = plannedMap(mechanism, shape.headDim, shape.length);
  const state = stateLayout(map, shape.valueDim);
  const call: FeatureItems = {
    ...{ shape, map, causal, threads, stateBytes: state.stateBytes },
    segments: kept?.segments ?? segmentsOf(shape, map.features),
    isKept: kept !== null,
  };
  const phases = phasesOf(call);
  const { words, lanes, items, states, bytes } = makeMemory(ffi, call, state, phases);
  const counts = {
    q: elementCount(shape, "q"),
    k: elementCount(shape, "k"),
    v: elementCount(shape, "v"),
    out: elementCount(shape, "output"),
    weights: shape.kvHeads * (map.weights?.rows ?? 0) * shape.headDim,
    rowSums: shape.batch * shape.heads * shape.queries,
  };
  const weights = map.weights === null ? null : tensorNamed(inputs, map.weights.name);
  const point = (name: keyof typeof counts, at: Float32Array): void => {
    words[CALL[name] / 8] = addressOf(ffi, at, 0, counts[name]);
  };
  let before = 0;
  const queues = phases.map(({ phase, stride, items: { length } }) => {
    const first = items + BigInt(before * ITEM_BYTES);
    before += length;
    const end = length / stride;
    const words = { phase: BigInt(phase), items: first, stride: BigInt(stride), end: BigInt(end) };
    // No more threads than there is to do.
    return { ...words, lanes: lanes.slice(0, end) };
  });
  const crew = openCrew(featureProgram, ENTRY, threads);
  const runnable = {
    run() {
      point("q", inputs.q);
      point("k", inputs.k);
      point("v", inputs.v);
      point("out", output);
      if (weights !== null) point("weights", weights);
      if (kept !== null) point("rowSums", kept.rowSums);
      for (const { phase, items, stride, end, lanes } of queues) {
        words[CALL.phase / 8] = phase;
        words[CALL.items / 8] = items;
        words[CALL.stride / 8] = stride;
        words[CALL.next / 8] = 0n;
        words[CALL.end / 8] = end;
        crew.run(lanes);
      }
    },
    output: () => output,
    workspaceBytes: bytes,
    executedFlops: featureFlops(call),
    bytes: featureBytes(call),
    dispose: () => crew.close(),
  };
  return { runnable, states };
}
