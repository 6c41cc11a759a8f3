import { FailureError, printable, UsageError } from "../../../core/errors.ts";
import type { Submission } from "../engine.ts";
import { type Comments, commentedYaml } from "./commented-yaml.ts";
import { deadlinesOf } from "./deadlines.ts";
import { jobName, labelValue } from "./names.ts";
import { failurePolicy, type Part, podSpec } from "./pod.ts";
import type { KubernetesSettings } from "./settings.ts";
import { shardList } from "./shard-list.ts";

/** The most shards of a job: beyond, Kubernetes restricts how their failures are counted. */
const MOST_SHARDS = 100_000;

/** What a pod that measures is called by, whatever the sweep: two of them never share a node. */
const MEASURING = { "app.kubernetes.io/name": "attnbench" } as const;

/** The manifest of a job, and the list of its shards, by their paths in the sweep's folder. */
export function manifests(submission: Submission<KubernetesSettings>): ReadonlyMap<string, string> {
  refuseMisfits(submission);
  const { sweep, machine, settings, shards } = submission;
  const content = JSON.stringify([settings, shards.map((one) => one.name)]);
  const name = jobName(sweep, machine, content, shards.length);
  const list = `kubernetes/${name}.shards`;
  return new Map([
    [manifestPath(machine), commentedYaml(jobManifest(submission, name, list), COMMENTS)],
    [list, shardList(shards)],
  ]);
}

/** Of a class of machines, in the sweep's folder. */
export function manifestPath(machine: string): string {
  if (/^[\w-][\w.-]*$/.test(machine)) return `kubernetes/${machine}.yaml`;
  throw new FailureError(
    `machines: a class must be named by letters, digits and dashes, got '${printable(machine, 40)}'`,
  );
}

function jobManifest(
  { sweep, machine, settings, shards }: Submission<KubernetesSettings>,
  name: string,
  list: string,
): Part {
  const labels = {
    ...MEASURING,
    "attnbench/sweep": labelValue(sweep),
    "attnbench/machine": labelValue(machine),
  };
  const deadlines = deadlinesOf(shards, settings);
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name,
      ...(settings.namespace === undefined ? {} : { namespace: settings.namespace }),
      labels,
    },
    spec: {
      completionMode: "Indexed",
      completions: shards.length,
      parallelism: Math.min(settings.parallelism, shards.length),
      backoffLimitPerIndex: settings.retries,
      podFailurePolicy: failurePolicy(),
      podReplacementPolicy: "Failed",
      activeDeadlineSeconds: deadlines.job,
      ttlSecondsAfterFinished: settings.keep,
      template: {
        metadata: { labels },
        spec: podSpec(settings, { list, deadline: deadlines.pod, labels: MEASURING }),
      },
    },
  };
}

/** What no manifest could express, or what would be measured on less than it asks for. */
function refuseMisfits({ machine, settings, shards }: Submission<KubernetesSettings>): void {
  const where = `machines.${printable(machine, 40)}.kubernetes`;
  if (!(shards.length >= 1 && shards.length <= MOST_SHARDS)) {
    throw new UsageError(
      `${where}: a job has 1 to ${MOST_SHARDS} shards, got ${shards.length}; make shards larger, or sweeps smaller`,
    );
  }
  const threads = shards.reduce((most, { options }) => Math.max(most, Number(options.threads ?? 1) || 0), 0);
  if (threads > settings.cpus) {
    throw new UsageError(
      `${where}.cpus: must be at least the threads of its shards, ${threads}, got ${settings.cpus}`,
    );
  }
}

/** For the person who reads or changes the manifest, before the key of that path. */
const COMMENTS: Comments = [
  [
    [],
    ` Made by attnbench sweep; change what you like before it is submitted.
 Each index measures one shard, the one of that line (from 0) of the list that "--list" names, and keeps it in the
 sweep's folder. It needs Kubernetes 1.29 or newer.`,
  ],
  [["spec", "backoffLimitPerIndex"], " A shard fails by itself: the others go on."],
  [
    ["spec", "podFailurePolicy"],
    ` An evicted or preempted pod is replaced, and does not count: what it measured is kept, and its shard goes on from there.
 Words that the program does not understand (exit code 2) will not be understood the next time.`,
  ],
  [
    ["spec", "podReplacementPolicy"],
    " Not before the old pod has ended: two would disturb, or wait for, one another.",
  ],
  [
    ["spec", "activeDeadlineSeconds"],
    " Seconds for all of it: the time it may wait for nodes, and what its shards are predicted to take, with a margin.",
  ],
  [
    ["spec", "ttlSecondsAfterFinished"],
    " Seconds until the ended job and its pods' logs are removed. Results stay.",
  ],
  [
    ["spec", "template", "spec", "activeDeadlineSeconds"],
    " Seconds for one shard: three times the longest prediction, and ten minutes to start.",
  ],
  [
    ["spec", "template", "spec", "terminationGracePeriodSeconds"],
    " A pod that is told to end finishes the call under way and keeps what it measured.",
  ],
  [
    ["spec", "template", "spec", "affinity"],
    " Two shards on one node would share its memory bandwidth, caches and clock.",
  ],
  [
    ["spec", "template", "spec", "securityContext"],
    ' No privileges: all that the Pod Security Standard "restricted" demands.',
  ],
  [
    ["spec", "template", "spec", "containers", 0, "resources"],
    ` Requests equal limits, in whole processors: the pod is Guaranteed, and a kubelet whose cpuManagerPolicy is "static"
 gives it cores of its own. Without that policy it shares them with whatever runs there, and times are noisier.`,
  ],
];
