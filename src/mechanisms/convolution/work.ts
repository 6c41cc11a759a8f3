import type { Task } from "../../core/problem.ts";
import { callBytes, elementCount, FLOAT_BYTES, type Shape } from "../../core/shape.ts";
import type { UsefulWork } from "../../core/work.ts";
import type { LeastStep, LeastWork } from "../kind.ts";
import type { Convolution } from "./declare.ts";

/**
 * The sums of every tap, zeros outside the sequence included: `2·N·K·d` depthwise, `2·N·K·d²` from channels to
 * channels, and `2·N·d²` more for a second layer.
 */
export function work({ mechanism, shape }: Task<Convolution>): UsefulWork {
  return { pairs: null, usefulFlops: shape.length * tokenFlops(mechanism, shape) };
}

/** The same for one token. */
export function stepWork({ mechanism, shape }: Task<Convolution>): UsefulWork {
  return { pairs: null, usefulFlops: tokenFlops(mechanism, shape) };
}

function tokenFlops({ form, taps }: Convolution, { batch, heads, valueDim }: Shape): number {
  const matrix = 2 * valueDim * valueDim;
  const perHead = {
    depthwise: 2 * taps * valueDim,
    full: taps * matrix,
    network: (taps + 1) * matrix,
  };
  return batch * heads * perHead[form];
}

/**
 * One tap: N + K - 1 products make N outputs of a window of K (Winograd 1980, Arithmetic Complexity of
 * Computations, chapter 2). The rectifier between two layers is no such sum, and where a window is wider than the
 * sequence most of it is zeros. q and k are not read.
 */
export function leastWork({ mechanism, shape }: Task<Convolution>): LeastWork {
  const oneTap = work({ mechanism: { ...mechanism, taps: 1 }, shape, causal: false, threads: 1 });
  const unread = FLOAT_BYTES * (elementCount(shape, "q") + elementCount(shape, "k"));
  return { flops: oneTap.usefulFlops, bytes: callBytes(shape) - unread };
}

/** A step sums the whole window, or as much of it as there is, and all of that must have been kept. */
export function leastStep({ mechanism, shape }: Task<Convolution>, position: number): LeastStep {
  // No window reaches further back than the last token that there is room for.
  const kept = Math.min(position, mechanism.taps - 1, shape.length - 1);
  const stateBytes = FLOAT_BYTES * shape.batch * shape.kvHeads * shape.valueDim * kept;
  if (position >= shape.length) return { flops: 0, bytes: 0, stateBytes };
  return {
    flops: tokenFlops({ ...mechanism, taps: kept + 1 }, shape),
    bytes: stateBytes,
    stateBytes,
  };
}
