import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { GradientPass } from "../../src/core/operation.ts";
import { outputCount } from "../../src/core/outputs.ts";
import { shapeOf } from "../../src/core/shape.ts";
import { type OpenProgram, openProgram } from "../../src/kernels/external/open-program.ts";
import { programName } from "../../src/kernels/external/program-spec.ts";
import { guardedOutput, type Kernel } from "../../src/kernels/kernel.ts";
import { supportsPass } from "../../src/kernels/supports-mode.ts";
import type { JudgedProblem } from "../../src/mechanisms/judged.ts";
import { outputsOf } from "../../src/mechanisms/outputs.ts";
import { band } from "../../src/pattern/band.ts";
import { rowsToCheck } from "../../src/verify/gradient-rows.ts";
import { prepareCase } from "../../src/verify/prepare-case.ts";
import { problemOf } from "../kernels/arbitrary-problems.ts";
import { gradientOf } from "../mechanisms/gradient/gradient-problem.ts";
import { ofPattern } from "../mechanisms/judge.ts";
import { pythonWith } from "./pythons.ts";

const python = pythonWith();
const withTorch = pythonWith("torch");
const shape = shapeOf({ batch: 1, heads: 2, length: 20, headDim: 4 });

function problem(causal: boolean, pass: GradientPass = "train", of = shape): JudgedProblem {
  return gradientOf(problemOf(ofPattern(band(3, 3)), of, causal), pass);
}

/** What a file in `wrong/` brings, for as long as `use` takes. */
async function withKernel<Value>(file: string, use: (kernel: Kernel) => Promise<Value>): Promise<Value> {
  const program = await openProgram(
    programName({ command: [python ?? "", join(import.meta.dirname, "wrong", file)] }),
  );
  try {
    return await use(program.kernels[0]);
  } finally {
    await program.close();
  }
}

/** What verification says of how a kernel computes a problem; null if it is right. */
async function verdictOn(kernel: Kernel, asked: JudgedProblem): Promise<string | null> {
  const result = await prepareCase(asked, kernel, {
    places: rowsToCheck(asked, 1),
    fullRows: null,
    seed: 1,
    output: guardedOutput(outputCount(outputsOf(asked))),
    second: null,
    now: () => 0,
  });
  return result.outcome === "green" ? null : result.reason;
}

async function refusalOf(file: string, causal: boolean): Promise<string | null> {
  return await withKernel(file, async (kernel) => await verdictOn(kernel, problem(causal)));
}

describe.skipIf(python === null)("a kernel in Python that trains", () => {
  it.each([true, false])("rightly passes, causal: %s", async (causal) => {
    expect(await refusalOf("trains_right.py", causal)).toBeNull();
  });

  it.each([
    ["scales dq once too often", "trains_dq_scaled.py", /dq, row \d+ of batch 0, head \d/],
    [
      "leaves out the correction of softmax",
      "trains_without_correction.py",
      /d[qk], row \d+ of batch 0, head \d/,
    ],
    [
      "leaves out keys at the edge of the pattern",
      "trains_beside_the_edge.py",
      /d[kv], row \d+ of batch 0, head \d/,
    ],
    ["hands out gradients that it computed before", "trains_stale.py", /d[qkv], row \d+ of batch 0, head \d/],
    [
      "reads dout as it was when it was prepared",
      "trains_of_prepare.py",
      /d[qkv], row \d+ of batch 0, head \d/,
    ],
    ["lacks a gradient", "trains_three.py", /run must return out, dq, dk, dv, or nothing .*, got 3 of them/],
  ])("and %s is refused, and the reason names the tensor", async (_, file, reason) => {
    expect(await refusalOf(file, true)).toMatch(reason);
  });

  it("is asked for its gradients with its forward pass, and not for them alone", async () => {
    await withKernel("trains_right.py", async (kernel) => {
      expect(supportsPass(kernel, problem(true))).toBe(true);
      expect(supportsPass(kernel, problem(true, "backward"))).toMatch(/cannot be proven; --mode train/);
    });
  });
});

it.skipIf(python === null)("a kernel that says nothing of training is not asked for it", async () => {
  await withKernel("right.py", async (kernel) => {
    expect(supportsPass(kernel, problem(true))).toBe("it computes no gradients");
    const output = guardedOutput(outputCount(outputsOf(problem(true))));
    await expect(async () => await kernel.prepare(problem(true), output)).rejects.toThrow(
      "right computes no gradients: @kernel was given no train",
    );
  });
});

describe("a program that trains", () => {
  const command = [process.execPath, join(import.meta.dirname, "programs/tells-shapes.ts")];

  it.each([
    ["silent", "its dq must be [1, 2, 20, 4], got no shape of it"],
    ["exchanging", "its dk must be [1, 2, 20, 4], got [4, 20, 2, 1]"],
    ["forgetting", "its dv must be [1, 2, 20, 4], got no shape of it"],
  ])("must say of which shapes its gradients are: %s", async (id, reason) => {
    const program = await openProgram(programName({ command }));
    try {
      const kernel = program.kernels.find((one) => one.id === id);
      if (kernel === undefined) throw new RangeError(`the program must bring ${id}`);
      expect(await verdictOn(kernel, problem(true))).toContain(reason);
      const forward = problemOf(ofPattern(band(3, 3)), shape, true);
      expect(supportsPass(kernel, forward)).toBe("it computes no output without gradients");
    } finally {
      await program.close();
    }
  });
});

describe.skipIf(withTorch === null)("a kernel of PyTorch that trains", () => {
  const narrow = shapeOf({ ...shape, valueDim: 3 });
  let program: OpenProgram | null = null;
  beforeAll(async () => {
    const command = [withTorch ?? "", join(import.meta.dirname, "programs/trains-torch.py")];
    if (withTorch !== null) program = await openProgram(programName({ command }));
  });
  afterAll(async () => {
    await program?.close();
  });

  const verdict = async (id: string, of = shape) => {
    const kernel = program?.kernels.find((one) => one.id === id);
    if (kernel === undefined) throw new RangeError(`the program must bring ${id}`);
    const asked = problem(true, "train", of);
    const supported = supportsPass(kernel, asked);
    return supported === true ? await verdictOn(kernel, asked) : supported;
  };

  it.each(["by-autograd", "by-autograd-tokens-first", "written", "returned-from-memory"])(
    "rightly passes: %s",
    async (id) => {
      expect(await verdict(id)).toBeNull();
    },
  );

  it.each([
    ["of-keys-alone", shape, /row \d+ of batch 0, head \d/],
    [
      "detached",
      shape,
      /train='autograd': run must return what it computes of the tensors of case\.torch\(\)/,
    ],
    ["elsewhere", shape, /train='autograd': prepare must compute on the tensors of case\.torch\(\)/],
    [
      "exchanged",
      narrow,
      /run returned for dv float32 \[1, 2, 20, 4\], which must be float32 \[1, 2, 20, 3\]/,
    ],
    ["lonely", shape, /run must return out, dq, dk, dv, or nothing .*, got Tensor/],
    ["tired", shape, /^it does not train today$/],
  ])("is told what is wrong: %s", async (id, of, reason) => {
    expect(await verdict(id, of)).toMatch(reason);
  });
});

it("PyTorch is there, or its tests say that they were skipped", () => {
  if (withTorch === null)
    process.stderr.write("no python3 here imports torch: training by it was not tested\n");
  expect(withTorch ?? "none").not.toBe("");
});

it("Python is there, or its tests say that they were skipped", () => {
  if (python === null) process.stderr.write("no python3 on the path: training in Python was not tested\n");
  expect(python ?? "none").not.toBe("");
});
