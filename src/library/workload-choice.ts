import { PLAN_DEFAULTS } from "../core/defaults.ts";
import { UsageError } from "../core/errors.ts";
import { type ChosenOperation, OPERATIONS } from "../core/operation.ts";
import { inputSpecs } from "../input/input-specs.ts";
import { openInput } from "../input/open-input.ts";
import type { Plan } from "../record/schema/result-lines.ts";
import type { OnInput } from "../run/run-context.ts";
import type { Typed } from "../text/units.ts";
import { inWords } from "./as-typed.ts";

/** The inputs that `--workloads` names, the usual ones if it names nothing; null if it was not given. */
export function workloadSpecs(
  typed: Typed | readonly Typed[] | undefined,
  mode: ChosenOperation,
): readonly string[] | null {
  const words = inWords("--workloads", typed);
  if (words === undefined) return null;
  if (OPERATIONS[mode].keepsState) {
    throw new UsageError(
      "--workloads: errors of passes are computed, and tokens are decoded; omit the option",
    );
  }
  return words.trim() === "" ? PLAN_DEFAULTS.workloads : inputSpecs(words);
}

/** Opens them. */
export async function openWorkloads(specs: readonly string[], seed: number): Promise<readonly OnInput[]> {
  return Promise.all(specs.map(async (input) => ({ input, source: await openInput(input, seed) })));
}

/**
 * How a plan records them: at the usual length, or that of the shortest. Refuses those of captured calls, whose shape
 * need not be that of the cases, and none in a plan of steps.
 */
export function planWorkloads(workloads: readonly OnInput[]): NonNullable<Plan["workloads"]> {
  for (const { input, source } of workloads) {
    if (source.fixed === undefined) continue;
    throw new UsageError(
      `--workloads: inputs must be of any shape, such as text: or gaussian, got the captured ${input}; measure it with --input`,
    );
  }
  const lengths = workloads.map(({ source }) => source.maxLength);
  return {
    inputs: workloads.map(({ input }) => input),
    length: Math.min(PLAN_DEFAULTS.workloadLength, ...lengths),
  };
}

/** Refuses a plan whose workloads are shorter than they were. */
export function refuseShorter(workloads: readonly OnInput[], { workloads: planned }: Plan): void {
  for (const { input, source } of workloads) {
    if (planned === undefined || planned.length <= source.maxLength) continue;
    throw new UsageError(
      `plan: the workload ${input} must have ${planned.length} tokens, got ${source.maxLength}; restore it, or plan anew`,
    );
  }
}
