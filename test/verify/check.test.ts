import { describe, expect, it } from "vitest";
import type { Variant } from "../../src/core/variant.ts";
import { syntheticSource } from "../../src/input/synthetic.ts";
import { js } from "../../src/kernels/js/index.ts";
import type { Kernel } from "../../src/kernels/kernel.ts";
import { builtInKinds } from "../../src/mechanisms/kinds.ts";
import { isSoftmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { softmaxPatternKind } from "../../src/mechanisms/softmax-pattern/kind.ts";
import { formLaws } from "../../src/mechanisms/softmax-pattern/laws/index.ts";
import { type CheckContext, type CheckResult, check } from "../../src/verify/check.ts";
import { linear } from "../../variants/feature-map/linear.ts";
import { global } from "../../variants/sparse/global.ts";
import { local } from "../../variants/sparse/local.ts";
import { stride } from "../../variants/sparse/stride.ts";
import { misbehaving, planted } from "./planted-kernels.ts";

// Those of forms say nothing of variants without any.
const laws = softmaxPatternKind.laws.filter((law) => !formLaws.includes(law));

async function checkAll(
  variants: readonly Variant[],
  kernels: readonly Kernel[],
  overrides: Partial<CheckContext> = {},
): Promise<CheckResult[]> {
  const context: CheckContext = {
    inputs: (kind, shape, seed) => syntheticSource(kind, seed).inputs(shape),
    seed: 3,
    kinds: builtInKinds,
    kernels: [],
    signal: new AbortController().signal,
    now: () => 0,
    ...overrides,
  };
  return await Array.fromAsync(check(variants, kernels, context));
}

const nothingElse: Kernel = {
  ...planted("patterns-only"),
  prepare() {
    throw new Error("prepared though it is not supported");
  },
};

/** Right, and leaves its work out where the output still stands there and a few of its inputs are the same. */
const lazy: Kernel = {
  ...js,
  id: "lazy",
  supports: ({ shape, mechanism }) =>
    (isSoftmaxPattern(mechanism) && shape.length === 1000 && shape.headDim === 64) || "too short",
  prepare(problem, output) {
    const runnable = js.prepare(problem, output);
    const { q, k, v } = problem.inputs;
    let known = "";
    const run = () => {
      const now = `${q.slice(0, 4)} ${k.slice(0, 4)} ${v.slice(0, 4)}`;
      if (now === known && !Number.isNaN(output[0])) return;
      runnable.run();
      known = now;
    };
    return { ...runnable, run };
  },
};

describe("check", () => {
  it("refuses a kernel that leaves out its work when it is called again", async () => {
    const [gate] = await checkAll([local], [lazy]);
    expect(gate.failure).toMatch(
      /^at \[1, 1, 1000, 64\].*: verification: called again, a call of .* skip work$/,
    );
  });

  it("holds a right kernel to the gate at all awkward shapes and to every law", async () => {
    const results = await checkAll([stride], [js]);
    expect(results.map(({ check: title }) => title)).toEqual(["gate", ...laws.map(({ title }) => title)]);
    for (const { variant, kernel, failure, passed } of results) {
      expect({ variant, kernel, failure }).toEqual({ variant: "stride", kernel: "js", failure: null });
      expect(passed).toBeGreaterThan(0);
    }
    // Nine lengths with seven head dimensions, and seven shapes whose tensors differ: a stride says nothing of
    // more queries than keys. Each with small parameters and defaults, causal and not.
    expect(results[0].passed).toBe((9 * 7 + 7) * 2 * 2);
  });

  it("goes through every variant by every kernel, and leaves out what a kernel does not take", async () => {
    const wrong = planted("wrong", { scale: () => 1 });
    const results = await checkAll([global, linear], [wrong]);
    expect(new Set(results.map(({ variant }) => variant))).toEqual(new Set(["global", "linear"]));
    const notRun = { check: "gate", passed: 0, failure: null, notRun: "it has no feature maps" };
    expect(results.filter(({ variant }) => variant === "linear")).toMatchObject([notRun]);
    expect(await checkAll([linear], [nothingElse])).toMatchObject([notRun]);
  });

  it("holds a kernel for one width alone to the gate and to every law at that width", async () => {
    const supports: Kernel["supports"] = ({ shape }) =>
      (shape.headDim === 64 && shape.length < 70) || "a width of 64 only";
    const results = await checkAll([local], [{ ...planted("narrow"), supports }]);
    expect(results.map(({ check: title }) => title)).toEqual(["gate", ...laws.map(({ title }) => title)]);
    const leaking = misbehaving("leaking", ({ inputs: { v } }, output) => {
      const leak = v.reduce((sum, x) => sum + 0 * x, 0);
      for (let at = 0; at < output.length; at++) output[at] += leak;
    });
    const failures = (await checkAll([local], [{ ...leaking, supports }])).flatMap(
      ({ failure, check: title }) => (failure === null ? [] : [title]),
    );
    expect(failures).toContain("keys that a row does not attend leave its bits alone");
    const odd: Kernel["supports"] = ({ shape }) => shape.length === 5 || "5 tokens only";
    const only = await checkAll([local], [{ ...js, supports: odd }]);
    expect(only.filter(({ notRun: why }) => why === "5 tokens only").length).toBe(
      softmaxPatternKind.laws.length,
    );
  });

  it.each<readonly [what: string, kernel: Kernel]>([
    ["forgets the scale", planted("wrong", { scale: () => 1 })],
    [
      "misses the edge of a window",
      planted("wrong", { keys: (keys) => (keys.length > 1 ? keys.slice(1) : keys) }),
    ],
    ["leaves a row unwritten", planted("wrong", { skips: ({ row }) => row === 2 })],
    [
      "reads the future",
      planted("wrong", {
        keys: (keys, row, { shape }) => (row + 1 < shape.length ? [...keys, row + 1] : keys),
      }),
    ],
  ])("refuses a kernel that %s, and names shape, parameters, row and seed", async (_, kernel) => {
    const [gate] = await checkAll([local], [kernel]);
    expect(gate.check).toBe("gate");
    expect(gate.failure).toMatch(
      /^at \[\d+, \d+, \d+, \d+\] (causal )?window=\d+ left=none right=none: verification: row \d+ of batch \d+, head \d+, column \d+: got .*seed 3$/,
    );
  });

  it("goes on with the laws after a red gate, and names where each broke", async () => {
    const results = await checkAll([local], [planted("wrong", { divisor: (total) => total * 2 })]);
    const failures = results.filter(({ failure }) => failure !== null);
    expect(failures.map(({ check: title }) => title)).toEqual([
      "gate",
      "the weights of a row sum to 1, or it is empty and zero",
      "a causal row is the same in a longer sequence",
      "each parameter at its widest equals full attention",
    ]);
    for (const { failure } of failures) expect(failure).toMatch(/^at \[.*\] .*window=\d+/);
  });

  it("takes a kernel that throws as one that failed", async () => {
    const thrower = misbehaving("thrower", () => {
      throw new Error("boom\nand more");
    });
    const results = await checkAll([global], [thrower]);
    expect(results.find(({ check: title }) => title === "gate")?.failure).toMatch(
      /: the kernel threw: boom$/,
    );
    const law = results.find(({ check: title }) => title === "batch entries and heads are independent");
    expect(law?.failure).toMatch(/^at \[2, 2, 97, 12\] tokens=2: the kernel threw: boom$/);
  });

  it("ends at once where it is told to", async () => {
    const controller = new AbortController();
    controller.abort();
    expect(await checkAll([global], [js], { signal: controller.signal })).toEqual([]);
  });

  it("does not call what was interrupted passed", async () => {
    const controller = new AbortController();
    let prepares = 0;
    const counting: Kernel = {
      ...js,
      prepare(problem, output) {
        if (++prepares === 10) controller.abort();
        return js.prepare(problem, output);
      },
    };
    const results = await checkAll([global], [counting], { signal: controller.signal });
    expect(results.filter(({ check: title }) => title === "gate")).toEqual([]);
  });
});
