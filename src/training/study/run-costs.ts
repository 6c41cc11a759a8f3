import type { StudiedCell, StudiedTask } from "../../record/schema/learning-lines.ts";

/** Seconds of a run: what it takes besides its steps, and all of those. */
export interface RunSeconds {
  readonly besides: number;
  readonly steps: number;
}

/**
 * Processor seconds of a run of `mqar` in `results/example-learned.jsonl`, their median, by which a study says how long it will
 * take before it has seen a step. What is not here is taken for one in their midst.
 */
export const EXAMPLE_SECONDS: Readonly<Record<string, number>> = {
  full: 29,
  local: 28,
  bigbird: 28,
  "top-k": 55,
  linear: 26,
  performer: 52,
  retention: 26,
  gla: 47,
  delta: 60,
  "gated-delta": 73,
};
const OTHERWISE_S = 45;
/** Steps of such a run. */
const EXAMPLE_STEPS = 800;

/** Starting a process takes so many seconds; holding the twin to its references, compiling and testing take as long as so many steps. */
const START_S = 2;
const BESIDES_STEPS = 80;

/**
 * A step of full attention over one of `mqar`, for as many tokens of a batch: a model with more parts takes longer, and one that
 * writes its answers has a decoder besides. Measured once, by 90 steps; 1 for what is not here.
 */
const TASK_FACTORS: Readonly<Record<string, number>> = {
  listops: 1.5,
  "pixel-rows": 2,
  "sequence-copy": 20,
};

/** Tokens of a batch of the example. */
const EXAMPLE_TOKENS = 32 * 64;

/** What a run of a cell took on the machine of the example: an order of magnitude on any other. */
export function tabledSeconds({ variant }: StudiedCell, task: StudiedTask): RunSeconds {
  const whole = EXAMPLE_SECONDS[variant] ?? OTHERWISE_S;
  const size = (task.batch * task.length) / EXAMPLE_TOKENS;
  const step = ((whole - START_S) / (EXAMPLE_STEPS + BESIDES_STEPS)) * size * (TASK_FACTORS[task.id] ?? 1);
  return { besides: START_S + BESIDES_STEPS * step, steps: task.steps * step };
}
