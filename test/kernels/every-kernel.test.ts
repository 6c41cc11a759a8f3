import fc, { type Arbitrary } from "fast-check";
import { describe, expect, it } from "vitest";
import type { Pattern } from "../../src/core/pattern.ts";
import { everyRow } from "../../src/core/rows.ts";
import { elementCount, layoutOf, offsetIn, shapeOf } from "../../src/core/shape.ts";
import type { AttentionInputs } from "../../src/core/tensors.ts";
import { parameterize } from "../../src/core/variant.ts";
import { builtInKernels } from "../../src/kernels/index.ts";
import { guardedOutput, type ReadyKernel, type Runnable } from "../../src/kernels/kernel.ts";
import { supportsPass } from "../../src/kernels/supports-mode.ts";
import { type JudgedProblem, reads } from "../../src/mechanisms/judged.ts";
import { float64 } from "../../src/mechanisms/oracle.ts";
import { everything } from "../../src/pattern/band.ts";
import { causal } from "../../src/pattern/causal.ts";
import { randomBlocks } from "../../src/pattern/random-blocks.ts";
import { expectation } from "../../src/verify/expectation.ts";
import { linear } from "../../variants/feature-map/linear.ts";
import { local } from "../../variants/sparse/local.ts";
import { examples } from "../examples.ts";
import { ofPattern, reference } from "../mechanisms/judge.ts";
import { algebraWithDraws } from "../pattern/arbitrary-patterns.ts";
import { failureInAnyRow, throughGate } from "../verify/whole-gate.ts";
import {
  alsoUnlike,
  describeProblem,
  isDefined,
  nonFinitePlants,
  problemOf,
  problemsFor,
  shapes,
  withPlants,
} from "./arbitrary-problems.ts";
import { attendsNothing, everyThirdRow, strictPast } from "./hand-written-patterns.ts";

/** Small enough for hundreds of cases. */
const smallShapes = alsoUnlike(
  fc
    .record({
      batch: fc.integer({ min: 1, max: 2 }),
      heads: fc.integer({ min: 1, max: 2 }),
      length: fc.integer({ min: 1, max: 140 }),
      headDim: fc.integer({ min: 1, max: 12 }),
    })
    .map(shapeOf),
);

