import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findTensor, openSafetensors } from "../../src/input/safetensors.ts";
import { readTensor } from "../../src/input/stored-tensor.ts";
import { writeSafetensors } from "../../src/input/write-safetensors.ts";
import { readLines } from "../../src/record/read.ts";
import { type RawIntegers, rawGraph } from "../input/raw-graphs.ts";
import { scratchFolder } from "../input/scratch-folder.ts";
import { commandLine } from "./command-line.ts";

const folder = scratchFolder();
const home = process.cwd();
beforeAll(() => process.chdir(folder.path));
afterAll(() => process.chdir(home));

const TOKENS = 8;
const vector = (...values: number[]): RawIntegers => ({ dtype: "F32", shape: [1, 1, 2], values });

function file(name: string, tensors: Readonly<Record<string, RawIntegers>>): string {
  folder.write(name, rawGraph(TOKENS, tensors));
  return name;
}

describe("weights in the file of an input", () => {
  test("take the place of what a variant would draw, and are told of in the results", async () => {
    const input = file("weights.safetensors", { "gat.a": vector(1, 2), "gat.b": vector(3, -1) });
    const { code } = await commandLine(`run --input ${input} --variants gat --rounds 2 --out weights.jsonl`);
    expect(code).toBe(0);
    const { run } = readLines("weights.jsonl");
    expect(run.given_inputs).toEqual(["gat.a", "gat.b"]);
    const drawn = file("drawn.safetensors", {});
    await commandLine(`run --input ${drawn} --variants gat --rounds 2 --out drawn.jsonl`);
    expect(readLines("drawn.jsonl").run.given_inputs).toBeUndefined();
    expect(readLines("drawn.jsonl").run.input_sha256).not.toBe(run.input_sha256);
  });

  test("decide the output", async () => {
    const output = async (name: string, tensors: Readonly<Record<string, RawIntegers>>) => {
      const input = file(`${name}.safetensors`, tensors);
      const { code, stderr } = await commandLine(
        `apply full --set score=gat --input ${input} --output ${name}.out.safetensors`,
      );
      const told =
        Object.keys(tensors).length > 0
          ? "from the input: gat.a, gat.b\n"
          : "warning: input: it holds none of gat.a, gat.b, which are drawn instead; 'attnbench show full --weights' says what the file may hold\n";
      expect({ code, stderr }).toEqual({ code: 0, stderr: told });
      return [...readTensor(findTensor(openSafetensors(`${name}.out.safetensors`), "out"))];
    };
    // Scores that are all alike: the mean of the values.
    const zeros = await output("zeros", { "gat.a": vector(0, 0), "gat.b": vector(0, 0) });
    for (const column of [0, 1]) {
      const rows = zeros.filter((_, at) => at % 2 === column);
      for (const one of rows) expect(one).toBeCloseTo(rows[0], 6);
    }
    expect(await output("drawn", {})).not.toEqual(zeros);
  });

  test("that no variant reads are named, with those that one does", async () => {
    const input = file("typo.safetensors", { "gat.A": vector(1, 2), "other.w": vector(1, 2) });
    const { stderr } = await commandLine(`run --input ${input} --variants gat --rounds 2 --out typo.jsonl`);
    expect(stderr).toContain("input: gat.A is read by no variant; what is read is gat.a, gat.b\n");
    expect(stderr).not.toContain("other.w");
  });

  test("that do not fit are refused in one line, before a file is begun", async () => {
    const input = file("wide.safetensors", {
      "gat.a": { dtype: "F32", shape: [1, 1, 3], values: [1, 2, 3] },
    });
    const { code, stderr } = await commandLine(`run --input ${input} --variants gat --out wide.jsonl`);
    expect(code).toBe(2);
    expect(stderr).toContain("wide.safetensors: gat.a must be [heads 1, 1, headDim 2], got [1, 1, 3]; ");
    expect(() => readLines("wide.jsonl")).toThrow();
  });
});

describe("a file that holds no weights", () => {
  test.each([
    ["conv-full --causal", "no conv.full, which is"],
    ["lstm --causal", "none of lstm.w, lstm.u, which are"],
  ])("is told what is missing: %s", async (words, missing) => {
    const input = file("bare.safetensors", {});
    const { code, stderr } = await commandLine(
      `apply ${words} --input ${input} --output bare.out.safetensors`,
    );
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: `warning: input: it holds ${missing} drawn instead; 'attnbench show ${words.split(" ")[0]} --weights' says what the file may hold\n`,
    });
    // A run measures, whatever the weights are.
    const run = await commandLine(
      `run --variants ${words.replace(" ", ",full ")} --input ${input} --dry-run`,
    );
    expect(run.stderr).toBe("");
  });

  test("but the input of a layer is told how that is read", async () => {
    writeSafetensors("x.safetensors", { x: { shape: [1, 4, 2], data: new Float32Array(8) } });
    const { code, stderr } = await commandLine(
      "apply conv-2d --input x.safetensors --output x.out.safetensors",
    );
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        "attnbench: x.safetensors: must hold a tensor 'q', got x; x is what a layer is given: give --layer, or save q, k and v, and beside them the weights that 'attnbench show VARIANT --weights' names\n",
    });
  });
});

describe("weights of which some are missing", () => {
  test("are drawn, and named", async () => {
    const input = file("half.safetensors", { "gat.a": vector(1, 2) });
    const { code, stderr } = await commandLine(
      `apply gat --input ${input} --output half.out.safetensors --set degree=2`,
    );
    expect(code).toBe(0);
    expect(stderr).toBe("warning: input: it holds no gat.b, which is drawn instead\nfrom the input: gat.a\n");
  });

  test("and two that share a stream have names of their own", async () => {
    const { stdout } = await commandLine("show clustered --weights");
    expect(stdout).toMatch(/^clustered\.planes .*\nclustered\.starts /);
  });
});

describe("show --weights", () => {
  test("lists names, shapes and how each is drawn", async () => {
    const { code, stdout } = await commandLine("show gat --weights --set seed=3");
    expect(code).toBe(0);
    expect(stdout.split("\n").slice(0, 2)).toEqual([
      "gat.a  [heads, 1, headDim]  N(0, 0.125²) with heads of 64; stream gat/a, seed 3, one a head",
      "gat.b  [heads, 1, headDim]  N(0, 0.125²) with heads of 64; stream gat/b, seed 3, one a head",
    ]);
    const { stdout: json } = await commandLine("show t5-bias --weights --format json");
    expect(JSON.parse(json)).toMatchObject({
      variant: "t5-bias",
      inputs: [{ name: "t5-bias.table", dims: ["heads", 1, 32], of: "weights" }],
    });
    expect((await commandLine("show full --weights")).stdout).toBe(
      "full learns nothing: its inputs are q, k and v\n",
    );
  });

  test("refuses what says something of a matrix", async () => {
    for (const [words, told] of [
      ["--length 8", "omit --length"],
      ["--causal", "omit --causal"],
      ["--format svg", "must"],
    ]) {
      const { code, stderr } = await commandLine(`show gat --weights ${words}`);
      expect(code).toBe(2);
      expect(stderr).toMatch(/^attnbench: show: --weights .*\n$/);
      expect(stderr).toContain(told === "must" ? "text or json, got svg" : told);
    }
  });
});
