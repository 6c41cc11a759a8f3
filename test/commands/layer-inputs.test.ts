import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { everyRow } from "../../src/core/rows.ts";
import { findTensor, openSafetensors } from "../../src/input/safetensors.ts";
import { readTensor } from "../../src/input/stored-tensor.ts";
import { type FloatTensor, writeSafetensors } from "../../src/input/write-safetensors.ts";
import { readLines } from "../../src/record/read.ts";
import { expectation } from "../../src/verify/expectation.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { goldenReference } from "../kernels/golden-cases.ts";
import { GOLDEN_LAYERS, goldenLayers } from "../kernels/golden-layers.ts";
import { commandLine } from "./command-line.ts";

const folder = scratchFolder();
const home = process.cwd();
beforeAll(() => process.chdir(folder.path));
afterAll(() => process.chdir(home));

const D = 8;
const LAYER = "--layer --heads 2";
const NAMES = ["layer.wq", "layer.wk", "layer.wv", "layer.wo"];

/** Numbers that look random and are not. */
function numbers(shape: readonly number[], from = 0): FloatTensor {
  const count = shape.reduce((a, b) => a * b, 1);
  return { shape, data: Float32Array.from({ length: count }, (_, at) => Math.sin(from + 1.7 * at)) };
}

function file(name: string, tensors: Readonly<Record<string, FloatTensor>>): string {
  writeSafetensors(`${name}.safetensors`, { x: numbers([16, D]), ...tensors });
  return `${name}.safetensors`;
}

const packed = { in_proj_weight: numbers([3 * D, D], 5), "out_proj.weight": numbers([D, D], 9) };

const READ = "layer: 1 × 16 tokens of 8 → 2 heads of 4\n";

/** The output on an input, and what is said after the line on what was read. */
async function applied(input: string, rest = ""): Promise<{ stderr: string; output: number[] }> {
  const { code, stderr } = await commandLine(
    `apply full ${LAYER} --input ${input} --output out.safetensors${rest}`,
  );
  expect({ code, stderr: stderr.slice(0, READ.length) }).toEqual({ code: 0, stderr: READ });
  return {
    stderr: stderr.slice(READ.length),
    output: [...readTensor(findTensor(openSafetensors("out.safetensors"), "out"))],
  };
}

describe("apply --layer on what PyTorch computed in float64", () => {
  const ofCommand: Record<string, string> = {
    "mha.out": "x,mha.* --heads 4",
    "mha-unbiased.causal": "x,mha-unbiased.* --heads 4 --causal",
    "grouped.out": "x,grouped.* --heads 4 --kv-heads 2 --head-dim 4",
    "cross.out": "{x,memory},cross.* --heads 4",
    "unlike.out": "{query,key,value},unlike.* --heads 4",
    "sinusoidal.out": "x,sinusoidal.* --heads 4 --positions sinusoidal",
    "rope.causal": "x,rope.* --heads 4 --head-dim 4 --positions rope:half --causal",
  };

  test.each(Object.entries(ofCommand))("is within the budget: %s", async (title, words) => {
    const golden = goldenLayers.find((one) => one.title === title);
    if (golden === undefined) throw new TypeError(`no golden layer is called ${title}`);
    const { code, stderr } = await commandLine(
      `apply full --layer --input ${GOLDEN_LAYERS} --tensors ${title.split(".")[0]}.${words} --output out.safetensors`,
    );
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^layer: [12] × \d+ tokens of \d+ → 4 heads of \d+(, 2 of k and v)?\nfrom the input: [^\n]*\n$/,
    );
    const written = readTensor(findTensor(openSafetensors("out.safetensors"), "out"));
    const { problem } = golden;
    const expected = expectation(problem, goldenReference(golden), everyRow(problem.shape), 0);
    expect(expected.compare(written).failure).toBeNull();
  });
});

