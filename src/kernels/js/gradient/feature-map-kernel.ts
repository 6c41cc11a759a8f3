import type { Problem } from "../../../core/problem.ts";
import { elementCount, FLOAT_BYTES, type Shape, seeingRows, seenBytes } from "../../../core/shape.ts";
import { tensorNamed } from "../../../core/tensors.ts";
import type { FeatureMap } from "../../../mechanisms/feature-map/declare.ts";
import {
  DOUT,
  type Gradient,
  gradientArrays,
  makesOutput,
  problemWithin,
} from "../../../mechanisms/gradient/declare.ts";
import type { Runnable } from "../../kernel.ts";
import { makingFlops } from "../features/feature-rows.ts";
import { FeatureScan } from "./feature-scan.ts";
import { backFlops } from "./features/feature-slopes.ts";

/**
 * The gradient of linear attention in linear memory. A backward pass is handed the output and what its rows were divided by,
 * and where every query sees all keys their state; causal, it sums the states of keys once more as it goes along.
 */
export function prepareFeatureMapGradient(
  problem: Problem<Gradient<FeatureMap>>,
  output: Float32Array,
): Runnable {
  const { shape, inputs, causal } = problem;
  const isTraining = makesOutput(problem.mechanism);
  const within = problemWithin(problem);
  const { out, gradients } = gradientArrays(problem, output);
  const forwardOut = out ?? new Float32Array(elementCount(shape, "output"));
  const scan = new FeatureScan(within, forwardOut);
  const dout = tensorNamed(inputs, DOUT);
  const flops = flopsOf(within.mechanism, shape, scan.features, causal);
  const written = (["q", "k", "v"] as const).reduce((sum, name) => sum + elementCount(shape, name), 0);
  const saved = [forwardOut, ...scan.left];
  return {
    ...(!isTraining && { save: () => scan.forward(), saved: () => saved }),
    run() {
      if (isTraining) scan.forward();
      scan.backward(gradients, dout);
    },
    output: () => output,
    workspaceBytes: scan.workspaceBytes + (out === null ? forwardOut.byteLength : 0),
    executedFlops: flops.backward + (isTraining ? flops.forward : 0),
    bytes: FLOAT_BYTES * (written + elementCount(shape, "output")) + seenBytes(shape, causal),
    dispose() {},
  };
}

/** Operations of each pass: products of features and of states; features are made as often as they are used. */
function flopsOf(
  mechanism: FeatureMap,
  shape: Shape,
  features: number,
  causal: boolean,
): { readonly forward: number; readonly backward: number } {
  const { batch, heads, kvHeads, length, headDim, valueDim } = shape;
  const making = makingFlops(mechanism.feature, headDim);
  const back = backFlops(mechanism, headDim);
  const state = 2 * features * (valueDim + 1);
  const [queries, keys] = [heads * seeingRows(shape, causal), kvHeads * length];
  const again = causal ? making + state : 0;
  // A row is made once more where its gradient goes back through what it was made of.
  const ofQuery = 3 * making + back + 2 * state + 2 * valueDim;
  const ofKey = 2 * making + back + state + 2 * features * valueDim + again;
  return {
    forward: batch * (making + state) * (queries + keys),
    backward: batch * (queries * ofQuery + keys * ofKey),
  };
}
