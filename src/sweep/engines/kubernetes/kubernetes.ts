import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { FailureError, messageOf, printable } from "../../../core/errors.ts";
import type { Engine, Submission } from "../engine.ts";
import { type Cluster, kubectl, kubectlJson } from "./kubectl.ts";
import { manifestPath, manifests } from "./manifest.ts";
import { isName } from "./names.ts";
import { type KubernetesSettings, kubernetesSettings } from "./settings.ts";
import { hasEnded, type Job, readJob, standingOf } from "./standing.ts";
import { submittedFrom, submittedText } from "./submitted.ts";

/** Seconds that kubectl waits for one answer, and for pods that it has told to end. */
const ANSWER = "--request-timeout=60s";
const END = "--timeout=15m";

/** An Indexed Job for each class of machines, by kubectl: docs/sweeps-kubernetes.md. */
export const kubernetesEngine: Engine<KubernetesSettings> = {
  id: "kubernetes",
  settings: kubernetesSettings,
  files: manifests,

  async submit({ folder, machine, settings }: Submission<KubernetesSettings>): Promise<string> {
    const { name, manifest } = jobIn(join(folder, manifestPath(machine)));
    // Found once: whoever looks later may have chosen another in the meantime.
    const context = settings.context ?? (await currentContext());
    const cluster = { context, namespace: settings.namespace };
    const before = await jobNamed(name, cluster);
    // The same shards once more: what has ended would be left as it is.
    if (before !== null && hasEnded(before)) await remove(name, cluster);
    // Not by its path, of which kubectl would read commas and stars.
    await kubectl(["apply", "--filename=-", ANSWER], cluster, manifest);
    const job = await jobNamed(name, cluster);
    if (job === null)
      throw new FailureError(`kubectl: applied job ${name}, but there is none; try kubectl get jobs`);
    return submittedText({
      job: name,
      cluster: { namespace: job.metadata.namespace ?? settings.namespace, context },
    });
  },

  async look(id: string) {
    const { job, cluster } = submittedFrom(id);
    const told = await jobNamed(job, cluster);
    if (told === null || hasEnded(told)) return { waiting: [], running: [] };
    const words = [`--selector=batch.kubernetes.io/job-name=${job}`, "--field-selector=status.phase=Running"];
    return standingOf(told, await kubectlJson(["get", "pods", ...words, ANSWER], cluster));
  },

  async cancel(id: string) {
    const { job, cluster } = submittedFrom(id);
    await remove(job, cluster);
  },
};

/** Null if there is none: it was cancelled, or removed some time after it had ended. */
async function jobNamed(name: string, cluster: Cluster): Promise<Job | null> {
  const told = await kubectlJson(["get", "job", name, "--ignore-not-found", ANSWER], cluster);
  return told === null ? null : readJob(told);
}

/** Tells the job's pods to end, and waits until they have kept what they measured. */
async function remove(name: string, cluster: Cluster): Promise<void> {
  await kubectl(
    ["delete", "job", name, "--ignore-not-found", "--cascade=foreground", "--wait=true", END],
    cluster,
  );
}

/** Undefined within a cluster, where kubectl needs no configuration. */
async function currentContext(): Promise<string | undefined> {
  try {
    const context = (
      await kubectl(["config", "current-context"], { context: undefined, namespace: undefined })
    ).trim();
    return context === "" ? undefined : context;
  } catch (thrown) {
    if (thrown instanceof FailureError) return undefined;
    throw thrown;
  }
}

/** A manifest as it is in the folder, where a person may have changed it, and the name of the job in it. */
function jobIn(path: string): { readonly name: string; readonly manifest: string } {
  const where = printable(path);
  let manifest: string;
  let documents: readonly unknown[];
  try {
    manifest = readFileSync(path, "utf8");
    documents = parseAllDocuments(manifest).map((one) => one.toJS());
  } catch (thrown) {
    throw new FailureError(`${where}: cannot be read, ${messageOf(thrown)}`);
  }
  const name = documents.map(nameOfJob).find((one) => one !== null);
  if (name != null) return { name, manifest };
  throw new FailureError(`${where}: must have a Job with a name; restore it, or plan the sweep again`);
}

function nameOfJob(one: unknown): string | null {
  const job = one as { kind?: unknown; metadata?: { name?: unknown } } | null;
  const name = job?.kind === "Job" ? job.metadata?.name : null;
  // Any other would be another word for kubectl.
  return typeof name === "string" && isName(name) ? name : null;
}
