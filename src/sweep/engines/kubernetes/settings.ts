import * as z from "zod";
import { parseDuration } from "../../../text/units.ts";
import { isLabelKey, isLabelValue, isName, isSubdomain } from "./names.ts";

/** What a plan says of a class of machines that is some nodes of a Kubernetes cluster. Words of many parts have dashes. */
export type KubernetesSettings = z.infer<typeof kubernetesSettings>;

/** Where the sweep's folder is, as pods see it. */
export type SweepStorage = KubernetesSettings["storage"];

/** Texts that are data: of a length that a person writes, and nothing that no file or terminal shows as it is. */
function words(rule: string, allowed: (text: string) => boolean = () => true, longest = 500) {
  const fits = (text: string) =>
    text.length > 0 && text.length <= longest && !/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u.test(text) && allowed(text);
  return z.string().refine(fits, `must be ${rule}`);
}

/** Seconds, as typed. */
function duration(usual: string) {
  return z
    .union([z.string(), z.number()])
    .transform((typed, context) => {
      try {
        return Math.ceil(parseDuration("", typed));
      } catch {
        context.addIssue("must be a time of more than 0 and at most 7 days such as 60s or 2h");
        return z.NEVER;
      }
    })
    .prefault(usual);
}

function count(least: number, most: number, usual: number) {
  return z.number().int().min(least).max(most).default(usual);
}

const name = words("a name of Kubernetes: small letters, digits and dashes, at most 63", isName);
const subdomain = words("a name of Kubernetes: small letters, digits, dashes and dots", isSubdomain);
const labelKey = words("a label's key, such as node.kubernetes.io/instance-type", isLabelKey);
const labelValue = z
  .string()
  .refine(isLabelValue, "must be a label's value: at most 63 letters, digits, dashes, dots");
const absolute = words(
  "an absolute path without '..'",
  (path) => path.startsWith("/") && isWithin(path),
  1000,
);
const below = words("a path below it, without '..'", (path) => !path.startsWith("/") && isWithin(path), 1000);
const image = words(
  "an image that the cluster can pull, such as registry.example/attnbench@sha256:…",
  (text) => /^[a-zA-Z0-9][\w.:/@-]*$/.test(text),
);
const argv = z
  .array(words("a word of a command", undefined, 4000))
  .min(1)
  .max(200);

function isWithin(path: string): boolean {
  return !path.split("/").includes("..");
}

/** One taint of nodes that pods put up with, in Kubernetes' own words. */
const toleration = z.strictObject({
  key: labelKey.optional(),
  operator: z.enum(["Exists", "Equal"]).optional(),
  value: labelValue.optional(),
  effect: z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]).optional(),
  tolerationSeconds: z.number().int().min(0).max(2_592_000).optional(),
});

/** A folder that all pods see, or a bucket, from which each pod copies and to which it copies back. */
const storage = z.union(
  [
    z.strictObject({ claim: subdomain, path: below.optional() }),
    z.strictObject({ "host-path": absolute }),
    z.strictObject({ nfs: z.strictObject({ server: subdomain, path: absolute }) }),
    z.strictObject({
      bucket: z.strictObject({ image, fetch: argv, store: argv, secret: subdomain.optional() }),
    }),
  ],
  { error: "must be one of claim, host-path, nfs and bucket, with what belongs to it" },
);

export const kubernetesSettings = z.strictObject({
  /** With attnbench in it: docs/sweeps-kubernetes.md says how it is made. */
  image,
  storage,
  /** Of kubectl's configuration, and the namespace in it: its current ones if omitted. */
  context: words("a context of kubectl's configuration").optional(),
  namespace: name.optional(),
  /** Pods at once. */
  parallelism: count(1, 10_000, 10),
  /** Times that a shard's pod is replaced after a failure; evictions do not count. */
  retries: count(0, 100, 3),
  /** Whole processors and memory of a pod: it gets no less and no more. */
  cpus: count(1, 1024, 2),
  memory: words("an amount of memory such as 4Gi or 512Mi", (text) =>
    /^[1-9]\d{0,8}[KMGT]i$/.test(text),
  ).default("4Gi"),
  "node-selector": z.record(labelKey, labelValue).default({}),
  tolerations: z.array(toleration).max(100).default([]),
  /** Whether two shards may be measured on one node at once: they disturb one another. */
  "share-nodes": z.boolean().default(false),
  /** Seconds that a pod is given to keep what it measured, once it is told to end. */
  grace: duration("2m"),
  /** Seconds that the job may wait for nodes, all in all, before it is given up. */
  wait: duration("48h"),
  /** Seconds after which Kubernetes removes a job that has ended, with what its pods said. */
  keep: duration("168h"),
  /** Who writes the files: the numbers of a user, and of a group, that may write to the sweep's folder. */
  user: count(1, 2 ** 31 - 1, 1000),
  group: count(1, 2 ** 31 - 1, 1000),
  /** Where pods find the files that the plan names: the sweep's folder if omitted. */
  directory: absolute.optional(),
  "service-account": subdomain.optional(),
  "priority-class": subdomain.optional(),
  "pull-secrets": z.array(subdomain).max(20).default([]),
  /** The words that start attnbench in the image, if not its own entry point. */
  program: argv.optional(),
});
