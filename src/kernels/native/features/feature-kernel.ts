import type { Problem } from "../../../core/problem.ts";
import { elementCount } from "../../../core/shape.ts";
import { tensorNamed } from "../../../core/tensors.ts";
import type { FeatureMap } from "../../../mechanisms/feature-map/declare.ts";
import type { Runnable } from "../../kernel.ts";
import { addressOf } from "../call/memory.ts";
import type { Means } from "../means.ts";
import { openCrew } from "../threads/crew.ts";
import { type FeatureItems, phasesOf } from "./items.ts";
import { CALL } from "./layout.ts";
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
  const { words, lanes, bytes } = makeMemory(ffi, call, state, phases);
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
  const queues = phases.map(({ phase, items }) => {
    const [first, end] = [before, before + items.length];
    before = end;
    return { phase: BigInt(phase), first: BigInt(first), end: BigInt(end) };
  });
  const crew = openCrew(featureProgram, ENTRY, threads);
  return {
    run() {
      point("q", inputs.q);
      point("k", inputs.k);
      point("v", inputs.v);
      point("out", output);
      if (weights !== null) point("weights", weights);
      for (const { phase, first, end } of queues) {
        words[CALL.phase / 8] = phase;
        words[CALL.next / 8] = first;
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