describe.each(builtInKernels())("kernel $id", (kernel) => {
  const takesPatterns = supportsPass(kernel, problemOf(ofPattern(strictPast), TINY, false)) === true;
  /** Problems of these patterns that it takes. */
  const ofPatterns = (patterns: Arbitrary<Pattern>, causalToo: boolean): Arbitrary<JudgedProblem> =>
    fc
      .tuple(patterns, smallShapes, causalToo ? fc.boolean() : fc.constant(false))
      .map(([pattern, shape, past]) => problemOf(ofPattern(pattern), shape, past))
      .filter((problem) => isDefined(problem) && supportsPass(kernel, problem) === true);

  it("is right in every row for any variant, parameters, shape and inputs that it takes", () => {
    fc.assert(
      fc.property(problemsFor(kernel), (problem) => {
        expectRight(problem, kernel);
      }),
      examples(),
    );
  });

  it.runIf(takesPatterns)("is right in every row for any pattern of the algebra", () => {
    fc.assert(
      fc.property(ofPatterns(algebraWithDraws, true), (problem) => {
        expectRight(problem, kernel);
      }),
      examples(),
    );
  });

  it.runIf(takesPatterns)("writes zeros to rows that attend nothing", () => {
    const emptyAtTheStart = causal(randomBlocks(16, 1, 3));
    fc.assert(
      fc.property(
        ofPatterns(
          fc.constantFrom(attendsNothing, strictPast, everyThirdRow, emptyAtTheStart, everything()),
          true,
        ),
        (problem) => {
          expectRight(problem, kernel);
          const output = outputOf(problem, kernel);
          const layout = layoutOf(problem.shape, "output");
          const bound = reads(problem);
          for (const { batch, head, row } of everyRow(problem.shape)) {
            if (bound[head].intervals(row).length > 0) continue;
            const at = offsetIn(layout, batch, head, row);
            expect([...output.subarray(at, at + layout.width)]).toEqual(Array(layout.width).fill(0));
          }
        },
      ),
      examples(60),
    );
  });

  it("stays right where logits run to several hundred, of either sign", () => {
    fc.assert(
      fc.property(problemsFor(kernel, smallShapes), fc.constantFrom(100, -300), (problem, factor) => {
        const { inputs } = problem;
        expectRight(
          { ...problem, inputs: { ...inputs, q: inputs.q.map((value) => value * factor) } },
          kernel,
        );
      }),
      examples(60),
    );
  });

  it("stays right where the features of linear attention all but vanish: exp of -100 and less", () => {
    const { mechanism } = parameterize(linear, {});
    const narrow = alsoUnlike(
      fc
        .record({
          batch: fc.constant(1),
          heads: fc.integer({ min: 1, max: 2 }),
          length: fc.integer({ min: 1, max: 12 }),
          headDim: fc.integer({ min: 1, max: 3 }),
        })
        .map(shapeOf),
    );
    fc.assert(
      fc.property(narrow, fc.boolean(), fc.constantFrom(-10, -30, -80), (shape, past, factor) => {
        const problem = problemOf(mechanism, shape, past);
        if (supportsPass(kernel, problem) !== true) return;
        const q = problem.inputs.q.map((value) => Math.abs(value) * factor);
        expectRight({ ...problem, inputs: { ...problem.inputs, q } }, kernel);
      }),
      examples(400),
    );
  });

  it("keeps nothing of the last call: after a call on NaN the next gives the bits of a first call", () => {
    fc.assert(
      fc.property(problemsFor(kernel, smallShapes), (problem) => {
        const first = outputOf(problem, kernel);
        const { q, k, v } = problem.inputs;
        const changing: AttentionInputs = {
          ...problem.inputs,
          q: q.slice(),
          k: k.slice(),
          v: v.slice(),
        };
        for (const tensor of [changing.q, changing.k, changing.v]) tensor.fill(Number.NaN);
        const runnable = prepared({ ...problem, inputs: changing }, kernel);
        runnable.run();
        const read = runnable.inputs?.() ?? changing;
        read.q.set(q);
        read.k.set(k);
        read.v.set(v);
        runnable.output().fill(Number.NaN);
        runnable.run();
        expect(runnable.output().every((value, at) => Object.is(value, first[at]))).toBe(true);
        runnable.dispose();
      }),
      examples(60),
    );
  });

  it("takes NaN and infinities where the reference takes them, and nowhere else", () => {
    fc.assert(
      fc.property(problemsFor(kernel, smallShapes), nonFinitePlants, (problem, plants) => {
        expectRightWhereFinite(withPlants(problem, plants), kernel);
      }),
      examples(150),
    );
  });

  it.runIf(takesPatterns)("gives keys of logit minus infinity no weight, wherever in a row they lie", () => {
    fc.assert(
      fc.property(ofPatterns(algebraWithDraws, false), fc.nat(), (problem, from) => {
        const { length, headDim } = problem.shape;
        const inputs = copyOf(problem.inputs);
        for (let at = 0; at < inputs.q.length; at += headDim) inputs.q[at] = 1;
        for (let at = 0; at < inputs.k.length; at += headDim) {
          const key = (at / headDim) % length;
          if ((key + from) % 140 < 70) inputs.k[at] = Number.NEGATIVE_INFINITY;
        }
        expectRightWhereFinite({ ...problem, inputs }, kernel);
      }),
      examples(),
    );
  });

  it("is right at 65 536 tokens, causal, in rows drawn over all of them", async () => {
    const shape = shapeOf({ batch: 1, heads: 1, length: 65_536, headDim: 4 });
    for (const variant of [local, linear]) {
      const problem = problemOf(parameterize(variant, {}).mechanism, shape, true);
      if (supportsPass(kernel, problem) !== true) continue;
      const result = await throughGate(problem, kernel);
      expect(result.outcome === "red" ? result.reason : null).toBeNull();
    }
  });

  it("says why it takes no more threads than it has, and never throws to say so", () => {
    fc.assert(
      fc.property(problemsFor(null, shapes), fc.integer({ min: 1, max: 1000 }), (problem, threads) => {
        const answer = supportsPass(kernel, { ...problem, threads });
        expect(answer === true || (typeof answer === "string" && answer.length > 0)).toBe(true);
      }),
      examples(),
    );
  });
});

const TINY = shapeOf({ batch: 1, heads: 1, length: 64, headDim: 16 });

function prepared(problem: JudgedProblem, kernel: ReadyKernel): Runnable {
  return kernel.prepare(problem, guardedOutput(elementCount(problem.shape, "output")));
}

function outputOf(problem: JudgedProblem, kernel: ReadyKernel): Float32Array {
  const runnable = prepared(problem, kernel);
  runnable.output().fill(Number.NaN);
  runnable.run();
  const output = runnable.output().slice();
  runnable.dispose();
  return output;
}

function copyOf({ shape, q, k, v }: AttentionInputs): AttentionInputs {
  return { shape, q: q.slice(), k: k.slice(), v: v.slice() };
}

function expectRight(problem: JudgedProblem, kernel: ReadyKernel): void {
  const failure = failureInAnyRow(problem, kernel);
  if (failure !== null) expect(`${describeProblem(problem)}: ${failure}`).toBeNull();
}

/** Numbers that are not finite in the reference are not finite in the kernel; all others are within budget. */
function expectRightWhereFinite(problem: JudgedProblem, kernel: ReadyKernel): void {
  const { shape } = problem;
  const layout = layoutOf(shape, "output");
  const exact = reference(problem);
  const output = outputOf(problem, kernel);
  const places = everyRow(shape);
  for (const [index, { values }] of exact.rows(places, float64).entries()) {
    const { batch, head, row } = places[index];
    const at = offsetIn(layout, batch, head, row);
    for (let column = 0; column < layout.width; column++) {
      if (Number.isFinite(values[column])) continue;
      const got = output[at + column];
      if (Number.isFinite(got)) {
        const where = `${describeProblem(problem)}: row ${row}, column ${column}`;
        expect(`${where} is ${got}`).toBe(`${where} is ${values[column]}`);
      }
      // Which of NaN and the infinities it is depends on the order of the sums.
      output[at + column] = values[column];
    }
  }
  const { failure } = expectation(problem, exact, everyRow(shape), 0).compare(output);
  if (failure !== null) expect(`${describeProblem(problem)}: ${failure}`).toBeNull();
}
