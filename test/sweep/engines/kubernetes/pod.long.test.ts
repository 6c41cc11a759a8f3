import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { hostFor } from "../../../../src/library/host.ts";
import { plannedSweep, writePlanned } from "../../../../src/library/sweep/begin.ts";
import { kubernetesEngine } from "../../../../src/sweep/engines/kubernetes/kubernetes.ts";
import { placesIn } from "../../../../src/sweep/folder.ts";
import { commandHost } from "../../../commands/hosted.ts";
import { scratchFolder } from "../../../input/scratch-folder.ts";
import { LEAST } from "./given.ts";

const scratch = scratchFolder();
const attnbench = commandHost(scratch.path);

const PLAN = `
name: small
engine: kubernetes
baseline: full
grid: { variants: "full, local", lengths: "64", causal: [true, false] }
settings: { rounds: 2, seed: 1 }
machines: { epyc: { kubernetes: ${JSON.stringify(LEAST)} } }
`;

test("the words of each index, as Kubernetes completes them, measure its shard, and once more find it done", async () => {
  scratch.write("plan.yaml", PLAN);
  const planned = await plannedSweep(join(scratch.path, "plan.yaml"), hostFor({}));
  const folder = join(scratch.path, "small");
  writePlanned(folder, planned);
  const { name, machines, shards } = planned.sweep;
  const settings = kubernetesEngine.settings.parse(machines.epyc.kubernetes);
  const files = kubernetesEngine.files({
    folder,
    sweep: name,
    machine: "epyc",
    settings,
    shards,
    program: [],
    directory: scratch.path,
  });
  mkdirSync(join(folder, "kubernetes"));
  for (const [path, text] of files) writeFileSync(join(folder, path), text);

  const manifest = parse(readFileSync(join(folder, "kubernetes/epyc.yaml"), "utf8"));
  const [{ args }] = manifest.spec.template.spec.containers;
  expect(manifest.spec.completions).toBe(shards.length);
  for (const [index, shard] of shards.entries()) {
    const words = args.map((word: string) =>
      // The volume is mounted at /sweep, and the variable is put in.
      word.replaceAll("$(JOB_COMPLETION_INDEX)", String(index)).replace(/^\/sweep$/, folder),
    );
    expect(await attnbench(words)).toMatchObject({ code: 0 });
    expect(existsSync(placesIn(folder).done(shard.name))).toBe(true);
    expect((await attnbench(words)).stdout).toContain("done already");
  }
});
