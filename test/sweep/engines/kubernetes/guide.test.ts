import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { RUN_OPTION_FORMS } from "../../../../src/library/sweep/option-forms.ts";
import { ENGINE_SETTINGS } from "../../../../src/sweep/engines/engines.ts";
import { kubernetesSettings } from "../../../../src/sweep/engines/kubernetes/settings.ts";
import { readPlan } from "../../../../src/sweep/plan/read-plan.ts";
import { LEAST } from "./given.ts";

const root = resolve(import.meta.dirname, "../../../..");
const guide = readFileSync(join(root, "docs/sweeps-kubernetes.md"), "utf8");
const plan = /<!-- plan -->\n+```yaml\n(.*?)```\n+<!-- \/plan -->/s.exec(guide)?.[1] ?? "";

describe("docs/sweeps-kubernetes.md", () => {
  test("has an example plan that is one", () => {
    const rules = { options: RUN_OPTION_FORMS, engines: ENGINE_SETTINGS };
    const { machines } = readPlan("zoo.yaml", plan, rules).plan;
    expect(machines.map(({ name }) => name)).toEqual(["epyc", "graviton"]);
  });

  test("explains every setting, with its default, and no other", () => {
    const [, table = ""] = /\| setting \| meaning \|\n\|---\|---\|\n((?:\|.*\n)+)/.exec(guide) ?? [];
    const told = [...table.matchAll(/^\| (.*?) \|/gm)].flatMap(([, names]) => names.match(/[\w-]+/g) ?? []);
    expect(told.toSorted()).toEqual(Object.keys(kubernetesSettings.shape).toSorted());
    const usual = kubernetesSettings.parse(LEAST);
    for (const name of ["parallelism", "cpus", "retries", "user"] as const) {
      expect(table).toMatch(new RegExp(`\`${name}\`.*default ${usual[name]}\\b`));
    }
    for (const name of ["grace", "wait", "keep"] as const) {
      const [, typed] = new RegExp(`\`${name}\`.*default (\\w+)`).exec(table) ?? [];
      expect(kubernetesSettings.parse({ ...LEAST, [name]: typed })[name]).toBe(usual[name]);
    }
  });

  test("has a bucket that a plan may have", () => {
    const [, bucket = ""] = /```yaml\n(storage:.*?)```/s.exec(guide) ?? [];
    expect(kubernetesSettings.safeParse({ ...LEAST, ...parse(bucket) }).success).toBe(true);
  });

  test("links only to what is there", () => {
    for (const [, target] of guide.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)) {
      expect(existsSync(join(root, "docs", target)), target).toBe(true);
    }
  });
});
