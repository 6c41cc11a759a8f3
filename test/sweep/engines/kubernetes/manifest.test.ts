import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { manifests } from "../../../../src/sweep/engines/kubernetes/manifest.ts";
import { anySettings, BUCKET, given, shardNamed } from "./given.ts";
import { faultsOf } from "./published-schema.ts";

interface Container {
  name: string;
  image: string;
  command?: string[];
  args?: string[];
  envFrom?: unknown;
  resources: { requests: { cpu: string; memory: string }; limits: unknown };
  securityContext: unknown;
}

interface PodSpec {
  containers: Container[];
  initContainers?: Container[];
  volumes: Record<string, unknown>[];
  affinity?: unknown;
  automountServiceAccountToken: boolean;
  securityContext: Record<string, unknown>;
}

interface Job {
  metadata: { name: string; namespace?: string };
  spec: Record<string, unknown> & { template: { spec: PodSpec } };
}

/** The manifest, its job, and the list of its shards. */
function made(submission: ReturnType<typeof given>) {
  const files = manifests(submission);
  const yaml = files.get(`kubernetes/${submission.machine}.yaml`) ?? "";
  const job = parse(yaml, { version: "1.1" }) as Job;
  return { files, yaml, job, list: files.get(`kubernetes/${job.metadata.name}.shards`) ?? "" };
}

function containersOf({ spec }: Job): Container[] {
  const { initContainers = [], containers } = spec.template.spec;
  return [...initContainers, ...containers];
}

describe("the published schema of a Job", () => {
  test("allows every manifest, whatever the plan says, and knows all of its fields", () => {
    fc.assert(
      fc.property(anySettings, (settings) => {
        expect(faultsOf(made(given({}, { settings })).job)).toEqual([]);
      }),
    );
  });

  test("refuses a field that is not Kubernetes', wherever it is put", () => {
    const { job } = made(given(BUCKET_STORAGE));
    const places = objectsIn(job).filter((path) => !isMapOfTexts(path));
    expect(places.length).toBeGreaterThan(40);
    for (const path of places) {
      const broken = structuredClone(job);
      Object.assign(at(broken, path) as object, { unheardOf: 1 });
      expect(faultsOf(broken), path.join("/")).toEqual([
        `${path.map((step) => `/${step}`).join("")}/unheardOf: no such field`,
      ]);
    }
  });

  test("refuses a value of another kind, and a word that is none of the known ones", () => {
    const broken = (change: (job: Job) => void): readonly string[] => {
      const { job } = made(given());
      change(job);
      return faultsOf(job);
    };
    expect(broken((job) => Object.assign(job.spec, { completions: "2" }))[0]).toMatch(
      /^\/spec\/completions: /,
    );
    expect(broken((job) => Object.assign(job.spec, { completionMode: "indexed" }))[0]).toMatch(
      /completionMode/,
    );
    expect(broken((job) => Object.assign(job.spec.template.spec, { containers: undefined }))).not.toEqual([]);
    expect(broken((job) => Object.assign(job, { kind: "Jobs" }))).not.toEqual([]);
  });
});

describe("a pod", () => {
  test("is Guaranteed: each of its containers requests whole processors and memory, and is limited to them", () => {
    fc.assert(
      fc.property(anySettings, (settings) => {
        for (const { resources } of containersOf(made(given({}, { settings })).job)) {
          expect(resources.limits).toEqual(resources.requests);
          expect(resources.requests).toEqual({ cpu: String(settings.cpus), memory: settings.memory });
          expect(Number.isInteger(Number(resources.requests.cpu))).toBe(true);
        }
      }),
    );
  });

  test("has no privileges, whatever the plan says", () => {
    fc.assert(
      fc.property(anySettings, (settings) => {
        const { job } = made(given({}, { settings }));
        const { spec } = job.spec.template;
        expect(spec.automountServiceAccountToken).toBe(false);
        expect(spec.securityContext).toMatchObject({
          runAsNonRoot: true,
          runAsUser: settings.user,
          seccompProfile: { type: "RuntimeDefault" },
        });
        for (const key of ["hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace"]) {
          expect(spec).not.toHaveProperty(key);
        }
        for (const { securityContext } of containersOf(job)) {
          expect(securityContext).toEqual({
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ["ALL"] },
          });
        }
      }),
    );
  });

  test("shares its node with no other that measures, unless the plan allows it", () => {
    expect(made(given()).job.spec.template.spec.affinity).toMatchObject({
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "kubernetes.io/hostname" }],
      },
    });
    expect(made(given({ "share-nodes": true })).job.spec.template.spec.affinity).toBeUndefined();
  });

  test("runs what the image starts, or the plan's words, and no shell", () => {
    const [usual] = containersOf(made(given()).job);
    expect(usual.command).toBeUndefined();
    expect(usual.args?.slice(0, 3)).toEqual(["sweep", "work", "/sweep"]);
    const [other] = containersOf(made(given({ program: ["/opt/node", "my launch.js; id"] })).job);
    expect(other.command).toEqual(["/opt/node", "my launch.js; id"]);
  });

  test("of a bucket copies in, measures, copies out, and only what copies knows the secret", () => {
    const { job } = made(given(BUCKET_STORAGE));
    const { initContainers = [], containers, volumes } = job.spec.template.spec;
    expect([...initContainers, ...containers].map(({ name }) => name)).toEqual(["fetch", "measure", "store"]);
    expect(initContainers[0].command).toEqual(BUCKET.bucket.fetch);
    expect(containers[0].command).toEqual(BUCKET.bucket.store);
    expect(initContainers[1].envFrom).toBeUndefined();
    expect(containers[0].envFrom).toEqual([{ secretRef: { name: "zoo-writer" } }]);
    expect(volumes[0]).toEqual({ name: "sweep", emptyDir: {} });
  });
});

