import type { Problem } from "../../../core/problem.ts";
import { elementCount, FLOAT_BYTES } from "../../../core/shape.ts";
import type { FeatureMap } from "../../../mechanisms/feature-map/declare.ts";
import {
  type Gradient,
  gradientArrays,
  makesOutput,
  problemWithin,
} from "../../../mechanisms/gradient/declare.ts";
import type { Runnable } from "../../kernel.ts";
import { featureSegments } from "../feature-call.ts";
import { prepareFeatureMap } from "../feature-map-kernel.ts";
import { plannedMap, stateLayout } from "../feature-panels.ts";
import type { Means } from "../means.ts";
import { bothPasses } from "./both-passes.ts";
import { prepareFeatureBackward } from "./feature-backward.ts";
import { gradientTensors } from "./tensors.ts";

/**
 * The gradient of linear attention. The forward pass leaves its output, a number a row, and the state of all keys, or causal, of
 * the keys before each segment; in training it is part of the call.
 */
export function prepareFeatureGradient(problem: Problem<Gradient<FeatureMap>>, means: Means): Runnable {
  const { mechanism, shape, causal } = problem;
  const { batch, heads, kvHeads, length, headDim, valueDim } = shape;
  const { arena, inputs, dout, output, copied } = gradientTensors(problem, means.output);
  const { out, gradients } = gradientArrays(problem, output);
  const within = { ...problemWithin(problem), inputs };
  const isTraining = makesOutput(mechanism);
  const map = plannedMap(within.mechanism, headDim, length);
  const { panelKeys } = means.build;
  const layout = stateLayout(map, Math.ceil(valueDim / panelKeys) * panelKeys);
  const stateCount = batch * kvHeads * (causal ? featureSegments(map, length).count : 1) * layout.words;
  const rows = batch * heads * length;
  const outCount = isTraining ? 0 : elementCount(shape, "output");
  const region = arena.reserve((stateCount + rows + outCount) * FLOAT_BYTES);
  const room = (from: number, count: number): Float32Array =>
    arena.floats(region.start + from * FLOAT_BYTES, count);
  const left = { states: room(0, stateCount), inverses: room(stateCount, rows) };
  const forwardOut = out ?? room(stateCount + rows, outCount);
  const forward = prepareFeatureMap(within, within.mechanism, { ...means, output: forwardOut }, left);
  const backward = prepareFeatureBackward(
    within,
    { dout, left: { ...left, out: forwardOut }, gradients },
    means,
  );
  return bothPasses({
    forward,
    backward,
    isTraining,
    saved: [forwardOut, left.inverses, left.states],
    bytes: region.bytes,
    copied,
    output,
    release: () => arena.release(region),
  });
}
