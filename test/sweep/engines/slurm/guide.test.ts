import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { RUN_OPTION_FORMS } from "../../../../src/library/sweep/option-forms.ts";
import { ENGINE_SETTINGS } from "../../../../src/sweep/engines/engines.ts";
import { script } from "../../../../src/sweep/engines/slurm/script.ts";
import { slurmSettings } from "../../../../src/sweep/engines/slurm/settings.ts";
import { readPlan } from "../../../../src/sweep/plan/read-plan.ts";
import { submissionOf } from "./stand-ins.ts";

const root = resolve(import.meta.dirname, "../../../..");
const guide = readFileSync(join(root, "docs/sweeps-slurm.md"), "utf8");
const plan = /<!-- plan -->\n+```yaml\n(.*?)```\n+<!-- \/plan -->/s.exec(guide)?.[1] ?? "";

describe("docs/sweeps-slurm.md", () => {
  test("has an example plan that is one, and becomes scripts", () => {
    const { machines } = readPlan("zoo.yaml", plan, {
      options: RUN_OPTION_FORMS,
      engines: ENGINE_SETTINGS,
    }).plan;
    expect(machines.map(({ name }) => name)).toEqual(["epyc", "xeon"]);
    const scripts = machines.map(({ settings }) => script(submissionOf(settings.slurm ?? {})));
    expect(scripts[0]).toContain("#SBATCH --constraint=epyc\n");
    expect(scripts[1]).toContain("module load nodejs/");
  });

  test("explains every setting, with its default, and no other", () => {
    const [, table = ""] = /\| setting \| meaning \|\n\|---\|---\|\n((?:\|.*\n)+)/.exec(guide) ?? [];
    const told = [...table.matchAll(/^\| (.*?) \|/gm)].flatMap(([, names]) => names.match(/[\w-]+/g) ?? []);
    expect(told.toSorted()).toEqual(Object.keys(slurmSettings.shape).toSorted());
    const usual = slurmSettings.parse({});
    for (const name of ["exclusive", "tasks", "notice"] as const) {
      const [, typed] = new RegExp(`\`${name}\`.*default (\\w+)`).exec(table) ?? [];
      expect(slurmSettings.parse({ [name]: JSON.parse(/s$/.test(typed) ? `"${typed}"` : typed) })[name]).toBe(
        usual[name],
      );
    }
  });

  test("links only to what is there", () => {
    for (const [, target] of guide.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)) {
      expect(existsSync(join(root, "docs", target)), target).toBe(true);
    }
  });
});
