import fc, { type Arbitrary } from "fast-check";
import { describe, expect, it } from "vitest";
import { GRADIENT_PASSES } from "../../../../src/core/operation.ts";
import { outputCount } from "../../../../src/core/outputs.ts";
import { type Shape, shapeOf } from "../../../../src/core/shape.ts";
import { guardedOutput, type ReadyKernel, type Runnable } from "../../../../src/kernels/kernel.ts";
import { createWasm } from "../../../../src/kernels/wasm/index.ts";
import type { JudgedProblem } from "../../../../src/mechanisms/judged.ts";
import { outputsOf } from "../../../../src/mechanisms/outputs.ts";
import type { Rule, Selection } from "../../../../src/mechanisms/selection/declare.ts";
import { expectation } from "../../../../src/verify/expectation.ts";
import { rowsToCheck } from "../../../../src/verify/gradient-rows.ts";
import { askOf, copied, handedChoice } from "../../../../src/verify/handed-choice.ts";
import { prepareCase } from "../../../../src/verify/prepare-case.ts";
import { everyRowOf, gradientOf } from "../../../mechanisms/gradient/gradient-problem.ts";
import { alsoUnlike, describeProblem, isDefined, problemOf } from "../../arbitrary-problems.ts";
import { expectSameBits, gradientsOf, inPlace } from "./gradients-of.ts";

const wasm = createWasm("auto");

const size = (max: number) => fc.integer({ min: 1, max });

/** Rules of which a hundred tokens have some choice. */
const RULES: Readonly<Record<Rule["id"], Arbitrary<Rule>>> = {
  "top-k": fc.record({ id: fc.constant("top-k"), keys: size(20) }),
  moba: fc.record({ id: fc.constant("moba"), block: size(40), chosen: size(4) }),
  quest: fc.record({ id: fc.constant("quest"), page: size(12), pages: size(6) }),
  nsa: fc.record({
    id: fc.constant("nsa"),
    block: size(20),
    chosen: fc.integer({ min: 3, max: 7 }),
    window: size(40),
    seed: fc.constant(0),
  }),
  reformer: fc.record({
    id: fc.constant("reformer"),
    chunk: size(40),
    rounds: size(4),
    buckets: fc.constantFrom(null, 6),
    sameBucket: fc.boolean(),
    factored: fc.boolean(),
    seed: fc.constant(0),
  }),
  routing: fc.record({
    id: fc.constant("routing"),
    clusters: fc.constantFrom(null, 3),
    window: fc.constantFrom(null, 17),
    seed: fc.constant(0),
  }),
};

/** Rules whose queries see no later key in any case. */
const ALWAYS_CAUSAL = new Set<Rule["id"]>(["quest", "nsa"]);

const shapes = alsoUnlike(
  fc
    .record({
      batch: size(2),
      heads: size(2),
      length: fc.oneof(size(90), fc.constantFrom(1, 2, 48, 49, 128, 130)),
      headDim: fc.oneof(size(20), fc.constantFrom(16, 32)),
    })
    .map(shapeOf),
  ["kvHeads", "valueDim"],
);

function problemsOf(id: Rule["id"], of: Arbitrary<Shape> = shapes): Arbitrary<JudgedProblem> {
  const kinds = fc.constantFrom("gaussian", "peaked", "local");
  return fc
    .tuple(RULES[id], of, kinds, fc.boolean(), fc.nat(), fc.constantFrom(...GRADIENT_PASSES))
    .map(([rule, shape, kind, causal, seed, pass]) => {
      const mechanism: Selection = { kind: "selection", rule };
      const plain = problemOf(mechanism, shape, causal || ALWAYS_CAUSAL.has(id), kind, seed);
      return gradientOf(plain, pass, seed);
    })
    .filter((problem) => isDefined(problem) && wasm.supports(problem) === true);
}

function described(problem: JudgedProblem): string {
  const { mechanism } = problem;
  return `${describeProblem(problem)} ${JSON.stringify(mechanism)}`;
}

function failureOf(problem: JudgedProblem, kernel: ReadyKernel): string | null {
  const runnable = kernel.prepare(problem, guardedOutput(outputCount(outputsOf(problem))));
  called(runnable);
  const handed = copied(handedChoice(problem, askOf(runnable), runnable.output()));
  const { compare } = expectation(problem, problem.kind.oracle(problem), everyRowOf(problem), 0);
  const { failure } = compare(runnable.output(), handed);
  runnable.dispose();
  return failure;
}

function called(runnable: Runnable): void {
  runnable.output().fill(Number.NaN);
  runnable.save?.();
  runnable.run();
}

/** A head of more rows than one segment has, and heads that share keys. */
function longProblem(rule: Rule, shape: Partial<Shape>): JudgedProblem {
  const mechanism: Selection = { kind: "selection", rule };
  const whole = shapeOf({ batch: 1, heads: 1, length: 600, headDim: 16, ...shape });
  return gradientOf(problemOf(mechanism, whole, true));
}

