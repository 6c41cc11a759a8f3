import process from "node:process";
import { FailureError, printable, UsageError } from "../../../core/errors.ts";
import { makeFolder } from "../../../files/make-folder.ts";
import { placesIn } from "../../folder.ts";
import type { Engine, Submission } from "../engine.ts";
import { type Environment, slurm, slurmEnvironment, UnknownJob } from "./clients.ts";
import { jobFrom, jobText, type SlurmJob } from "./job-id.ts";
import { script, scriptPath } from "./script.ts";
import { type SlurmSettings, slurmSettings } from "./settings.ts";
import { STANDING_FORMAT, standingOf, type TasksLeft, tasksLeft } from "./standing.ts";
import { tasksOf } from "./tasks.ts";

/** Seconds that tasks of a cancelled job are given to keep what they have; Slurm itself gives them 30, as it usually is. */
const ENDING_S = 120;

/** An array for each class of machines, by Slurm's own programs: docs/sweeps.md. They are told of `environment` alone. */
export function slurmEngine(environment: Environment = process.env): Engine<SlurmSettings> {
  const ask = (job: SlurmJob, program: "squeue" | "scancel", words: readonly string[]) =>
    slurm({
      program,
      words: [...(job.cluster === undefined ? [] : [`--clusters=${job.cluster}`]), ...words],
      environment: slurmEnvironment(environment, {}),
    });
  const left = async (job: SlurmJob): Promise<TasksLeft> => {
    const words = ["--noheader", "--array", `--jobs=${job.job}`, `--format=${STANDING_FORMAT}`];
    try {
      return tasksLeft(await ask(job, "squeue", words), job);
    } catch (thrown) {
      if (thrown instanceof UnknownJob) return { waiting: [], running: [], kept: new Map() };
      throw thrown;
    }
  };

  return {
    id: "slurm",
    settings: slurmSettings,
    files: (submission) => new Map([[scriptPath(submission.machine), script(submission)]]),

    async submit({ folder, machine, settings, shards }: Submission<SlurmSettings>): Promise<string> {
      refusePattern(folder);
      // Slurm makes no folder for what a script says, and ends it at once where there is none.
      makeFolder(placesIn(folder).logs);
      const said = await slurm({
        program: "sbatch",
        words: ["--parsable", scriptPath(machine)],
        environment: slurmEnvironment(environment, settings),
        cwd: folder,
      });
      // A site may have its own words in front.
      const [, job, cluster] = /^(\d+)(?:;(\S+))?$/.exec(said.trim().split("\n").at(-1) ?? "") ?? [];
      if (job === undefined) {
        throw new FailureError(
          `slurm: sbatch must print the job's number, got '${printable(said.trim(), 100)}'; look with squeue`,
        );
      }
      return jobText({ job, cluster, shards: shards.length, tasks: tasksOf(shards, settings).tasks });
    },

    async look(id) {
      const job = jobFrom(id);
      return standingOf(await left(job), job);
    },

    async cancel(id) {
      const job = jobFrom(id);
      try {
        await ask(job, "scancel", [job.job]);
      } catch (thrown) {
        if (thrown instanceof UnknownJob) return;
        throw thrown;
      }
      for (let second = 0; second < ENDING_S; second++) {
        if ((await left(job)).running.length === 0) return;
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
      throw new FailureError(
        `slurm: job ${job.job} is cancelled, but some of it still ends after ${ENDING_S} s; look with squeue --jobs=${job.job}`,
      );
    },
  };
}

/** Slurm takes these for parts of a pattern, also in the folder in front of one. */
function refusePattern(folder: string): void {
  if (!/[%\\]/.test(folder)) return;
  throw new UsageError(
    `slurm: the path of a sweep's folder must have no % and no backslash, got '${printable(folder)}'; move it`,
  );
}