describe("a job", () => {
  test("has an index for each shard, and the line of that number names it", () => {
    const shards = Array.from({ length: 23 }, (_, index) => shardNamed(index.toString(16).padStart(16, "0")));
    const { job, list } = made(given({ parallelism: 7 }, { shards }));
    expect(job.spec).toMatchObject({ completionMode: "Indexed", completions: 23, parallelism: 7 });
    expect(list.split("\n").slice(0, -1)).toEqual(shards.map(({ name }) => name));
    const { args = [] } = containersOf(job)[0];
    expect(args.slice(3)).toEqual([
      "--list",
      `kubernetes/${job.metadata.name}.shards`,
      "--index",
      "$(JOB_COMPLETION_INDEX)",
    ]);
  });

  test("is another one for other shards or settings, and never changes the list of an earlier one", () => {
    const names = [
      given(),
      given({ cpus: 3 }),
      given({}, { shards: [shardNamed("0123456789abcdef")] }),
      given({}, { sweep: "zoo-2" }),
    ].map((one) => made(one).job.metadata.name);
    expect(new Set(names).size).toBe(names.length);
    expect(made(given()).job.metadata.name).toBe(names[0]);
  });

  test("does not count an eviction, and does not repeat words that were not understood", () => {
    expect(made(given({ retries: 5 })).job.spec).toMatchObject({
      backoffLimitPerIndex: 5,
      podFailurePolicy: {
        rules: [
          { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget" }] },
          { action: "FailIndex", onExitCodes: { containerName: "measure", operator: "In", values: [2] } },
        ],
      },
    });
  });

  test("is refused for no shard, for more than Kubernetes counts, and for more threads than processors", () => {
    expect(() => manifests(given({}, { shards: [] }))).toThrow(
      "machines.epyc.kubernetes: a job has 1 to 100000 shards, got 0; make shards larger, or sweeps smaller",
    );
    const many = Array.from({ length: 100_001 }, () => shardNamed("0123456789abcdef"));
    expect(() => manifests(given({}, { shards: many }))).toThrow("got 100001");
    const threads = [shardNamed("0123456789abcdef", { options: { threads: 8 } })];
    expect(() => manifests(given({ cpus: 4 }, { shards: threads }))).toThrow(
      "machines.epyc.kubernetes.cpus: must be at least the threads of its shards, 8, got 4",
    );
    expect(made(given({ cpus: 8 }, { shards: threads })).job.spec.completions).toBe(1);
  });
});

describe("a manifest", () => {
  test("says the same to readers of YAML 1.1 and 1.2, and repeats nothing by an alias", () => {
    fc.assert(
      fc.property(anySettings, (settings) => {
        const { yaml } = made(given({}, { settings }));
        expect(parse(yaml, { version: "1.1" })).toEqual(parse(yaml, { version: "1.2" }));
        expect(yaml).not.toMatch(/^[^"'#]*[&*]a\d/m);
      }),
    );
  });

  test("keeps what the plan says as it is, whatever Kubernetes, YAML or a shell would read in it", () => {
    fc.assert(
      fc.property(anySettings, (settings) => {
        const { job } = made(given({}, { settings }));
        const { spec } = job.spec.template;
        const [first] = containersOf(job);
        if ("bucket" in settings.storage) expect(first.command).toEqual(settings.storage.bucket.fetch);
        else expect(first.command).toEqual(settings.program);
        if ("claim" in settings.storage) {
          expect(first).toMatchObject({ volumeMounts: [{ mountPath: "/sweep" }, { mountPath: "/tmp" }] });
        }
        const selector = settings["node-selector"];
        expect((spec as { nodeSelector?: unknown }).nodeSelector ?? {}).toEqual(selector);
      }),
    );
  });

  test("tells its reader what a person would ask, and has no line that is wider than a screen", () => {
    const { yaml } = made(given());
    for (const words of ["cpuManagerPolicy", "Guaranteed", "restricted", "evicted", "1.29"]) {
      expect(yaml).toContain(words);
    }
    expect(Math.max(...yaml.split("\n").map((line) => line.length))).toBeLessThanOrEqual(130);
  });

  test("is written under the name of its class alone", () => {
    for (const machine of ["../epyc", "a/b", "", ".", "..", "a\nb", "-\u0000"]) {
      expect(() => manifests(given({}, { machine }))).toThrow(/machines: a class must be named by/);
    }
  });
});

const BUCKET_STORAGE = { storage: BUCKET, tolerations: [{ operator: "Exists" }], "pull-secrets": ["a"] };

type Path = readonly (string | number)[];

function objectsIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [];
  const below = Object.entries(value).flatMap(([key, part]) => {
    return objectsIn(part, [...path, Array.isArray(value) ? Number(key) : key]);
  });
  return Array.isArray(value) ? below : [path, ...below];
}

/** Objects whose keys are names of their own. */
function isMapOfTexts(path: Path): boolean {
  return ["labels", "matchLabels", "requests", "limits", "nodeSelector"].includes(String(path.at(-1)));
}

function at(value: unknown, path: Path): unknown {
  return path.reduce((part, step) => (part as Record<string | number, unknown>)[step], value);
}
