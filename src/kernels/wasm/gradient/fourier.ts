import type { Problem } from "../../../core/problem.ts";
import { elementCount, FLOAT_BYTES, kvHeadOf } from "../../../core/shape.ts";
import { type Fourier, isFourier } from "../../../mechanisms/fourier/declare.ts";
import {
  type Gradient,
  gradientArrays,
  isGradientOf,
  makesOutput,
  problemWithin,
  taskWithin,
} from "../../../mechanisms/gradient/declare.ts";
import type { Ability } from "../../by-kind.ts";
import type { Runnable } from "../../kernel.ts";
import { fourier } from "../fourier.ts";
import { prepareFourier } from "../fourier-kernel.ts";
import type { Means } from "../means.ts";
import { gradientTensors } from "./tensors.ts";

/** The gradient of a Fourier transform: that of dout, since its matrix is symmetric. Nothing is saved. */
export const fourierGradient: Ability<Gradient<Fourier>, Means> = {
  is: isGradientOf(isFourier),
  whyNot: (task) => fourier.whyNot?.(taskWithin(task)) ?? null,
  prepare: prepareFourierGradient,
};

function prepareFourierGradient(problem: Problem<Gradient<Fourier>>, means: Means): Runnable {
  const { mechanism, shape } = problem;
  const { batch, heads, kvHeads } = shape;
  const { arena, inputs, dout, output, copied } = gradientTensors(problem, means.output);
  const { out, gradients } = gradientArrays(problem, output);
  const within = { ...problemWithin(problem), inputs };
  const { dq, dk, dv } = gradients;
  // As many heads of values as dout has.
  const own = { ...shape, kvHeads: heads };
  const isShared = kvHeads !== heads;
  const count = elementCount(own, "v");
  const region = arena.reserve(isShared ? count * FLOAT_BYTES : 0);
  const transformed = isShared ? arena.floats(region.start, count) : dv;
  const transform = prepareFourier(
    { ...within, shape: own, inputs: { ...inputs, shape: own, v: dout } },
    { ...means, output: transformed },
  );
  const forward = out === null ? null : prepareFourier(within, { ...means, output: out });
  const sumOfReaders = (): void => {
    const size = count / (batch * heads);
    for (let entry = 0; entry < batch; entry++) {
      for (let head = 0; head < heads; head++) {
        const from = transformed.subarray((entry * heads + head) * size, (entry * heads + head + 1) * size);
        const kvHead = kvHeadOf(shape, head);
        const at = (entry * kvHeads + kvHead) * size;
        const adds = head > 0 && kvHeadOf(shape, head - 1) === kvHead;
        if (adds) for (let i = 0; i < size; i++) dv[at + i] += from[i];
        else dv.set(from, at);
      }
    }
  };
  const timed = makesOutput(mechanism) ? [forward, transform] : [transform];
  const sum = (of: (one: Runnable) => number | null | undefined): number =>
    timed.reduce((total, one) => total + (one === null ? 0 : (of(one) ?? 0)), 0);
  const shared = isShared ? count : 0;
  return {
    run() {
      forward?.run();
      transform.run();
      if (isShared) sumOfReaders();
      dq.fill(0);
      dk.fill(0);
    },
    ...copied,
    output: () => output,
    workspaceBytes: region.bytes + sum(({ workspaceBytes }) => workspaceBytes),
    executedFlops: sum(({ executedFlops }) => executedFlops) + shared - (isShared ? dv.length : 0),
    bytes: sum(({ bytes }) => bytes) + FLOAT_BYTES * (dq.length + dk.length + 2 * shared),
    dispose() {
      forward?.dispose();
      transform.dispose();
      arena.release(region);
    },
  };
}
