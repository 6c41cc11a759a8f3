import { describe, expect, test } from "vitest";
import { kubernetesSettings } from "../../../../src/sweep/engines/kubernetes/settings.ts";
import { BUCKET, LEAST } from "./given.ts";

/** What is wrong with settings, by the place in them. */
function refused(settings: Record<string, unknown>): Record<string, string> {
  const read = kubernetesSettings.safeParse({ ...LEAST, ...settings });
  return Object.fromEntries((read.error?.issues ?? []).map(({ path, message }) => [path.join("."), message]));
}

describe("settings of a class of machines", () => {
  test("need an image and a place for the folder, and have all else", () => {
    expect(Object.keys(kubernetesSettings.safeParse({}).error?.flatten().fieldErrors ?? {})).toEqual([
      "image",
      "storage",
    ]);
    expect(kubernetesSettings.parse(LEAST)).toMatchObject({
      parallelism: 10,
      retries: 3,
      cpus: 2,
      memory: "4Gi",
      "share-nodes": false,
      grace: 120,
      wait: 172_800,
      keep: 604_800,
      user: 1000,
      group: 1000,
    });
  });

  test("know no other word, so that a misspelt one is told", () => {
    expect(refused({ paralelism: 3 })[""]).toContain("paralelism");
    expect(kubernetesSettings.safeParse({ ...LEAST, storage: { claim: "a", host: "b" } }).success).toBe(
      false,
    );
  });

  test("take whole processors alone, since a part of one is never a core of its own", () => {
    for (const cpus of [0, 0.5, 1.5, Number.NaN, "2", "500m"])
      expect(refused({ cpus })).toHaveProperty("cpus");
    expect(refused({ cpus: 4 })).toEqual({});
  });

  test("name nothing that Kubernetes would refuse, and no path that leads out of its folder", () => {
    const wrong = {
      namespace: "Lab",
      memory: "4 GB",
      image: "a b",
      context: "a\nb",
      "service-account": "a_b",
      "pull-secrets": ["../a"],
      "node-selector": { "a b": "c" },
      user: 0,
      grace: "soon",
      wait: "9d",
      keep: -1,
      program: [],
      directory: "work",
      tolerations: [{ effect: "Never" }],
    };
    for (const [key, value] of Object.entries(wrong)) {
      expect(Object.keys(refused({ [key]: value })).map((at) => at.split(".")[0])).toEqual([key]);
    }
    const paths = [
      { claim: "a", path: "../b" },
      { claim: "a", path: "/b" },
      { "host-path": "/a/../b" },
      { "host-path": "a" },
    ];
    for (const storage of paths)
      expect(kubernetesSettings.safeParse({ ...LEAST, storage }).success).toBe(false);
    for (const storage of [{ claim: "a", path: "b..c/d" }, { "host-path": "/data/zoo" }, BUCKET]) {
      expect(kubernetesSettings.safeParse({ ...LEAST, storage }).success).toBe(true);
    }
  });
});
