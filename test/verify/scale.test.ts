import { describe, expect, it } from "vitest";
import type { Task } from "../../src/core/problem.ts";
import { overTokens, shapeOf } from "../../src/core/shape.ts";
import { stepWindow } from "../../src/core/step-window.ts";
import { parameterize } from "../../src/core/variant.ts";
import { Arm } from "../../src/gate/block/arm.ts";
import { syntheticSource } from "../../src/input/synthetic.ts";
import { builtInKernels } from "../../src/kernels/index.ts";
import { js } from "../../src/kernels/js/index.ts";
import type { Kernel } from "../../src/kernels/kernel.ts";
import { builtInKinds } from "../../src/mechanisms/kinds.ts";
import { isSoftmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { check } from "../../src/verify/check.ts";
import { gateSubjects } from "../../src/verify/check-subjects.ts";
import { prepareDecode } from "../../src/verify/prepare-decode.ts";
import { stepRows } from "../../src/verify/rows.ts";
import { variants } from "../../variants/index.ts";
import { local } from "../../variants/sparse/local.ts";
import { smallCell } from "../gate/stand-in.ts";
import { problemOf } from "../kernels/arbitrary-problems.ts";
import { refusal, throughGate } from "./whole-gate.ts";

/** The task as one sees it who knows of no scale but 1/√d. */
function unscaled<T extends Task>(task: T): T {
  const { mechanism } = task;
  if (!isSoftmaxPattern(mechanism)) return task;
  const { scale: _, ...rest } = mechanism;
  return { ...task, mechanism: rest };
}

const forgetful: Kernel = {
  id: "forgetful",
  title: "js that passes over the scale",
  supports: (task) => js.supports(task),
  prepare: (problem, output) => js.prepare(unscaled(problem), output),
  decode: {
    supports: (task) => js.decode?.supports(task) ?? "",
    prepare: (task) =>
      js.decode?.prepare(unscaled(task)) as ReturnType<NonNullable<Kernel["decode"]>["prepare"]>,
  },
};

const shape = shapeOf({ batch: 1, heads: 2, length: 50, headDim: 6 });
const { mechanism } = parameterize(local, { window: 6 });
const scaled = (scale: number) =>
  problemOf(builtInKinds.under({ mechanism }, { scale }).mechanism, shape, true);

function decoded(kernel: Kernel, scale: number) {
  const position = 30;
  const { tokens, capacity, steps } = stepWindow(position);
  const inputs = syntheticSource("gaussian", 2).inputs(overTokens(shape, tokens));
  const problem = { ...scaled(scale), shape: overTokens(shape, capacity), inputs, position };
  if (kernel.decode === undefined) throw new Error("it decodes");
  return prepareDecode(problem, kernel.decode, {
    places: stepRows(inputs.shape, steps, 1),
    fullRows: null,
    seed: 1,
    second: null,
    now: () => performance.now() / 1000,
  });
}

describe("a kernel that passes over the scale of a call", () => {
  it.each([0.2, 0.45, 3])(
    "is refused where that is %f, whole sequences and token by token",
    async (scale) => {
      expect(await refusal(scaled(scale), forgetful)).toMatch(/over budget/);
      expect(await decoded(forgetful, scale)).toMatchObject({
        outcome: "red",
        reason: expect.stringMatching(/over budget/),
      });
    },
  );

  it("is right where it is 1/√d", async () => {
    const usual = 1 / Math.sqrt(shape.headDim);
    expect((await throughGate(scaled(usual), forgetful)).outcome).toBe("green");
    expect((await decoded(forgetful, usual)).outcome).toBe("green");
  });

  it("is found by a check with a scale", async () => {
    const context = {
      seed: 1,
      kinds: builtInKinds,
      kernels: [],
      signal: new AbortController().signal,
      now: () => 0,
      inputs: (kind: "gaussian" | "peaked", of: typeof shape, seed: number) =>
        syntheticSource(kind, seed).inputs(of),
    };
    const gateOf = async (kernel: Kernel, scale?: number) => {
      const checks = check([local], [kernel], { ...context, scale });
      const { value: gate } = await checks.next();
      await checks.return(undefined);
      return gate?.failure;
    };
    expect(await gateOf(forgetful, 0.3)).toMatch(/over budget/);
    for (const subject of gateSubjects(local, () => true, { ...context, scale: 0.3 }).take(4)) {
      expect(subject.filled.mechanism).toMatchObject({ scale: 0.3 });
    }
  });

  it("is wrong in a gate's cell, where the built-in kernels are right", async () => {
    const mask = { left: 3, right: null, from: 2, to: null };
    const request = { input: "gaussian", seed: 3, rows: null };
    const kernels = [
      ...builtInKernels().filter(({ id }) => id !== "js-recurrent" && id !== "js-sorted"),
      forgetful,
    ];
    const arm = new Arm({ variants, kernels }, builtInKinds);
    for (const { id } of kernels) {
      const facts = await arm.open({ ...request, cell: smallCell({ kernel: id, scale: 0.9, mask }) });
      expect(facts).toMatchObject({ outcome: id === "forgetful" ? "wrong" : "right" });
      expect(facts.pairs).toBeLessThan(64);
    }
    const linear = smallCell({ kernel: "js", variant: "linear", params: { eps: 1e-6 }, mask });
    expect(await arm.open({ ...request, cell: linear })).toMatchObject({
      outcome: "unsupported",
      reason: expect.stringContaining("no mask but causal"),
    });
    arm.close();
  });
});