describe("the line on a layer's file", () => {
  test("says that 8 heads are the usual number where nobody gave another", async () => {
    const { stderr } = await commandLine(
      `apply full --layer --input ${file("usual", packed)} --output out.safetensors`,
    );
    expect(stderr).toContain(
      "layer: 1 × 16 tokens of 8 → 8 heads of 1; the file does not say how many heads, 8 are usual: give others with --heads\n",
    );
    const asked = await commandLine(
      "apply full --layer --heads 8 --input usual.safetensors --output out.safetensors",
    );
    expect(asked.stderr).toContain("layer: 1 × 16 tokens of 8 → 8 heads of 1\n");
  });

  test("is printed by runs too", async () => {
    const input = file("planned", packed);
    const usual = await commandLine(`run --layer --variants full --input ${input} --dry-run`);
    expect(usual.stderr + usual.stdout).toContain("→ 8 heads of 1; the file does not say how many heads");
    const { stdout } = await commandLine(`run ${LAYER} --variants full --input ${input} --dry-run`);
    expect(stdout).toContain("layer: 1 × 16 tokens of 8 → 2 heads of 4\n");
  });
});

describe("weights of another width", () => {
  test.each([
    ["full --layer --heads 2", "layer.wq", "[model dim = 8, 8]"],
    ["full --layer --heads 2", "layer.wo", "[8, model dim = 8]"],
    ["sagan", "layer.wk", "[model dim = 8, model dim/8 = 1]"],
  ])("are refused in words that --model-dim is known by: %s with %s", async (words, name, must) => {
    const input = file("narrow", { [name]: numbers([3, 5]) });
    const { code, stderr } = await commandLine(`apply ${words} --input ${input} --output none.safetensors`);
    expect(code).toBe(2);
    expect(stderr).toContain(
      `narrow.safetensors: ${name} must be ${must}, got [3, 5]; save it so, or ask for the heads, widths and parameters that it was made with\n`,
    );
  });
});

describe("a tensor of weights that is not finite", () => {
  const holed = numbers([3 * D, D], 5);
  holed.data.set([Number.NaN, Number.POSITIVE_INFINITY], 70);

  test("is named, once, as the file has it", async () => {
    const input = file("holed", { ...packed, in_proj_weight: holed });
    const applied = await commandLine(`apply full ${LAYER} --input ${input} --output none.safetensors`);
    expect(applied.code).toBe(3);
    expect(applied.stderr.match(/^warning: .*$/gm)).toEqual([
      "warning: input: in_proj_weight holds 2 non-finite values",
    ]);
    const { stderr } = await commandLine(`run ${LAYER} --variants full --input ${input} --dry-run`);
    expect(stderr).toContain("warning: input: in_proj_weight holds 2 non-finite values\n");
  });
});

describe("a variant that is a layer by itself", () => {
  const golden = goldenLayers.find(({ title }) => title === "detr.out");

  test("takes tokens, weights and biases of a file as PyTorch has them", async () => {
    const { code, stderr } = await commandLine(
      `apply detr --set heads=4 --set width=5 --input ${GOLDEN_LAYERS} --tensors detr.x,detr.* --output out.safetensors`,
    );
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr:
        "layer: 1 × 15 tokens of 12 → 4 heads of 3\nfrom the input: in_proj_weight, in_proj_bias, out_proj.weight, out_proj.bias, query_positions, positions\n",
    });
    if (golden === undefined) throw new TypeError("there is no golden layer of DETR");
    const written = readTensor(findTensor(openSafetensors("out.safetensors"), "out"));
    const { problem } = golden;
    const expected = expectation(problem, goldenReference(golden), everyRow(problem.shape), 0);
    expect(expected.compare(written).failure).toBeNull();
  });

  test("is run on a file of tokens, beside others, and run again from its results", async () => {
    const input = file("packed", packed);
    const words = `run --input ${input} --variants full,detr --set detr.heads=2 --lengths 16 --rounds 2`;
    const { code, stderr } = await commandLine(`${words} --out detr.jsonl`);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect((await commandLine("run --replay detr.jsonl --out detr2.jsonl")).code).toBe(0);
    const [first, again] = ["detr.jsonl", "detr2.jsonl"].map((name) => readLines(name).run);
    expect(first.given_inputs).toEqual(NAMES);
    expect(again.input_sha256).toBe(first.input_sha256);
  });
});

