import type { Problem } from "../../../core/problem.ts";
import { elementCount, FLOAT_BYTES, kvHeadOf, layoutOf, offsetIn } from "../../../core/shape.ts";
import { tensorNamed } from "../../../core/tensors.ts";
import { type Fourier, isFourier } from "../../../mechanisms/fourier/declare.ts";
import {
  DOUT,
  type Gradient,
  gradientArrays,
  isGradientOf,
  problemWithin,
} from "../../../mechanisms/gradient/declare.ts";
import type { Ability } from "../../by-kind.ts";
import type { Runnable } from "../../kernel.ts";
import { prepareFourier } from "../fourier.ts";
import type { Means } from "../means.ts";
import { inPasses } from "./passes.ts";

/** The gradient of a Fourier transform: that of dout, since its matrix is symmetric. */
export const fourierGradient: Ability<Gradient<Fourier>, Means> = {
  is: isGradientOf(isFourier),
  prepare: (problem, { output }) => prepareFourierGradient(problem, output),
};

function prepareFourierGradient(problem: Problem<Gradient<Fourier>>, output: Float32Array): Runnable {
  const { shape, inputs } = problem;
  const { batch, heads } = shape;
  const within = problemWithin(problem);
  const { dq, dk, dv } = gradientArrays(problem, output).gradients;
  const transformed = new Float32Array(elementCount(shape, "output"));
  // As many heads of values as dout has.
  const own = { ...shape, kvHeads: heads };
  const along = { ...within, shape: own, inputs: { ...inputs, shape: own, v: tensorNamed(inputs, DOUT) } };
  const transform = prepareFourier(along, transformed);
  const [ofV, ofOutput] = [layoutOf(shape, "v"), layoutOf(shape, "output")];
  const sums = new Float64Array(ofV.rows * ofV.width);
  const sumOfReaders = (entry: number, kvHead: number): void => {
    sums.fill(0);
    for (let head = 0; head < heads; head++) {
      if (kvHeadOf(shape, head) !== kvHead) continue;
      const at = offsetIn(ofOutput, entry, head, 0);
      for (let i = 0; i < sums.length; i++) sums[i] += transformed[at + i];
    }
    dv.set(sums, offsetIn(ofV, entry, kvHead, 0));
  };
  return inPasses(problem, output, {
    forward: (out) => prepareFourier(within, out),
    saved: [],
    backward: {
      run() {
        transform.run();
        dq.fill(0);
        dk.fill(0);
        for (let entry = 0; entry < batch; entry++) {
          for (let kvHead = 0; kvHead < shape.kvHeads; kvHead++) sumOfReaders(entry, kvHead);
        }
      },
      workspaceBytes: (transform.workspaceBytes ?? 0) + transformed.byteLength + sums.byteLength,
      executedFlops: (transform.executedFlops ?? 0) + transformed.length,
      bytes: (transform.bytes ?? 0) + FLOAT_BYTES * (dq.length + dk.length + dv.length),
    },
  });
}
