import type { Runnable, SavedArray } from "../../kernel.ts";

/** The two passes of a gradient, and what is around them. */
interface Passes {
  readonly forward: Runnable;
  readonly backward: Pick<Runnable, "run" | "workspaceBytes" | "executedFlops" | "bytes" | "dispose">;
  /** Whether the forward pass is part of a call; it is made by `save` otherwise. */
  readonly isTraining: boolean;
  /** What the forward pass leaves, `bytes` of it. */
  readonly saved: readonly SavedArray[];
  readonly bytes: number;
  /** What a call that copies its inputs has. */
  readonly copied: Partial<Runnable>;
  readonly output: Float32Array;
  /** Gives back where `saved` lies. */
  release(): void;
}

/** A gradient whose forward pass is counted and timed in training, and saves otherwise. */
export function bothPasses(passes: Passes): Runnable {
  const { forward, backward, isTraining, saved, bytes, copied, output, release } = passes;
  const sum = (of: (one: Pick<Runnable, "executedFlops" | "bytes">) => number | null): number =>
    (of(backward) ?? 0) + (isTraining ? (of(forward) ?? 0) : 0);
  return {
    ...(!isTraining && { save: () => forward.run(), saved: () => saved }),
    run() {
      if (isTraining) forward.run();
      backward.run();
    },
    ...copied,
    output: () => output,
    workspaceBytes: bytes + (forward.workspaceBytes ?? 0) + (backward.workspaceBytes ?? 0),
    ...(forward.choice !== undefined && { choice: forward.choice.bind(forward) }),
    ...(forward.selectSeconds !== undefined && { selectSeconds: forward.selectSeconds.bind(forward) }),
    // Of the last call, where what is done depends on the numbers.
    get executedFlops() {
      return sum(({ executedFlops }) => executedFlops);
    },
    get bytes() {
      return sum((one) => one.bytes);
    },
    dispose() {
      forward.dispose();
      backward.dispose();
      release();
    },
  };
}
