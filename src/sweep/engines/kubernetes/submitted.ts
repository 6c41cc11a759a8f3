import { FailureError, printable } from "../../../core/errors.ts";
import type { Cluster } from "./kubectl.ts";
import { isName } from "./names.ts";

/** A job that was handed over, and where. */
export interface Submitted {
  readonly job: string;
  readonly cluster: Cluster;
}

/** The one line by which it is known: its name, its namespace, and the context if kubectl has one. */
export function submittedText({ job, cluster: { namespace, context } }: Submitted): string {
  return [job, namespace ?? "default", ...(context === undefined ? [] : [context])].join(" ");
}

/** From that line. Names of contexts may have spaces. */
export function submittedFrom(id: string): Submitted {
  const [, job, namespace, context] = /^(\S+) (\S+)(?: (.+))?$/.exec(id) ?? [];
  // Anything else would be other words for kubectl.
  if (!(job !== undefined && namespace !== undefined && isName(job) && isName(namespace))) {
    throw new FailureError(
      `jobs: must be named by job and namespace, got '${printable(id, 80)}'; was jobs.jsonl changed?`,
    );
  }
  return { job, cluster: { namespace, context } };
}
