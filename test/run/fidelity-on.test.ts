import { describe, expect, it } from "vitest";
import { openInput } from "../../src/input/open-input.ts";
import { builtInKernels } from "../../src/kernels/index.ts";
import type { Kernel } from "../../src/kernels/kernel.ts";
import { plan as planned } from "../../src/library/index.ts";
import { builtInKinds } from "../../src/mechanisms/kinds.ts";
import { MeasuredProblems } from "../../src/run/measured-problems.ts";
import { variants } from "../../variants/index.ts";
import { scratchFolder } from "../input/scratch-folder.ts";

const folder = scratchFolder();
const kernels: readonly Kernel[] = builtInKernels("plain");

/** What each case of a plan is told of errors on its workloads, in the order in which cases are asked about. */
async function toldOf(options: Parameters<typeof planned>[0]) {
  const plan = await planned({ headDim: 8, ...options });
  const inputs = await Promise.all(
    (plan.workloads?.inputs ?? []).map(async (input) => ({
      input,
      source: await openInput(input, plan.seed),
    })),
  );
  const source = await openInput(plan.input, plan.seed);
  const problems = new MeasuredProblems(plan, {
    kinds: builtInKinds,
    variants,
    kernels,
    source,
    workloads: inputs,
    now: () => 0,
  });
  return plan.cases.map((one) => ({ one, told: problems.fidelityOn(one) ?? null }));
}

describe("errors on a plan's workloads", () => {
  it("are told once for each variant with its parameters, of any kernel at any length", async () => {
    const all = await toldOf({
      variants: ["full"],
      curve: { local: { window: [4, 8] } },
      kernel: ["wasm", "js"],
      lengths: [16, 32],
      workloads: ["text:"],
    });
    const told = all.filter(({ told }) => told !== null);
    expect(all).toHaveLength(12);
    expect(told.map(({ one: { variant, params, length } }) => [variant, params.window, length])).toEqual([
      ["full", undefined, 16],
      ["local", 4, 16],
      ["local", 8, 16],
    ]);
    const errors = told.map((one) => one.told?.[0].error ?? Number.NaN);
    expect(errors[0]).toBe(0);
    // A wider window is nearer to full attention.
    expect(errors[1]).toBeGreaterThan(errors[2]);
    expect(errors[2]).toBeGreaterThan(0);
  });

  it("are none without workloads, and none of what approximates nothing", async () => {
    for (const { told } of await toldOf({ variants: ["full"], lengths: [16] })) expect(told).toBeNull();
    const [conv] = await toldOf({ variants: ["conv-depthwise"], lengths: [16], workloads: ["text:"] });
    expect(conv.told).toBeNull();
  });

  it("are of as many tokens as the shortest input has, and of what is defined over them", async () => {
    const short = `text:${folder.write("short.txt", "one two three four five six")}`;
    const [full, image] = await toldOf({
      variants: ["full", "neighbourhood"],
      lengths: [64],
      workloads: [short, "gaussian"],
    });
    expect(full.told?.map(({ input, length }) => [input, length])).toEqual([
      [short, 6],
      ["gaussian", 6],
    ]);
    // Six tokens are no whole row of an image of 64.
    expect(image.told).toBeNull();
  });

  it("are as wide as an image that is a workload, unless another width was set", async () => {
    const told = async (set: readonly string[]) => {
      const [axial] = await toldOf({ variants: ["axial"], set, lengths: [64], workloads: ["image:patch=2"] });
      return axial.told?.[0].error ?? Number.NaN;
    };
    // The sample is 32 patches wide.
    expect(await told([])).toBe(await told(["axial.width=32"]));
    expect(await told([])).not.toBe(await told(["axial.width=16"]));
  });

  it("are over a graph's own edges where it has as many nodes", async () => {
    const [first] = await toldOf({ variants: ["graph"], lengths: [64], workloads: ["graph:", "gaussian"] });
    const [own] = await toldOf({ variants: ["graph"], input: "graph:", workloads: ["graph:", "gaussian"] });
    const [seeded] = await toldOf({
      variants: ["graph"],
      set: ["graph.degree=2"],
      lengths: [64],
      workloads: ["graph:", "gaussian"],
    });
    const errors = [first, own, seeded].map(({ told }) => told?.map(({ error }) => error) ?? []);
    expect(errors[0]).toHaveLength(2);
    // On the graph's own edges no parameter of drawn ones says anything.
    expect(errors[2][0]).toBe(errors[0][0]);
    expect(errors[1][0]).toBe(errors[0][0]);
    expect(errors[2][1]).not.toBe(errors[0][1]);
  });
});