describe("a layer's weights in the file of an input", () => {
  test("are told by the names that they have there", async () => {
    expect((await applied(file("packed", packed))).stderr).toBe(
      "from the input: in_proj_weight, out_proj.weight\n",
    );
  });

  test("are drawn where they are missing, which is said by every name that is looked for", async () => {
    const { in_proj_weight } = packed;
    expect((await applied(file("half", { in_proj_weight }))).stderr).toBe(
      "warning: input: it holds no layer.wo (nor out_proj.weight, o_proj.weight), which is drawn instead\nfrom the input: in_proj_weight\n",
    );
  });

  test("are all drawn where there are none, which is said", async () => {
    expect((await applied(file("none", {}))).stderr).toBe(
      "warning: input: it holds no weights of a layer, which are all drawn instead\n",
    );
  });

  test("have biases of 0 where others are held", async () => {
    const some = file("some", { ...packed, in_proj_bias: numbers([3 * D], 2) });
    const { stderr, output } = await applied(some);
    expect(stderr).toBe(
      "warning: input: it holds no layer.bo (nor out_proj.bias, o_proj.bias), which is 0 instead\nfrom the input: in_proj_weight, in_proj_bias, out_proj.weight\n",
    );
    const zeros = { shape: [D], data: new Float32Array(D) };
    const all = file("all", { ...packed, in_proj_bias: numbers([3 * D], 2), "out_proj.bias": zeros });
    expect((await applied(all)).output).toEqual(output);
    expect((await applied(file("packed", packed))).output).not.toEqual(output);
  });

  test("that another name takes precedence of are named", async () => {
    const twice = file("twice", { ...packed, "q_proj.weight": numbers([D, D], 77) });
    const { stderr, output } = await applied(twice);
    expect(stderr).toBe(
      "warning: input: q_proj.weight is read by no variant; what is read is in_proj_weight\nfrom the input: in_proj_weight, out_proj.weight\n",
    );
    expect((await applied(file("packed", packed))).output).toEqual(output);
  });

  test("need no table of positions that a formula gives, but one that is learned", async () => {
    const input = file("packed", packed);
    expect((await applied(input, " --positions sinusoidal")).stderr).toBe(
      "from the input: in_proj_weight, out_proj.weight\n",
    );
    expect((await applied(input, " --positions learned")).stderr).toContain(
      "input: it holds no layer.key_positions (nor positions), which is drawn instead",
    );
  });

  test("are of the same input, whatever their names", async () => {
    const lines = async (name: string, tensors: Readonly<Record<string, FloatTensor>>) => {
      const words = `run ${LAYER} --input ${file(name, tensors)} --variants full --lengths 8,16 --rounds 2`;
      const { code, stderr } = await commandLine(`${words} --out ${name}.jsonl`);
      expect({ code, stderr }).toMatchObject({ code: 0 });
      return readLines(`${name}.jsonl`);
    };
    const { data } = packed.in_proj_weight;
    const alone = (at: number) => ({ shape: [D, D], data: data.slice(at * D * D, (at + 1) * D * D) });
    const one = await lines("one", packed);
    const other = await lines("other", {
      "q_proj.weight": alone(0),
      "k_proj.weight": alone(1),
      "v_proj.weight": alone(2),
      "o_proj.weight": packed["out_proj.weight"],
    });
    expect(one.run.given_inputs).toEqual(NAMES);
    expect(other.run.input_sha256).toBe(one.run.input_sha256);
    expect(
      (await lines("unlike", { ...packed, in_proj_weight: numbers([3 * D, D], 6) })).run.input_sha256,
    ).not.toBe(one.run.input_sha256);
    // The plan alone says that the file holds tokens.
    const { code } = await commandLine("run --replay one.jsonl --out again.jsonl");
    expect(code).toBe(0);
    expect(readLines("again.jsonl").run.input_sha256).toBe(one.run.input_sha256);
  });

  test("that do not fit are refused in one line, before a file is begun", async () => {
    const input = file("wide", { ...packed, in_proj_weight: numbers([D, 3 * D]) });
    const { code, stderr } = await commandLine(
      `run ${LAYER} --input ${input} --variants full --out wide.jsonl`,
    );
    expect(code).toBe(2);
    expect(stderr).toBe(
      "attnbench: wide.safetensors: in_proj_weight must be [24, 8], got [8, 24]; save it so, or give the layer's widths and heads as it was made with\n",
    );
    expect(() => readLines("wide.jsonl")).toThrow();
  });
});
