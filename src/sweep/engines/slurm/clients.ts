import { execFile } from "node:child_process";
import { FailureError, printable, UsageError } from "../../../core/errors.ts";
import type { SlurmSettings } from "./settings.ts";

/** Milliseconds after which one of Slurm's programs is given up: a controller that is busy answers within some seconds. */
const PATIENCE_MS = 180_000;
/** Bytes that one may answer: some twenty for each task. */
const MOST_BYTES = 2 ** 28;

export type Environment = Readonly<Record<string, string | undefined>>;

/** What is asked of one of Slurm's programs. */
export interface Asked {
  readonly program: "sbatch" | "squeue" | "scancel";
  readonly words: readonly string[];
  readonly environment: Environment;
  readonly cwd?: string;
}

/** Slurm does not know a job, or not any more: it forgets those that ended some minutes ago. */
export class UnknownJob extends FailureError {
  override name = "UnknownJob";
}

/** What it prints; no shell reads the words. Throws a FailureError with what it says, in one line. */
export function slurm({ program, words, environment, cwd }: Asked): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const options = { cwd, env: environment, timeout: PATIENCE_MS, maxBuffer: MOST_BYTES } as const;
  execFile(program, [...words], options, (error, out, err) => {
    if (error === null) resolve(out);
    else reject(refusal(program, error, err));
  });
  return promise;
}

function refusal(program: string, error: Error, err: string): Error {
  if ("code" in error && error.code === "ENOENT") {
    return new UsageError(
      `slurm: there is no ${program} here; go to a machine from which jobs are submitted, or measure here with --engine local --machine NAME`,
    );
  }
  if ("killed" in error && error.killed === true) {
    return new FailureError(`slurm: ${program} did not end within ${PATIENCE_MS / 1000} s; try again later`);
  }
  const said = saidBy(err) || error.message;
  if (/invalid job id/i.test(said)) return new UnknownJob(`slurm: ${said}`);
  if (/resolve_ctls_from_dns_srv|could not establish a configuration source/i.test(said)) {
    return new UsageError(
      `slurm: no controller is configured here (${program} says: ${said}); go to a login node of the cluster, or measure here with --engine local --machine NAME`,
    );
  }
  if (/contact slurm controller|connect failure|timed out|connection refused/i.test(said)) {
    return new FailureError(`slurm: its controller does not answer (${said}); try again later`);
  }
  const advice = /job array/i.test(said)
    ? "; in the plan, make tasks fewer than the MaxArraySize that scontrol show config tells"
    : "";
  return new FailureError(`slurm: ${program} refuses: ${said}${advice}`);
}

/** Lines of complaint as one, without the program's name in front of each. */
function saidBy(err: string): string {
  const lines = err.split("\n").map((line) => line.replace(/^\w+: (error: |fatal: )?/, "").trim());
  return printable(lines.filter((line) => line !== "").join("; "), 400);
}

/** Where a cluster is, and how one is known to it: kept whatever the plan says. */
const KEPT = new Set(["SLURM_CONF", "SLURM_CONF_SERVER", "SLURM_JWT", "SLURM_CLUSTERS"]);
/** What a site or a user may have as usual for jobs, where the plan says nothing, as variables and as settings. */
const USUAL = {
  SBATCH_ACCOUNT: "account",
  SBATCH_CLUSTERS: "clusters",
  SBATCH_CONSTRAINT: "constraint",
  SBATCH_GRES: "gres",
  SBATCH_PARTITION: "partition",
  SBATCH_QOS: "qos",
  SBATCH_RESERVATION: "reservation",
} as const satisfies Readonly<Record<string, keyof SlurmSettings>>;

/**
 * The environment without variables that change what Slurm's programs do: those of `sbatch` come before what a script says,
 * those of `squeue` and `scancel` select jobs, and those of a job in which this may run say how much of it there is.
 */
export function slurmEnvironment(environment: Environment, settings: Partial<SlurmSettings>): Environment {
  const kept = Object.entries(environment).filter(([name]) => {
    if (!/^(SBATCH|SQUEUE|SCANCEL|SLURM|SRUN)_/.test(name) || KEPT.has(name)) return true;
    return name in USUAL && settings[USUAL[name as keyof typeof USUAL]] === undefined;
  });
  return Object.fromEntries(kept);
}
