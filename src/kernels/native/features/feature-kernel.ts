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
import { segmentsOf } from "./segments.ts";
import { featureBytes, featureFlops } from "./work.ts";

/** Linear attention: a state of all keys that queries read, or causal in chunks. */
export function prepareFeatureMap(problem: Problem<FeatureMap>, { ffi, output }: Means): Runnable {
  const { mechanism, shape, inputs, causal, threads } = problem;
  const map = plannedMap(mechanism, shape.headDim, shape.length);
  const state = stateLayout(map, shape.valueDim);
  const call: FeatureItems = {
    ...{ shape, map, causal, threads, stateBytes: state.stateBytes },
    segments: segmentsOf(shape, map.features),
  };
  const phases = phasesOf(call);
  const { words, lanes, items, bytes } = makeMemory(ffi, call, state, phases);
  const counts = {
    q: elementCount(shape, "q"),
    k: elementCount(shape, "k"),
    v: elementCount(shape, "v"),
    out: elementCount(shape, "output"),
    weights: shape.kvHeads * (map.weights?.rows ?? 0) * shape.headDim,
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
  return {
    run() {
      point("q", inputs.q);
      point("k", inputs.k);
      point("v", inputs.v);
      point("out", output);
      if (weights !== null) point("weights", weights);
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
}
