import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Mechanism } from "../../src/core/mechanism.ts";
import type { Problem } from "../../src/core/problem.ts";
import { overTokens, type Shape, shapeOf } from "../../src/core/shape.ts";
import { parameterize } from "../../src/core/variant.ts";
import { js } from "../../src/kernels/js/index.ts";
import { GUARD } from "../../src/kernels/kernel.ts";
import { isFeatureMap } from "../../src/mechanisms/feature-map/declare.ts";
import type { JudgedProblem } from "../../src/mechanisms/judged.ts";
import { isSoftmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { full } from "../../variants/dense/full.ts";
import { linear } from "../../variants/feature-map/linear.ts";
import { bigbird } from "../../variants/sparse/bigbird.ts";
import { local } from "../../variants/sparse/local.ts";
import { longformer } from "../../variants/sparse/longformer.ts";
import { problemOf } from "../kernels/arbitrary-problems.ts";
import { attendsNothing } from "../kernels/hand-written-patterns.ts";
import { ofPattern } from "../mechanisms/judge.ts";
import { misbehaving, planted, returnsOwnOutput, writesOutside } from "./planted-kernels.ts";
import { refusal, throughGate } from "./whole-gate.ts";

const shape: Shape = shapeOf({ batch: 2, heads: 2, length: 97, headDim: 8 });
const windowed = problemOf(parameterize(local, { window: 5 }).mechanism, shape, false);
const causalFull = problemOf(parameterize(full, {}).mechanism, shape, true);
const mixed = problemOf(
  parameterize(longformer, { window: 4, stride: 7, tokens: 2 }).mechanism,
  shape,
  false,
);

/** A refusal that names the row, both values, the error, the budget and the seed. */
const OVER_BUDGET =
  /^verification: row (\d+) of batch (\d+), head (\d+), column (\d+): got (\S+), expected (\S+); error (\S+) over budget (\S+), seed 1$/;

/** The parts of such a refusal, which must add up. */
function overBudget(reason: string) {
  expect(reason).toMatch(OVER_BUDGET);
  const [, row, batch, head, column, got, expected, error, budget] = (OVER_BUDGET.exec(reason) ?? []).map(
    Number,
  );
  expect(Math.abs(error - Math.abs(got - expected))).toBeLessThanOrEqual(0.01 * error);
  expect(error).toBeGreaterThan(budget);
  return { row, batch, head, column };
}

describe("the gate refuses a kernel that", () => {
  it("forgets the scale", async () => {
    for (const problem of [windowed, causalFull, mixed]) {
      overBudget(await refusal(problem, planted("unscaled", { scale: () => 1 })));
    }
  });

  it.each([
    ["drops the first key of a window", (keys: readonly number[]) => keys.slice(1)],
    ["drops the last key of a window", (keys: readonly number[]) => keys.slice(0, -1)],
    [
      "adds a key before a window",
      (keys: readonly number[]) => (keys[0] > 0 ? [keys[0] - 1, ...keys] : keys),
    ],
    [
      "adds a key past a window",
      (keys: readonly number[], _: number, { shape: { length } }: Problem) => {
        const next = (keys.at(-1) ?? 0) + 1;
        return next < length ? [...keys, next] : keys;
      },
    ],
  ])("%s, be it narrow or wide", async (id, keys) => {
    const kernel = planted(id.replaceAll(" ", "-"), { keys });
    overBudget(await refusal(windowed, kernel));
    const wide = problemOf(
      parameterize(local, { window: 128 }).mechanism,
      shapeOf({ batch: 1, heads: 2, length: 700, headDim: 8 }),
      false,
    );
    overBudget(await refusal(wide, kernel));
  });

  it("leaves a row unwritten, whichever it is", async () => {
    const long = problemOf(parameterize(local, { window: 2 }).mechanism, overTokens(shape, 301), false);
    await fc.assert(
      fc.asyncProperty(fc.nat(1), fc.nat(1), fc.nat(300), async (batch, head, row) => {
        const kernel = planted("forgetful", {
          skips: (place) => place.batch === batch && place.head === head && place.row === row,
        });
        expect(await refusal(long, kernel)).toMatch(
          new RegExp(
            `^verification: row ${row} of batch ${batch}, head ${head}, column 0: got NaN \\(never written, or computed as such\\), expected \\S+; seed 1$`,
          ),
        );
      }),
      {
        numRuns: 20,
        examples: [
          [0, 0, 0],
          [1, 1, 300],
        ],
      },
    );
  });

  it("reads the future", async () => {
    const ahead = planted("clairvoyant", {
      keys: (keys, row, { shape: { length } }) => (row + 1 < length ? [...keys, row + 1] : keys),
    });
    overBudget(await refusal(causalFull, ahead));
  });

  it("ignores causal", async () => {
    const everyKey = planted("acausal", {
      keys: (_, __, { shape: { length } }) => [...Array(length).keys()],
    });
    expect(overBudget(await refusal(causalFull, everyKey)).row).toBeLessThan(shape.length - 1);
  });

  it("drops the last tile of keys", async () => {
    const whole = problemOf(
      parameterize(full, {}).mechanism,
      shapeOf({ batch: 1, heads: 2, length: 700, headDim: 8 }),
      false,
    );
    overBudget(await refusal(whole, planted("short", { keys: (keys) => keys.filter((key) => key < 640) })));
  });

  it("counts a key twice that two parts of a union attend", async () => {
    overBudget(
      await refusal(
        mixed,
        planted("twice", { keys: (keys, row) => (keys.includes(0) ? [0, ...keys] : [row, ...keys]) }),
      ),
    );
  });

  it("is right only in the first batch entry, or only in the first head", async () => {
    const entry = planted("first-entry", { slice: ({ head }) => ({ batch: 0, head }) });
    expect(overBudget(await refusal(windowed, entry)).batch).toBe(1);
    const head = planted("first-head", { slice: ({ batch }) => ({ batch, head: 0 }) });
    expect(overBudget(await refusal(windowed, head)).head).toBe(1);
  });

  it("uses the random blocks of another head", async () => {
    const drawn = problemOf(parameterize(bigbird, { block: 4, random: 1 }).mechanism, shape, false);
    const { mechanism } = drawn;
    if (!isSoftmaxPattern(mechanism)) throw new TypeError("BigBird has no pattern");
    const ofHead0 = mechanism.pattern.bind({ length: shape.length, head: 0 });
    const keys = (_: readonly number[], row: number) =>
      [...Array(shape.length).keys()].filter((key) => ofHead0.attends(row, key));
    expect(overBudget(await refusal(drawn, planted("head-0", { keys }))).head).toBe(1);
  });

  it("adds to what is in its output", async () => {
    const adding = planted("adding", { store: (before, value) => before + value });
    expect(await refusal(windowed, adding)).toMatch(/^verification: row 0 .* got NaN \(never written/);
  });

  it("divides by nothing where a row attends nothing", async () => {
    const empty = problemOf(ofPattern(attendsNothing), shape, false);
    const mean = planted("mean", { keys: (_, row) => [row] });
    expect(await refusal(empty, mean)).toMatch(
      /^verification: row \d+ of batch 0, head 0, column \d+: got \S+, expected 0;/,
    );
    expect((await throughGate(empty, planted("right"))).outcome).toBe("green");
  });

  it("writes before or past its output, at any distance within the guards", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: GUARD }), async (distance) => {
        const before = await refusal(windowed, writesOutside("before", distance));
        expect(before).toBe("verification: the kernel wrote before the first row of its output");
        const past = await refusal(windowed, writesOutside("past", distance));
        expect(past).toBe("verification: the kernel wrote past the last row of its output");
      }),
      { numRuns: 6, examples: [[1], [GUARD]] },
    );
  });

  it("returns an output without guards, or of another length", async () => {
    const bare = returnsOwnOutput("bare", (count) => new Float32Array(count));
    expect(await refusal(windowed, bare)).toBe(
      "verification: output() must leave 16 floats on both sides in its buffer; write to the output that prepare was given",
    );
    for (const extra of [-1, 1]) {
      const odd = returnsOwnOutput("odd", (count) =>
        new Float32Array(count + 100).subarray(50, 50 + count + extra),
      );
      const count = 2 * 2 * 97 * 8;
      expect(await refusal(windowed, odd)).toBe(
        `verification: output() must hold ${count} floats, got ${count + extra}`,
      );
    }
  });

  it("changes an input, by whatever little, in run or in prepare", async () => {
    const change = fc.constantFrom<(value: number) => number>(
      (value) => value + 1,
      (value) => -value,
      (value) => value / 8,
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("q", "k", "v"),
        fc.constantFrom("prepare", "run"),
        change,
        fc.nat(),
        fc.boolean(),
        async (name, when, changed, at, all) => {
          const problem = problemOf(windowed.mechanism, shape, false);
          const tensor = problem.inputs[name];
          const kernel = misbehaving(
            "spoiler",
            () => {
              if (all)
                for (let index = 0; index < tensor.length; index++) tensor[index] = changed(tensor[index]);
              else tensor[at % tensor.length] = changed(tensor[at % tensor.length]);
            },
            when,
          );
          expect(await refusal(problem, kernel)).toBe(`verification: the kernel changed its input ${name}`);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("throws anything, in prepare or in run", async () => {
    for (const when of ["prepare", "run"] as const) {
      const thrown: ReadonlyArray<readonly [unknown, string]> = [
        [new RangeError("out of\nmemory"), "out of"],
        ["a string", "a string"],
        [Symbol("odd"), "Symbol(odd)"],
        [undefined, "undefined"],
        [Object.create(null), "{}"],
      ];
      for (const [value, message] of thrown) {
        const kernel = misbehaving(
          "thrower",
          () => {
            throw value;
          },
          when,
        );
        expect(await refusal(windowed, kernel)).toBe(`the kernel threw: ${message}`);
      }
    }
  });

  it("is wrong in a head where another row is NaN by its inputs", async () => {
    const problem = problemOf(windowed.mechanism, shape, false);
    problem.inputs.q.fill(Number.NaN, 0, shape.headDim);
    const late = planted("late", { keys: (keys, row) => (row === shape.length - 1 ? keys.slice(1) : keys) });
    expect(overBudget(await refusal(problem, late))).toMatchObject({ row: shape.length - 1 });
    expect((await throughGate(problem, planted("right"))).outcome).toBe("green");
  });

  it("gives a number where the reference has none", async () => {
    const problem = problemOf(windowed.mechanism, shape, false);
    problem.inputs.q.fill(Number.NaN, 0, shape.headDim);
    const hiding = planted("hiding", { store: (_, value) => (Number.isNaN(value) ? 0 : value) });
    expect(await refusal(problem, hiding)).toMatch(
      /^verification: row 0 .* got 0, expected NaN; error Infinity over budget/,
    );
  });

  it("is wrong where float32 overflows and float64 does not", async () => {
    const problem = problemOf(
      windowed.mechanism,
      shapeOf({ batch: 1, heads: 1, length: 97, headDim: 8 }),
      false,
    );
    problem.inputs.v.fill(3e38);
    const nought = planted("nought", { store: () => 0 });
    expect(overBudget(await refusal(problem, nought)).row).toBeGreaterThanOrEqual(0);
    expect((await throughGate(problem, planted("right"))).outcome).toBe("green");
  });
});

describe("the gate can prove nothing", () => {
  const outcome = async (problem: JudgedProblem, kernel = planted("right")) => {
    const result = await throughGate(problem, kernel);
    return result.outcome === "green" ? "green" : `${result.outcome}: ${result.reason}`;
  };

  it("of scores so large that a rounding decides which key weighs all, right or wrong", async () => {
    const problem = problemOf(causalFull.mechanism, shape, true);
    for (const name of ["q", "k"] as const) problem.inputs[name].fill(65_504);
    const nothing =
      /^unproven: nothing could be proven: in \d+ of \d+ checked rows float32 alone may err by more/;
    expect(await outcome(problem)).toMatch(nothing);
    expect(await outcome(problem, planted("nought", { store: () => 0 }))).toMatch(nothing);
  });

  it("of rows that have no finite number, and a right kernel is green where enough have one", async () => {
    const problem = problemOf(causalFull.mechanism, shape, true);
    problem.inputs.k[0] = Number.NaN;
    expect(await outcome(problem)).toMatch(
      /^unproven: .* no number in the reference itself that float32 can hold/,
    );
    expect(await outcome(problemOf(windowed.mechanism, shape, false))).toBe("green");
  });

  it("but is sure of one large score among small ones, and of an outlier's row alone", async () => {
    const problem = problemOf(
      causalFull.mechanism,
      shapeOf({ batch: 1, heads: 1, length: 97, headDim: 8 }),
      true,
    );
    const at = 40 * shape.headDim;
    for (const name of ["q", "k", "v"] as const) {
      for (let i = at; i < at + shape.headDim; i++) problem.inputs[name][i] *= 1000;
    }
    expect(await outcome(problem)).toBe("green");
    const rough = planted("rough", { store: (_, value) => Math.fround(value * (1 + 2 ** -11)) });
    expect(await outcome(problem, rough)).toMatch(/^red: verification: row/);
  });
});

it("a feature map is held to its own mathematics: one without ε is refused where ε matters", async () => {
  const problem = problemOf(parameterize(linear, { eps: 0.5 }).mechanism, shape, true);
  expect((await throughGate(problem, js)).outcome).toBe("green");
  const { mechanism } = problem;
  if (!isFeatureMap(mechanism)) throw new TypeError("linear has no feature map");
  const without = {
    ...js,
    prepare: (p: Problem, o: Float32Array) =>
      js.prepare({ ...p, mechanism: { ...mechanism, epsilon: 0 } as Mechanism }, o),
  };
  overBudget(await refusal(problem, without));
});
