import type { Problem } from "../../../core/problem.ts";
import { elementCount } from "../../../core/shape.ts";
import { type Gradient, gradientArrays } from "../../../mechanisms/gradient/declare.ts";
import type { Runnable, SavedArray } from "../../kernel.ts";

/** What computes gradients, of the inputs and of what the forward pass left. */
export interface BackwardPass {
  run(): void;
  readonly workspaceBytes: number;
  readonly executedFlops: number;
  readonly bytes: number;
}

/** Both passes of a kind. */
export interface Passes {
  /** Prepares the forward pass, which writes the output. */
  readonly forward: (out: Float32Array) => Runnable;
  /** Where it leaves what the backward pass reads; empty if that computes everything itself. */
  readonly saved: readonly SavedArray[];
  readonly backward: BackwardPass;
}

/** A training pass is one call of both; of a backward pass the first one is no part, and is omitted if nothing is saved. */
export function inPasses(
  problem: Problem<Gradient>,
  output: Float32Array,
  { forward: prepare, saved, backward }: Passes,
): Runnable {
  const { out } = gradientArrays(problem, output);
  const isTraining = out !== null;
  const forward =
    isTraining || saved.length > 0
      ? prepare(out ?? new Float32Array(elementCount(problem.shape, "output")))
      : null;
  const isSaving = !isTraining && saved.length > 0;
  const timed = isTraining ? [forward, backward] : [backward];
  const sum = (of: (one: Pick<Runnable, "executedFlops" | "bytes">) => number | null): number =>
    timed.reduce((total, one) => total + (one === null ? 0 : (of(one) ?? 0)), 0);
  const unwritten = isSaving ? (forward?.output().byteLength ?? 0) : 0;
  return {
    ...(isSaving && { save: () => forward?.run(), saved: () => saved }),
    run() {
      if (isTraining) forward?.run();
      backward.run();
    },
    output: () => output,
    ...(forward?.choice !== undefined && { choice: forward.choice.bind(forward) }),
    ...(forward?.selectSeconds !== undefined && { selectSeconds: forward.selectSeconds.bind(forward) }),
    get workspaceBytes() {
      return backward.workspaceBytes + (forward?.workspaceBytes ?? 0) + unwritten;
    },
    get executedFlops() {
      return sum(({ executedFlops }) => executedFlops);
    },
    get bytes() {
      return sum(({ bytes }) => bytes);
    },
    dispose: () => forward?.dispose(),
  };
}
