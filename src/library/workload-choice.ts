import { PLAN_DEFAULTS } from "../core/defaults.ts";
import { FailureError, printable, UsageError } from "../core/errors.ts";
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
  if (words.trim() === "") return PLAN_DEFAULTS.workloads;
  const specs = inputSpecs(words);
  if (specs.length === 0) {
    throw new UsageError(
      `--workloads: must name an input, got '${printable(words, 40)}'; name one, such as text:`,
    );
  }
  const twice = specs.find((spec, at) => specs.indexOf(spec) < at);
  if (twice === undefined) return specs;
  throw new UsageError(`--workloads: must name an input once, got ${printable(twice, 60)} twice; omit one`);
}

/**
 * Opens them. Of the usual ones, which nobody named, one that cannot be read here, as where a decoder is missing, is
 * left out with a warning.
 */
export async function openWorkloads(
  specs: readonly string[],
  seed: number,
  warn: (text: string) => void,
): Promise<readonly OnInput[]> {
  const open = specs.map(async (input): Promise<OnInput | null> => {
    try {
      return { input, source: await openInput(input, seed) };
    } catch (thrown) {
      if (!(thrown instanceof FailureError) || specs !== PLAN_DEFAULTS.workloads) throw thrown;
      warn(`${thrown.message}; no errors are computed on ${input}`);
      return null;
    }
  });
  return (await Promise.all(open)).filter((one) => one !== null);
}

/**
 * How a plan records them: at the usual length, or that of the shortest. Refuses those of captured calls, whose shape
 * need not be that of the cases, and none in a plan of steps.
 */
export function planWorkloads(workloads: readonly OnInput[]): NonNullable<Plan["workloads"]> {
  for (const { input, source } of workloads) {
    if (source.fixed === undefined) continue;
    throw new UsageError(
      `--workloads: inputs must be of any shape, such as text: or gaussian, got the captured ${printable(input, 100)}; measure it with --input`,
    );
  }
  const single = workloads.find(({ source }) => source.maxLength < 2);
  if (single !== undefined) {
    throw new UsageError(
      `--workloads: inputs must have at least 2 tokens, got 1 of ${printable(single.input, 100)}; over one token every variant is full attention, which is no evidence: name a longer input`,
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
      `plan: the workload ${printable(input, 100)} must have ${planned.length} tokens, got ${source.maxLength}; restore it, or plan anew`,
    );
  }
}
