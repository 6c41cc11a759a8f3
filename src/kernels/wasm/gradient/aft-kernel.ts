import type { Problem } from "../../../core/problem.ts";
import { elementCount, FLOAT_BYTES } from "../../../core/shape.ts";
import type { Aft } from "../../../mechanisms/aft/declare.ts";
import {
  type Gradient,
  gradientArrays,
  makesOutput,
  problemWithin,
} from "../../../mechanisms/gradient/declare.ts";
import type { Runnable } from "../../kernel.ts";
import { leftChannels, prepareAft } from "../aft-kernel.ts";
import { prepareAftSimple } from "../aft-simple-kernel.ts";
import type { Means } from "../means.ts";
import { prepareAftBackward } from "./aft-backward.ts";
import { prepareAftSimpleBackward } from "./aft-simple-backward.ts";
import { bothPasses } from "./both-passes.ts";
import { gradientTensors } from "./tensors.ts";

/**
 * The gradient of attention-free transformers. The forward pass leaves of each row and channel the mean of the values, and the
 * logarithm of the sum of their weights, one row of them where all rows weigh keys alike; and of each row its largest bias.
 */
export function prepareAftGradient(problem: Problem<Gradient<Aft>>, means: Means): Runnable {
  const { mechanism, shape, causal } = problem;
  const { arena, inputs, dout, output, copied } = gradientTensors(problem, means.output);
  const { out, gradients } = gradientArrays(problem, output);
  const within = { ...problemWithin(problem), inputs };
  const { biases } = within.mechanism;
  const slices = shape.batch * shape.heads;
  const rows = slices * (biases === null && !causal ? 1 : shape.length);
  const sumCount = 2 * rows * leftChannels(shape.headDim);
  const maximumCount = biases === null ? 0 : 2 * rows;
  const outCount = out === null ? elementCount(shape, "output") : 0;
  const region = arena.reserve((sumCount + maximumCount + outCount) * FLOAT_BYTES);
  const floats = (first: number, count: number): Float32Array =>
    arena.floats(region.start + first * FLOAT_BYTES, count);
  const left = {
    sums: floats(0, sumCount),
    maxima: biases === null ? null : floats(sumCount, maximumCount),
  };
  const forwardMeans = { ...means, output: out ?? floats(sumCount + maximumCount, outCount) };
  const tensors = { dout, left, gradients };
  return bothPasses({
    forward:
      biases === null
        ? prepareAftSimple(within, forwardMeans, left)
        : prepareAft(within, biases, forwardMeans, left),
    backward:
      biases === null
        ? prepareAftSimpleBackward(within, tensors, means)
        : prepareAftBackward(within, biases, tensors, means),
    isTraining: makesOutput(mechanism),
    saved: left.maxima === null ? [left.sums] : [left.sums, left.maxima],
    bytes: region.bytes,
    copied,
    output,
    release: () => arena.release(region),
  });
}
