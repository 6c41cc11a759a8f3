import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findTensor, openSafetensors } from "../../src/input/safetensors.ts";
import { readTensor } from "../../src/input/stored-tensor.ts";
import { readLines } from "../../src/record/read.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { commandHost } from "./hosted.ts";

const folder = scratchFolder();
const fading = join(import.meta.dirname, "../plugin/fading.ts");
// Plug-ins are imported by Node itself.
const ended = commandHost(folder.path);

/** The same kind with a kernel that is `off` in every output. */
function wrongBy(off: string, reference = "fading"): string {
  const path = join(folder.path, `off-${off}-${reference}.ts`);
  writeFileSync(
    path,
    `import { simpleKernel, simpleKind } from "attnbench";
import { kernels as right, kinds as told, variants } from ${JSON.stringify(fading)};
const [inner] = right;
export const kernels = [simpleKernel({
  id: "fading-pairs",
  supports: (task) => inner.supports(task),
  prepare(problem, output) {
    const { run } = inner.prepare(problem, output);
    return () => { run(); for (let at = 0; at < output.length; at++) output[at] *= ${off}; };
  },
})];
const doubled = simpleKind({
  id: "fading",
  causality: "always",
  flops: () => 1,
  laws: [],
  reference: ({ q }) => new Float64Array(q.length),
});
export const kinds = ${reference === "fading" ? "told" : "[doubled]"};
export { variants };
`,
  );
  return path;
}

describe("a kind with inputs of its own, and with decoding", () => {
  const gated = join(import.meta.dirname, "../plugin/gated.ts");

  test.each([
    ["whole sequences", "--causal"],
    ["whole sequences in heads that share k and v", "--causal --batch 2 --heads 4 --kv-heads 2"],
    ["tokens one by one", "--mode decode"],
    ["tokens one by one in heads that share k and v", "--mode decode --batch 2 --heads 4 --kv-heads 2"],
  ])("is measured over %s", async (_, words) => {
    const path = `on${words.replaceAll(/\W+/g, "-")}.jsonl`;
    const { code, stderr } = await ended(
      `run --plugin ${gated} --variants gated ${words} --lengths 16,40 --rounds 1 --out ${path}`,
    );
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const { lines } = readLines(join(folder.path, path));
    const outcomes = lines.filter((line) => line.type === "case").map(({ outcome }) => outcome);
    expect(outcomes).toEqual(["measured", "measured"]);
  });

  test("is applied to a whole input, in both modes to the same output", async () => {
    const words = `apply gated --plugin ${gated} --input gaussian --length 40 --causal`;
    expect((await ended(`${words} --output pass.safetensors`)).code).toBe(0);
    expect((await ended(`${words} --mode decode --output step.safetensors`)).code).toBe(0);
    const [pass, step] = ["pass", "step"].map((name) =>
      readTensor(findTensor(openSafetensors(join(folder.path, `${name}.safetensors`)), "out")),
    );
    expect(step).toEqual(pass);
  });
});

describe("a kind that a plug-in brings", () => {
  test("is short enough to be quoted whole", () => {
    expect(readFileSync(fading, "utf8").trimEnd().split("\n").length).toBeLessThanOrEqual(70);
  });

  test("is measured beside built-in ones, and its lines say whose word it is", async () => {
    const words = `run --plugin ${fading} --variants full,fading --causal --lengths 16,40 --rounds 2 --out kind.jsonl`;
    const { code, stdout } = await ended(words);
    expect({ code, stdout }).toMatchObject({ code: 0 });
    const { lines } = readLines(join(folder.path, "kind.jsonl"));
    const cases = lines.filter((line) => line.type === "case");
    const outcomes = cases.map(({ variant, outcome, pairs, useful_flops }) => [
      variant,
      outcome,
      pairs,
      useful_flops,
    ]);
    expect(outcomes).toContainEqual(["fading", "measured", null, 4 * 40 * 64 * 64]);
    for (const { variant, remarks = [] } of cases) {
      const told = remarks.some((one) => one.includes("what is right is what the plug-in says"));
      expect([variant, told]).toEqual([variant, variant === "fading"]);
    }
    expect((await ended("report kind.jsonl --out told")).code).toBe(0);
    expect(readFileSync(join(folder.path, "told/summary.md"), "utf8")).toContain("| fading");
  });

  test("a kernel that is off by a thousandth fails, in run and in check", async () => {
    const words = `run --plugin ${wrongBy("1.001")} --variants fading --causal --lengths 16 --rounds 1`;
    const { code, stdout, stderr } = await ended(words);
    expect(code).not.toBe(0);
    expect(stdout + stderr).toMatch(/over budget/);
    const checked = await ended(`check fading --kernel fading-pairs --plugin ${wrongBy("1.001")}`);
    expect(checked.stdout).toMatch(/FAILED {2}fading by fading-pairs: gate/);
  });

  test("is refused in one line where it is not defined", async () => {
    const plain = await ended(`run --plugin ${fading} --variants fading --lengths 16`);
    expect(plain).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("fading is always causal; add --causal"),
    });
    const decode = await ended(`run --plugin ${fading} --variants fading --mode decode --lengths 16`);
    expect(decode).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("decoding is not defined for fading"),
    });
    const checked = await ended(`check fading --mode decode --plugin ${fading}`);
    expect(checked).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("fading by fading-pairs: decoding is not defined for fading"),
    });
    const shown = await ended(`show fading --plugin ${fading} --length 4`);
    expect(shown).toMatchObject({ code: 2, stderr: expect.stringContaining("add --causal") });
  });

  test("is listed and drawn, as what reads every token before", async () => {
    const { stdout } = await ended(`list --json --plugin ${fading}`);
    expect(JSON.parse(stdout).variants.at(-1)).toMatchObject({
      id: "fading",
      kind: "fading",
      decoding: "is not defined",
    });
    const shown = await ended(`show fading --plugin ${fading} --causal --length 4 --format json`);
    expect(JSON.parse(shown.stdout).rows).toEqual([[[0, 1]], [[0, 2]], [[0, 3]], [[0, 4]]]);
  });

  test("a variant of a kind that nobody brings is refused when it is loaded", async () => {
    const path = join(folder.path, "orphan.ts");
    writeFileSync(path, `export { kernels, variants } from ${JSON.stringify(fading)};\n`);
    const { code, stderr } = await ended(`list --plugin ${path}`);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /variant fading cannot be used, kind: must be one of softmaxPattern, featureMap, [^;]*, got fading; .* must export that kind/,
    );
  });
});
