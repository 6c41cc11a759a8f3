import { FailureError, printable } from "../../../core/errors.ts";

/** An array that was handed over. */
export interface SlurmJob {
  readonly job: string;
  /** Of several that Slurm knows; undefined for the usual one. */
  readonly cluster: string | undefined;
  readonly shards: number;
  readonly tasks: number;
}

/** The line by which it is known. */
export function jobText({ job, cluster, shards, tasks }: SlurmJob): string {
  return `${job} shards=${shards} tasks=${tasks}${cluster === undefined ? "" : ` cluster=${cluster}`}`;
}

/** From that line. */
export function jobFrom(id: string): SlurmJob {
  const match = /^(\d{1,10}) shards=([1-9]\d{0,6}) tasks=([1-9]\d{0,6})(?: cluster=(\w[\w.-]*))?$/.exec(id);
  // Anything else would be other words for Slurm's programs.
  if (match === null) {
    throw new FailureError(
      `jobs: one of Slurm's must be named by a number, shards and tasks, got '${printable(id, 80)}'; was jobs.jsonl changed?`,
    );
  }
  return { job: match[1], cluster: match[4], shards: Number(match[2]), tasks: Number(match[3]) };
}
