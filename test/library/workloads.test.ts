import { describe, expect, it } from "vitest";
import { plan, run } from "../../src/library/index.ts";
import type { CaseLine } from "../../src/record/schema/result-lines.ts";

async function casesOf(options: Parameters<typeof run>[0]): Promise<readonly CaseLine[]> {
  const cases: CaseLine[] = [];
  for await (const line of run({ rounds: 1, headDim: 16, ...options }))
    if (line.type === "case") cases.push(line);
  return cases;
}

/** The errors of each variant's first case, by input. */
const errorsIn = (cases: readonly CaseLine[]) =>
  new Map(
    cases.flatMap(({ variant, fidelity_on: errors = [] }) =>
      errors.map((one) => [`${variant} on ${one.input}`, one] as const),
    ),
  );

describe("errors on several inputs", () => {
  it("are those of cases that are measured on them", async () => {
    const variants = ["full", "local", "linear", "nystrom", "axial"];
    const set = ["local.window=20"];
    const inputs = ["text:", "image:patch=2"];
    const told = errorsIn(await casesOf({ variants, set, lengths: [64], workloads: inputs }));
    expect(told.size).toBe(variants.length * inputs.length);
    for (const input of inputs) {
      for (const one of await casesOf({ variants, set, lengths: [512], input })) {
        const there = told.get(`${one.variant} on ${input}`);
        expect(there?.length).toBe(512);
        // The kernel's output, in float32, against the mathematics.
        expect(there?.error, one.case).toBeCloseTo(one.fidelity_error ?? Number.NaN, 4);
        expect(there?.mean_error).toBe(one.mean_fidelity_error);
      }
    }
  });

  it("are planned, so that a run can be repeated, and only if they are asked for", async () => {
    expect(await plan({ variants: ["full"], lengths: [16] })).not.toHaveProperty("workloads");
    expect((await plan({ variants: ["full"], lengths: [16], workloads: "" })).workloads).toEqual({
      inputs: ["gaussian", "text:", "speech:", "image:patch=2"],
      length: 512,
    });
    const named = await plan({
      variants: ["full"],
      lengths: [16],
      workloads: " text: ,image:,patch=4, gaussian",
    });
    expect(named.workloads).toEqual({ inputs: ["text:", "image:,patch=4", "gaussian"], length: 256 });
  });

  it.each<[string, Parameters<typeof plan>[0], string]>([
    [
      "tokens that are decoded",
      { mode: "decode", workloads: "" },
      "--workloads: errors of passes are computed",
    ],
    [
      "an input of one token, over which all is full attention",
      { workloads: "gaussian,graph:smiles=C" },
      "--workloads: inputs must have at least 2 tokens, got 1 of graph:smiles=C; over one token every variant is full attention, which is no evidence: name a longer input",
    ],
    ["an unknown input", { workloads: "text:,words" }, "unknown input 'words'; expected one of gaussian"],
    ["a file that is missing", { workloads: "speech:no.wav" }, "no.wav: no such file or folder"],
    ["nothing in a list", { workloads: [] }, "--workloads: must name something, got an empty list"],
    ["commas alone", { workloads: "," }, "--workloads: must name an input, got ','"],
    ["an input twice", { workloads: "text:,text:" }, "--workloads: must name an input once, got text: twice"],
    [
      "a captured call",
      { workloads: "test/golden/small.safetensors" },
      "--workloads: inputs must be of any shape, such as text: or gaussian, got the captured test/golden/small.safetensors",
    ],
  ])("refuse %s in one line", async (_, options, message) => {
    await expect(plan({ variants: ["full"], ...options })).rejects.toThrow(message);
  });
});
