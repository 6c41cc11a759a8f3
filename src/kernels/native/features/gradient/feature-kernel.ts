import type { Problem } from "../../../../core/problem.ts";
import { elementCount } from "../../../../core/shape.ts";
import { tensorNamed } from "../../../../core/tensors.ts";
import type { FeatureMap } from "../../../../mechanisms/feature-map/declare.ts";
import {
  DOUT,
  type Gradient,
  gradientArrays,
  gradientName,
  makesOutput,
  problemWithin,
} from "../../../../mechanisms/gradient/declare.ts";
import type { Runnable } from "../../../kernel.ts";
import { ownFloats } from "../../call/own-floats.ts";
import type { Means } from "../../means.ts";
import { prepareKeeping } from "../feature-kernel.ts";
import { stateLayout } from "../memory.ts";
import { plannedMap } from "../plan-map.ts";
import { shortSegments } from "../segments.ts";
import { prepareFeatureBackward } from "./backward-kernel.ts";

/**
 * The gradient of linear attention. A forward pass leaves what each query's weights sum to and the state of all keys; causal what each
 * segment begins with, and its output.
 */
export function prepareFeatureGradient(
  problem: Problem<Gradient<FeatureMap>>,
  { ffi, output }: Means,
): Runnable {
  const { shape, inputs, causal } = problem;
  const within = problemWithin(problem);
  const isTraining = makesOutput(problem.mechanism);
  const { out, gradients } = gradientArrays(problem, output);
  const { dq, dk, dv } = gradients;
  const [learned = null] = problem.mechanism.also.map((name) => gradients[gradientName(name)]);
  const forwardOut = out ?? new Float32Array(elementCount(shape, "output"));
  const map = plannedMap(within.mechanism, shape.headDim, shape.length);
  const segments = shortSegments(shape.length, map.features);
  const rowSums = ownFloats(ffi, shape.batch * shape.heads * shape.queries);
  const { runnable: forward, states } = prepareKeeping(
    within,
    { ffi, output: forwardOut },
    { rowSums, segments },
  );
  const dout = tensorNamed(inputs, DOUT);
  const arrays = { out: forwardOut, rowSums, states, dout, dq, dk, dv, learned };
  const backward = prepareFeatureBackward(within, ffi, segments, arrays);
  // Where every query sees all keys the first state of a head is that of all its keys.
  const stateFloats = stateLayout(map, shape.valueDim).stateBytes / Float32Array.BYTES_PER_ELEMENT;
  const kept = causal
    ? [forwardOut, rowSums, states]
    : Array.from({ length: shape.batch * shape.kvHeads }, (_, head) => {
        const from = head * segments.count * stateFloats;
        return states.subarray(from, from + stateFloats);
      }).concat(rowSums);
  const together = (of: "executedFlops" | "bytes"): number => backward[of] + (isTraining ? forward[of] : 0);
  return {
    ...(!isTraining && { save: () => forward.run(), saved: () => kept }),
    run() {
      if (isTraining) forward.run();
      backward.run();
    },
    output: () => output,
    workspaceBytes:
      forward.workspaceBytes +
      backward.workspaceBytes +
      rowSums.byteLength +
      (out === null ? forwardOut.byteLength : 0),
    executedFlops: together("executedFlops"),
    bytes: together("bytes"),
    dispose() {
      forward.dispose();
      backward.close();
    },
  };
}
