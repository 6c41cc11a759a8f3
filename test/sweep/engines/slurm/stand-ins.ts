import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import type { Submission } from "../../../../src/sweep/engines/engine.ts";
import { script } from "../../../../src/sweep/engines/slurm/script.ts";
import { type SlurmSettings, slurmSettings } from "../../../../src/sweep/engines/slurm/settings.ts";
import type { Shard } from "../../../../src/sweep/shard.ts";

/** Some shards, called `…00`, `…01` and so on. */
export function someShards(count: number, predicted_s = 100): Shard[] {
  return Array.from({ length: count }, (_, at) => ({
    name: at.toString(16).padStart(16, "0"),
    machine: "epyc",
    repeat: 0,
    options: {},
    cases: 3,
    predicted_s,
  }));
}

/** What an engine is handed, as a plan says that says nothing but `said`. */
export function submissionOf(
  said: object,
  rest: Partial<Submission<SlurmSettings>> = {},
): Submission<SlurmSettings> {
  return {
    folder: "/somewhere/zoo",
    sweep: "zoo",
    machine: "epyc",
    settings: slurmSettings.parse(said),
    shards: someShards(3),
    program: ["/usr/bin/node", "/opt/attnbench/src/launch.js"],
    directory: "/home/someone",
    ...rest,
  };
}

/**
 * Programs in the place of Slurm's, which write down what they were told and do what `how` says, in bash; and one in the
 * place of attnbench. They find their folder in `TOLD`.
 */
export interface StandIns {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What stands for attnbench: its words are `work`'s. */
  readonly attnbench: string;
  /** All calls so far, in order: the program's name and its words. */
  calls(): readonly (readonly string[])[];
  /** Those of one program, without its name. */
  callsOf(program: string): readonly (readonly string[])[];
}

/** `srun` as it is without a Slurm: it runs the words that follow its options. */
const SRUN = `while [[ $1 == --* ]]; do shift; done; exec "$@"`;

export function standIns(how: Readonly<Record<string, string>>, within: string): StandIns {
  const folder = mkdtempSync(join(within, "stand-ins-"));
  const record = join(folder, "calls");
  const usual = {
    srun: SRUN,
    squeue: "echo RUNNING",
    scontrol: `[[ $1 != ping ]] || echo "Slurmctld(primary) at here is UP"`,
    scancel: "",
    sbatch: "echo 4711",
    attnbench: "",
    // Nobody waits.
    sleep: "",
  };
  for (const [program, does] of Object.entries({ ...usual, ...how })) {
    const noted = `{ printf '%s\\0' "\${0##*/}" "$@"; printf '\\1\\0'; } >>"\${BASH_SOURCE%/*}/calls"`;
    const path = join(folder, program);
    writeFileSync(path, `#!/bin/bash\n${noted}\n${does}\n`);
    chmodSync(path, 0o755);
  }
  const calls = () =>
    (existsSync(record) ? readFileSync(record, "utf8") : "")
      .split("\u0001\0")
      .filter((one) => one !== "")
      .map((one) => one.split("\0").slice(0, -1));
  return {
    environment: { ...process.env, PATH: `${folder}:${process.env.PATH}`, TOLD: folder },
    attnbench: join(folder, "attnbench"),
    calls,
    callsOf: (program) => calls().flatMap(([name, ...words]) => (name === program ? [words] : [])),
  };
}

/** An empty sweep's folder. */
export function sweepFolder(path: string): string {
  for (const one of ["shards", "logs", "slurm"]) mkdirSync(join(path, one), { recursive: true });
  return path;
}

/** How a task of a script ended. */
export interface Ran {
  readonly code: number | null;
  readonly said: string;
}

/** Runs one task of the script as Slurm would. `while` is called once, with the process, when it has been started. */
export async function runTask(
  submission: Submission<SlurmSettings>,
  { environment }: Pick<StandIns, "environment">,
  {
    task = 0,
    restarts = 0,
    from = submission.folder,
  }: { task?: number; restarts?: number; from?: string } = {},
  meanwhile: (pid: number) => void = () => {},
): Promise<Ran> {
  const path = join(submission.folder, "slurm/epyc.sbatch");
  writeFileSync(path, script(submission));
  const child = spawn("bash", [path], {
    cwd: from,
    env: {
      ...environment,
      SLURM_SUBMIT_DIR: from,
      SLURM_ARRAY_JOB_ID: "4711",
      SLURM_ARRAY_TASK_ID: String(task),
      SLURM_JOB_ID: "4799",
      ...(restarts === 0 ? {} : { SLURM_RESTART_COUNT: String(restarts) }),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      said += chunk;
    });
  }
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.once("error", reject).once("close", resolve);
  if (child.pid !== undefined) meanwhile(child.pid);
  return { code: await promise, said };
}