const LONG: ReadonlyArray<readonly [Rule, Partial<Shape>]> = [
  [{ id: "moba", block: 100, chosen: 5 }, {}],
  [
    { id: "moba", block: 64, chosen: 8 },
    { heads: 2, kvHeads: 1, headDim: 10, valueDim: 7 },
  ],
  [{ id: "quest", page: 16, pages: 20 }, {}],
  [
    { id: "nsa", block: 32, chosen: 9, window: 100, seed: 0 },
    { heads: 2, kvHeads: 1 },
  ],
  [
    { id: "top-k", keys: 20 },
    { heads: 2, kvHeads: 1, headDim: 10, valueDim: 7 },
  ],
  [
    { id: "reformer", chunk: 70, rounds: 3, buckets: null, sameBucket: false, factored: true, seed: 0 },
    { headDim: 32 },
  ],
  [
    { id: "routing", clusters: 5, window: 150, seed: 0 },
    { heads: 2, kvHeads: 1 },
  ],
];

describe.each(Object.keys(RULES) as Rule["id"][])(
  "the gradient of attention to what %s chooses, in the wasm family",
  (id) => {
    it("is that of the oracle in every row, through the choice that it hands out", () => {
      fc.assert(
        fc.property(problemsOf(id), (problem) => {
          const wrong = failureOf(problem, wasm);
          if (wrong !== null) expect(`${described(problem)}: ${wrong}`).toBeNull();
        }),
        { numRuns: 40 },
      );
    });

    it.each(["plain", "relaxed"] as const)(
      "is that of the oracle in every row of the build %s",
      (simd) => {
        const narrow = createWasm(simd);
        fc.assert(
          fc.property(problemsOf(id), (problem) => {
            const wrong = failureOf(problem, narrow);
            if (wrong !== null) expect(`${described(problem)}: ${wrong}`).toBeNull();
          }),
          { numRuns: 8 },
        );
      },
      240_000,
    );

    it("has the same bits on any number of threads, call after call", () => {
      fc.assert(
        fc.property(problemsOf(id), fc.integer({ min: 2, max: 4 }), (problem, threads) => {
          expectSameBits(gradientsOf({ ...problem, threads }, wasm, 2), gradientsOf(problem, wasm));
        }),
        { numRuns: 12 },
      );
    });

    it("has the same bits in place as on copies, over scratch that is full of anything, and writes nothing behind it", () => {
      fc.assert(
        fc.property(problemsOf(id), (problem) => {
          const expected = gradientsOf(problem, wasm);
          for (const filling of [Number.NaN, -1e30]) {
            const { runnable, arena } = inPlace(wasm, problem, filling);
            expect(runnable.inputs).toBeUndefined();
            const behind = arena.reserve(4096);
            const words = arena.integers(behind.start, behind.bytes / 4).fill(0x5a5a5a5a);
            called(runnable);
            expectSameBits(runnable.output(), expected);
            expect(words.every((word) => word === 0x5a5a5a5a)).toBe(true);
            runnable.dispose();
          }
        }),
        { numRuns: 12 },
      );
    });

    it("stays green at the gate, which plants NaN where rows must not read, and hard numbers", async () => {
      await fc.assert(
        fc.asyncProperty(problemsOf(id), async (problem) => {
          const result = await prepareCase(problem, wasm, {
            places: rowsToCheck(problem, 1),
            fullRows: null,
            seed: 1,
            output: guardedOutput(outputCount(outputsOf(problem))),
            second: null,
            now: () => 0,
          });
          if (result.outcome === "red") expect(`${described(problem)}: ${result.reason}`).toBeNull();
        }),
        { numRuns: 8 },
      );
    });

    it("does at least the operations of its pairs, and says what it saves", () => {
      fc.assert(
        fc.property(problemsOf(id), (problem) => {
          const runnable = wasm.prepare(problem, guardedOutput(outputCount(outputsOf(problem))));
          called(runnable);
          const { flops } = problem.kind.leastWork(problem);
          expect(runnable.executedFlops).toBeGreaterThanOrEqual(flops);
          runnable.dispose();
        }),
        { numRuns: 12 },
      );
    });
  },
);

it.each(LONG.map(([rule, shape]) => ({ rule, shape, what: `${rule.id} ${JSON.stringify(shape)}` })))(
  "chosen keys get sums of segments of rows, the same bits on any number of threads: $what",
  ({ rule, shape }) => {
    const problem = longProblem(rule, shape);
    const runnable = wasm.prepare(problem, guardedOutput(outputCount(outputsOf(problem))));
    called(runnable);
    const handed = copied(handedChoice(problem, askOf(runnable), runnable.output()));
    const places = rowsToCheck(problem, 1);
    const { compare } = expectation(problem, problem.kind.oracle(problem), places, 0);
    expect(compare(runnable.output(), handed).failure).toBeNull();
    const output = runnable.output().slice();
    runnable.dispose();
    for (const threads of [2, 3]) expectSameBits(gradientsOf({ ...problem, threads }, wasm, 2), output);
  },
  240_000,
);
