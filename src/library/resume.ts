import {
  type EnvironmentDifference,
  environmentDifferences,
  otherPlaces,
} from "../compare/environment-differences.ts";
import { FailureError, printable, UsageError } from "../core/errors.ts";
import type { InputSource } from "../core/tensors.ts";
import { findVariant, parameterize } from "../core/variant.ts";
import { callOfCase } from "../mechanisms/call-of-case.ts";
import { planCase } from "../plan/plan.ts";
import type { Catalogue } from "../plugins/load-plugin.ts";
import type { ReadResults } from "../record/read.ts";
import type { CaseLine, Environment, Plan, RunLine } from "../record/schema/result-lines.ts";
import { type AlreadyDone, roundKey } from "../run/run-context.ts";
import { quotedPath } from "../text/shell-quoted.ts";
import { findKernel } from "./known-kernels.ts";
import { firstTyped, LIMITS, type TypedChoices } from "./plan-options.ts";

/** What an earlier session of the same run did. */
export function alreadyDone(earlier: ReadResults | null): AlreadyDone {
  const outcomes = new Map<string, CaseLine["outcome"]>();
  const lines = new Map<string, CaseLine>();
  const rounds = new Set<string>();
  const spent = new Map<string, number>();
  let elapsed = 0;
  for (const line of earlier?.lines ?? []) {
    if (line.type === "case") {
      outcomes.set(line.case, line.outcome);
      lines.set(line.case, line);
      continue;
    }
    rounds.add(roundKey(line));
    const seconds = line.samples.reduce((sum, sample) => sum + sample, 0) * line.calls;
    spent.set(line.case, (spent.get(line.case) ?? 0) + seconds);
    elapsed = Math.max(elapsed, line.at_s + seconds);
  }
  return { outcomes, lines, rounds, spent, elapsed };
}

/** Refuses options that would change a plan taken from a file. */
export function refuseChanges(options: TypedChoices, allowed: readonly (keyof TypedChoices)[]): void {
  const typed = firstTyped({ ...options, ...Object.fromEntries(allowed.map((name) => [name, undefined])) });
  if (typed === undefined) return;
  throw new UsageError(`${typed}: the plan comes from the file and cannot be changed; omit the option`);
}

/** There is no telling whether what a program has loaded is the code that the run began with. */
export function refuseLoaded(plugins: NonNullable<TypedChoices["plugins"]>): void {
  if (plugins.every((one) => typeof one === "string")) return;
  throw new UsageError("--resume: plug-ins must be named by module or package, got a loaded one; name it");
}

/**
 * The plan of a results file, made again: what a case costs and whether its kernel supports it is determined
 * afresh, since a file may say anything. Refuses what this installation cannot run, before anything is
 * written.
 */
export function planAgain(plan: Plan, catalogue: Catalogue, source: Pick<InputSource, "call">): Plan {
  checkLimits(plan);
  try {
    const cases = plan.cases.map((planned) => {
      const variant = parameterize(findVariant(catalogue.variants, planned.variant), planned.params);
      const sizes = { ...planned, ...callOfCase(planned, source.call) };
      return planCase(variant, findKernel(catalogue, planned.kernel), sizes, catalogue.kinds);
    });
    const names = new Set(cases.map((one) => one.case));
    if (names.size < cases.length) throw new UsageError("plan: a case must appear once, got one twice");
    return { ...plan, cases };
  } catch (thrown) {
    if (!(thrown instanceof UsageError) || plan.plugins.length === 0) throw thrown;
    const plugins = plan.plugins.map((path) => `--plugin ${quotedPath(path)}`).join(" ");
    throw new UsageError(`${thrown.message}; the run was made with ${plugins}; give it again`);
  }
}

/** Measurements are looked up by case name, so the names must be what they would be today. */
export function refuseOtherCases(written: Plan, again: Plan): void {
  for (const [index, { case: name }] of written.cases.entries()) {
    if (name === again.cases[index].case) continue;
    throw new FailureError(
      `--resume: a case must be named '${printable(again.cases[index].case)}', got '${printable(name)}'; ` +
        "the file was changed, start over with --replay",
    );
  }
}

function checkLimits({ cases, rounds, seed, budget_s: seconds }: Plan): void {
  if (cases.length === 0) throw new UsageError("plan: must have a case, got none");
  const threads = cases.reduce((most, one) => Math.max(most, one.threads), 0);
  const given = { threads, rounds, seed, seconds };
  for (const name of ["threads", "rounds", "seed", "seconds"] as const) {
    if (given[name] <= LIMITS[name]) continue;
    throw new UsageError(`plan: ${name} must be at most ${LIMITS[name]}, got ${given[name]}`);
  }
}

/** Rounds on two inputs must not be mixed either. */
export function refuseOtherInput({ input_sha256: began = null, plan }: RunLine, now: string | null): void {
  if (began === now) return;
  throw new FailureError(
    `--resume: the run began with different numbers in ${printable(plan.input)} than are in it now; restore them, or start over with --replay`,
  );
}

/** The parts of an environment that can be restored. */
const SETTINGS = new Set(["cores", "cores_allowed", "flags", "governor", "on_battery"]);

/** In what the environment is another than the one that a run began in, if their rounds must not be mixed in one file. */
export function othersThanBegan(began: Environment, now: Environment): readonly EnvironmentDifference[] {
  const differences = environmentDifferences(began, now);
  return [...otherPlaces(differences), ...differences.filter(({ kind }) => kind === "code")];
}

/**
 * Rounds from two machines, runtimes or versions of the code must not be mixed in one file, whether or not
 * `compare` would refuse to compare them. `anew` says what to do instead.
 */
export function refuseOtherEnvironment(
  began: Environment,
  now: Environment,
  anew = "start over with --replay",
): void {
  const others = othersThanBegan(began, now);
  if (others.length === 0) return;
  // The name of a file tells more than a commit.
  const byContent = others.filter(({ field }) => field === "code" || field === "plugins");
  const [first, ...more] = byContent.length > 0 && others[0].kind === "code" ? byContent : others;
  const also = more.length === 0 ? "" : `, and with different ${more.map(({ field }) => field).join(", ")}`;
  const restore =
    first.kind === "code" ? "restore it, or " : SETTINGS.has(first.field) ? "set it back, or " : "";
  throw new FailureError(
    `--resume: the run began with ${printable(first.field, 60)} ${printable(first.base)}, this is ` +
      `${printable(first.head)}${printable(also)}; ${restore}${anew}`,
  );
}
