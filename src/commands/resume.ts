import { FailureError, printable, UsageError } from "../core/errors.ts";
import type { Environment, Plan } from "../core/result-lines.ts";
import { checkShape } from "../core/shape.ts";
import { findVariant, parameterize } from "../core/variant.ts";
import { type AlreadyDone, roundKey } from "../measure/run-plan.ts";
import type { ReadResults } from "../record/read.ts";
import { type Catalogue, findKernel } from "./load-plugins.ts";
import type { PlanArguments } from "./run-options.ts";

/** What an earlier session of the same run did. */
export function alreadyDone(earlier: ReadResults | null): AlreadyDone {
  const outcomes = new Map();
  const rounds = new Set<string>();
  const spent = new Map<string, number>();
  for (const line of earlier?.lines ?? []) {
    if (line.type === "case") outcomes.set(line.case, line.outcome);
    if (line.type !== "round") continue;
    rounds.add(roundKey(line));
    const seconds = line.samples.reduce((sum, sample) => sum + sample, 0) * line.calls;
    spent.set(line.case, (spent.get(line.case) ?? 0) + seconds);
  }
  return { outcomes, rounds, spent };
}

/** A plan taken from a file leaves no room for options that would make another. */
export function refuseChanges(options: PlanArguments, allowed: readonly (keyof PlanArguments)[]): void {
  for (const [name, value] of Object.entries(options)) {
    const given = Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false;
    if (given && !allowed.includes(name as keyof PlanArguments)) {
      const option =
        name === "settings" ? "set" : name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      throw new UsageError(
        `--${option}: the plan comes from the file and cannot be changed; leave the option out`,
      );
    }
  }
}

/** Refuses a plan from a file that this installation cannot run, before anything is written. */
export function checkKnown(plan: Plan, catalogue: Catalogue): void {
  if (plan.cases.length === 0) throw new UsageError("plan: must have a case, got none");
  try {
    for (const planned of plan.cases) {
      parameterize(findVariant(catalogue.variants, planned.variant), planned.params);
      findKernel(catalogue, planned.kernel);
      const { batch, heads, length, head_dim } = planned;
      checkShape({ batch, heads, length, headDim: head_dim });
    }
  } catch (thrown) {
    if (!(thrown instanceof UsageError) || plan.plugins.length === 0) throw thrown;
    const plugins = plan.plugins.map((path) => `--plugin ${printable(path)}`).join(" ");
    throw new UsageError(`${thrown.message}; the run was made with ${plugins}, give it again`);
  }
}

/** Rounds from two machines or two versions must not be mixed in one file. */
export function refuseOtherEnvironment(began: Environment, now: Environment): void {
  const keys = ["cpu", "node", "v8", "attnbench", "commit", "lockfile_sha256"] as const;
  for (const key of keys) {
    if (began[key] !== now[key]) {
      throw new FailureError(
        `--resume: the run began with ${key} ${printable(String(began[key]))}, this is ${printable(String(now[key]))}; ` +
          "start anew with --replay",
      );
    }
  }
  if (began.flags.join(" ") !== now.flags.join(" ")) {
    throw new FailureError(
      `--resume: the run began with flags '${printable(began.flags.join(" "))}', this has ` +
        `'${printable(now.flags.join(" "))}'; give the same, or start anew with --replay`,
    );
  }
}
