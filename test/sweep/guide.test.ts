import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { RUN_OPTION_FORMS } from "../../src/library/sweep/option-forms.ts";
import { ENGINE_SETTINGS } from "../../src/sweep/engines/engines.ts";
import { readPlan } from "../../src/sweep/plan/read-plan.ts";
import { commandHost } from "../commands/hosted.ts";
import { scratchFolder } from "../input/scratch-folder.ts";

const root = resolve(import.meta.dirname, "../..");
const guide = readFileSync(join(root, "docs/sweeps.md"), "utf8");
const rules = { options: RUN_OPTION_FORMS, engines: ENGINE_SETTINGS };

function between(name: string): string {
  return guide.split(`<!-- ${name} -->`)[1]?.split(`<!-- /${name} -->`)[0] ?? "";
}
const code = (text: string) => /```\w+\n(.*?)```/s.exec(text)?.[1] ?? "";
const blocks = [...guide.matchAll(/```yaml\n(.*?)```/gs)].map(([, text]) => text);

describe("docs/sweeps.md", () => {
  const scratch = scratchFolder();
  const hosted = commandHost(scratch.path);

  test("has plans that are some, with what is left out", () => {
    expect(blocks.length).toBeGreaterThan(2);
    for (const block of blocks) {
      const rest = [block.includes("name:") ? "" : "name: x\n", block.includes("grid:") ? "" : "grid: {}\n"];
      expect(readPlan("plan", rest.join("") + block, rules).plan.machines.length).toBeGreaterThan(0);
    }
  });

  test("explains every key of a plan, with its default", () => {
    const told = [...guide.matchAll(/^\| `(\w+)` \| /gm)].map(([, key]) => key);
    const { plan } = readPlan("plan", "name: x\ngrid: {}\n", rules);
    const inPlan = [
      "name",
      "grid",
      "settings",
      "exclude",
      "baseline",
      "repeats",
      "shard",
      "machines",
      "engine",
    ];
    expect(told.toSorted()).toEqual(inPlan.toSorted());
    for (const key of inPlan)
      expect(() => readPlan("plan", `name: x\ngrid: {}\n${key}: 7.5\n`, rules)).not.toThrow(/unknown key/);
    expect(guide).toContain(`(default \`${plan.baseline}\`)`);
    expect(guide).toContain(
      `\`time\` (default ${plan.shard.seconds / 60}m) and \`cases\` (default ${plan.shard.cases})`,
    );
    expect(guide).toContain(`(default ${plan.repeats})`);
  });

  test("links only to what is there", () => {
    for (const [, path] of guide.matchAll(/\]\(([^)#]+)\)/g)) {
      if (!path.includes("://")) expect(existsSync(join(root, "docs", path)), path).toBe(true);
    }
  });

  test("has commands that do what it says, one after the other", async () => {
    scratch.write("small.yaml", code(between("plan")));
    const lines = code(between("commands")).trim().split("\n");
    expect(lines).toHaveLength(5);
    for (const line of lines) {
      const [program, ...words] = line.split(" ");
      expect(program).toBe("attnbench");
      const { code: exit, stderr } = await hosted(words);
      expect({ line, exit, wrong: /^attnbench:.*/m.exec(stderr) }).toEqual({ line, exit: 0, wrong: null });
    }
    expect(existsSync(join(scratch.path, "reports/small/index.html"))).toBe(true);
  });
});
