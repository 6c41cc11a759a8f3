import fc from "fast-check";
import type { Submission } from "../../../../src/sweep/engines/engine.ts";
import {
  type KubernetesSettings,
  kubernetesSettings,
} from "../../../../src/sweep/engines/kubernetes/settings.ts";
import type { Shard } from "../../../../src/sweep/shard.ts";

/** The least that a plan can say. */
export const LEAST = { image: "registry.example/attnbench:0.1.0", storage: { claim: "sweeps" } };

/** What copies from and to a bucket, with all that a shell would obey. */
export const BUCKET = {
  bucket: {
    image: "registry.example/copy:1",
    fetch: ["copy", "s3://zoo/$(date)/`id`", "."],
    store: ["copy", ".", "s3://zoo/'; rm -rf /"],
    secret: "zoo-writer",
  },
};

export function shardNamed(name: string, more: Partial<Shard> = {}): Shard {
  return { name, machine: "epyc", repeat: 0, options: {}, cases: 4, predicted_s: 10, ...more };
}

export function given(
  settings: Readonly<Record<string, unknown>> = {},
  more: Partial<Submission<KubernetesSettings>> = {},
): Submission<KubernetesSettings> {
  return {
    folder: "/sweeps/zoo",
    sweep: "zoo",
    machine: "epyc",
    settings: kubernetesSettings.parse({ ...LEAST, ...settings }),
    shards: [shardNamed("0123456789abcdef"), shardNamed("fedcba9876543210")],
    program: ["node", "launch.js"],
    directory: "/home/someone",
    ...more,
  };
}

const name = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/);
const labelKey = fc.oneof(
  name,
  fc.tuple(name, name).map(([of, key]) => `${of}.example/${key}`),
);
/** Also what YAML 1.1 reads as something else than a text. */
const labelValue = fc.oneof(
  fc.constantFrom(
    "no",
    "on",
    "true",
    "null",
    "1",
    "1e3",
    "0x1f",
    "010",
    "1_000",
    "2001-01-01",
    "",
    "y",
    "0o7",
    "1.5",
  ),
  fc.stringMatching(/^[a-zA-Z0-9][\w.-]{0,20}[a-zA-Z0-9]$/),
);
/** Any text in one line: quotes, dollars, dashes, colons, templates. */
const word = fc
  .oneof(
    fc.string({ minLength: 1, maxLength: 30 }),
    fc.constantFrom(
      "$(rm -rf /)",
      "{{ .Values.x }}",
      "- a: b",
      "# no comment",
      "*alias",
      "!!js/function",
      "'\"",
      "%d",
    ),
  )
  .filter((text) => !/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u.test(text));
const path = fc.array(
  word.map((one) => one.replaceAll("/", "")).filter((one) => one !== "" && one !== ".."),
  {
    minLength: 1,
    maxLength: 3,
  },
);

const optional = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined });

/** All that a plan may say. */
export const anySettings = fc
  .record({
    image: fc.constantFrom("a", "registry.example:5000/a/b@sha256:0123", "attnbench:0.1.0"),
    storage: fc.oneof(
      fc.record({ claim: name, path: optional(path.map((parts) => parts.join("/"))) }),
      fc.record({ "host-path": path.map((parts) => `/${parts.join("/")}`) }),
      fc.record({ nfs: fc.record({ server: name, path: path.map((parts) => `/${parts.join("/")}`) }) }),
      fc.record({
        bucket: fc.record({
          image: fc.constant("registry.example/copy:1"),
          fetch: fc.array(word, { minLength: 1, maxLength: 4 }),
          store: fc.array(word, { minLength: 1, maxLength: 4 }),
          secret: optional(name),
        }),
      }),
    ),
    context: optional(word),
    namespace: optional(name),
    parallelism: fc.integer({ min: 1, max: 10_000 }),
    retries: fc.integer({ min: 0, max: 100 }),
    cpus: fc.integer({ min: 1, max: 1024 }),
    "node-selector": fc.dictionary(labelKey, labelValue),
    tolerations: fc.array(
      fc.record({
        key: optional(labelKey),
        operator: fc.constantFrom("Exists" as const, "Equal" as const),
        value: optional(labelValue),
        effect: optional(fc.constantFrom("NoSchedule" as const, "NoExecute" as const)),
        tolerationSeconds: optional(fc.nat(1000)),
      }),
      { maxLength: 3 },
    ),
    "share-nodes": fc.boolean(),
    grace: fc.constantFrom("30s", 60, "2m"),
    "service-account": optional(name),
    "priority-class": optional(name),
    "pull-secrets": fc.array(name, { maxLength: 2 }),
    program: optional(fc.array(word, { minLength: 1, maxLength: 4 })),
  })
  .map((settings) => kubernetesSettings.parse(JSON.parse(JSON.stringify(settings))));
