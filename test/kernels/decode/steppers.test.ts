import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Mechanism } from "../../../src/core/mechanism.ts";
import { everyRow } from "../../../src/core/rows.ts";
import {
  elementCount,
  kvHeadOf,
  overTokens,
  type Shape,
  shapeOf,
  type TensorName,
} from "../../../src/core/shape.ts";
import { parameterize } from "../../../src/core/variant.ts";
import { syntheticSource } from "../../../src/input/synthetic.ts";
import { isCell, STATES } from "../../../src/mechanisms/cell/declare.ts";
import { isFeatureMap } from "../../../src/mechanisms/feature-map/declare.ts";
import type { JudgedProblem } from "../../../src/mechanisms/judged.ts";
import { float64 } from "../../../src/mechanisms/oracle.ts";
import { isRecurrence } from "../../../src/mechanisms/recurrence/declare.ts";
import { isSoftmaxPattern } from "../../../src/mechanisms/softmax-pattern/declare.ts";
import { stepsOf } from "../../../src/mechanisms/work-of-case.ts";
import { bindHeads } from "../../../src/pattern/bind.ts";
import { causal } from "../../../src/pattern/causal.ts";
import { expectation } from "../../../src/verify/expectation.ts";
import { variants } from "../../../variants/index.ts";
import { all, examples } from "../../examples.ts";
import { ofPattern, patternIn, reference } from "../../mechanisms/judge.ts";
import { algebraWithDraws } from "../../pattern/arbitrary-patterns.ts";
import { referenceOn } from "../../verify/whole-gate.ts";
import {
  alsoUnlike,
  describeProblem,
  isDefined,
  nonFinitePlants,
  problemOf,
  problemsFor,
  withPlants,
} from "../arbitrary-problems.ts";
import { attendsNothing, everyThirdRow, strictPast } from "../hand-written-patterns.ts";
import { repeated } from "../repeated-heads.ts";
import {
  chosenIn,
  decoded,
  decodes,
  decodingKernels,
  fetchToken,
  gatesIn,
  guardedToken,
  prepareSteps,
  stepTo,
  taskOf,
} from "./decoded.ts";

const smallShapes: fc.Arbitrary<Shape> = alsoUnlike(
  fc
    .record({
      batch: fc.integer({ min: 1, max: 2 }),
      heads: fc.integer({ min: 1, max: 3 }),
      length: fc.integer({ min: 1, max: 140 }),
      headDim: fc.integer({ min: 1, max: 20 }),
    })
    .map(shapeOf),
  ["kvHeads", "valueDim"],
);

/** Every variant with small parameters, so that patterns are sparse at a few dozen tokens. */
const small: ReadonlyArray<readonly [string, Mechanism]> = variants.map((variant) => {
  const probes = Object.entries(variant.params).map(([name, { probe }]) => [name, probe]);
  return [variant.id, parameterize(variant, Object.fromEntries(probes)).mechanism];
});

/** Whether no feature of a map is 0 or negative: its sums are then those of the pairs, whatever is in v. */
function isPositive(mechanism: Mechanism): boolean {
  // A recurrence has no map, and numbers of either sign.
  if (isRecurrence(mechanism)) return false;
  if (!isFeatureMap(mechanism)) return true;
  const { feature } = mechanism;
  return feature.kind === undefined ? feature.id === "elu+1" : /^(favor|channel-softmax)$/.test(feature.kind);
}

describe.each(decodingKernels)("decoding by $name", (decoding) => {
  const { decode } = decoding;
  const taken = small.filter(([, mechanism]) => decodes(decoding, problemOf(mechanism, TINY, true)));
  /** Causal problems that this kernel decodes. */
  const problems = problemsFor(null, smallShapes)
    .map((problem): JudgedProblem => ({ ...problem, causal: true }))
    .filter((problem) => decodes(decoding, problem));
  const takesPatterns = taken.some(([, mechanism]) => isSoftmaxPattern(mechanism));
  /** Causal problems of the patterns of the algebra that it decodes. */
  const ofAlgebra = fc
    .tuple(algebraWithDraws, smallShapes)
    .map(([pattern, shape]) => problemOf(ofPattern(pattern), shape, true))
    .filter((problem) => decodes(decoding, problem));

  it("is right in every row for any variant, parameters, shape and inputs", () => {
    fc.assert(
      fc.property(problems, (problem) => {
        expectRight(problem, decoded(problem, decode));
      }),
      examples(),
    );
  });

  it.runIf(takesPatterns)("is right in every row for any pattern of the algebra", () => {
    fc.assert(
      fc.property(ofAlgebra, (problem) => {
        expectRight(problem, decoded(problem, decode));
      }),
      examples(),
    );
  });

  it.each(taken)(
    "is right in every row of %s at heads of any width, several of them and one token",
    (_, mechanism) => {
      for (const headDim of all ? [1, 7, 20, 64, 80, 128] : [1, 20, 80]) {
        for (const kind of all && headDim === 20
          ? (["gaussian", "peaked", "local"] as const)
          : (["peaked"] as const)) {
          const several = problemOf(
            mechanism,
            shapeOf({ batch: 2, heads: 3, length: 37, headDim }),
            true,
            kind,
          );
          if (decodes(decoding, several)) expectRight(several, decoded(several, decode));
          const one = problemOf(mechanism, shapeOf({ batch: 2, heads: 3, length: 1, headDim }), true, kind);
          if (decodes(decoding, one)) expectRight(one, decoded(one, decode));
          const shared = { kvHeads: 2, valueDim: headDim + 3 };
          const unlike = problemOf(
            mechanism,
            shapeOf({ batch: 2, heads: 4, length: 37, headDim, ...shared }),
            true,
            kind,
          );
          if (decodes(decoding, unlike)) expectRight(unlike, decoded(unlike, decode));
        }
      }
    },
  );

  it.runIf(takesPatterns)("writes zeros where a row attends nothing", () => {
    for (const pattern of [attendsNothing, strictPast, everyThirdRow]) {
      const problem = problemOf(ofPattern(pattern), TINY, true);
      const output = decoded(problem, decode);
      expectRight(problem, output);
      const bound = causal(pattern).bind({ length: TINY.length, head: 0 });
      for (let row = 0; row < TINY.length; row++) {
        if (bound.intervals(row).length > 0) continue;
        const at = row * TINY.headDim;
        expect([...output.subarray(at, at + TINY.headDim)]).toEqual(Array(TINY.headDim).fill(0));
      }
    }
  });

  it("stays right where logits run to several hundred, of either sign", () => {
    fc.assert(
      fc.property(problems, fc.constantFrom(100, -300), (problem, factor) => {
        const { inputs } = problem;
        const scaled = { ...problem, inputs: { ...inputs, q: inputs.q.map((value) => value * factor) } };
        expectRight(scaled, decoded(scaled, decode));
      }),
      examples(40),
    );
  });

  it("takes NaN and infinities where the reference takes them, and nowhere else", () => {
    fc.assert(
      fc.property(problems, nonFinitePlants, (problem, plants) => {
        const broken = withPlants(problem, plants);
        expectRightWhereFinite(broken, decoded(broken, decode));
      }),
      examples(150),
    );
  });

  it.each(taken)("carries a lone infinity in v of %s into the outputs, as it is", (_, mechanism) => {
    for (const headDim of [1, 2, 3, 7, 8, 19]) {
      for (const infinity of [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        const problem = problemOf(mechanism, shapeOf({ batch: 1, heads: 2, length: 12, headDim }), true);
        if (!isDefined(problem)) continue;
        problem.inputs.v[2 * headDim - 1] = infinity;
        const output = decoded(problem, decode);
        const rows = reference(problem).rows(everyRow(problem.shape), float64);
        const expected = rows.flatMap(({ values }) => [...values]);
        for (const [at, value] of expected.entries()) {
          if (Number.isFinite(value)) continue;
          // Weighed by 0, as a rectifier may, it is NaN; and a state has a product for each feature, which may be 0.
          if (isPositive(mechanism)) expect(`at ${at}: ${output[at]}`).toBe(`at ${at}: ${value}`);
          else expect(output[at], `at ${at}`).not.toSatisfy(Number.isFinite);
        }
        expectRightWhereFinite(problem, output);
      }
    }
  });

  it.runIf(takesPatterns)("gives keys of logit minus infinity no weight", () => {
    fc.assert(
      fc.property(ofAlgebra, fc.nat(), (problem, from) => {
        const { inputs, shape } = problem;
        const { headDim, length } = shape;
        for (let at = 0; at < inputs.q.length; at += headDim) inputs.q[at] = 1;
        for (let at = 0; at < inputs.k.length; at += headDim) {
          const key = (at / headDim) % length;
          if ((key + from) % 140 < 70) inputs.k[at] = Number.NEGATIVE_INFINITY;
        }
        expectRightWhereFinite(problem, decoded(problem, decode));
      }),
      examples(),
    );
  });

  it("gives the same bits after a prefill, at any position and in any portions, as after steps", () => {
    const portions = fc.array(fc.tuple(fc.nat(60), fc.nat(20)), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(problems, portions, (problem, pieces) => {
        const { length } = problem.shape;
        const alone = decoded(problem, decode);
        const stepper = prepareSteps(decode, problem);
        const output = alone.slice();
        for (const [prefilled, stepped] of pieces) {
          stepper.prefill(problem.inputs, Math.min(prefilled, length - stepper.position));
          const to = Math.min(length, stepper.position + stepped);
          stepTo(stepper, problem.inputs, to, output);
        }
        stepper.dispose();
        expect(firstDifference(output, alone)).toBeNull();
      }),
      examples(),
    );
  });

  it("gives heads that share k and v the bits that it gives them with k and v repeated for each", () => {
    fc.assert(
      fc.property(problems, (problem) => {
        expect(firstDifference(decoded(problem, decode), decoded(repeated(problem), decode))).toBeNull();
      }),
      examples(60),
    );
  });

  it("forgets a sequence at a reset, however far it went and whatever it held", () => {
    fc.assert(
      fc.property(problems, fc.nat(), fc.boolean(), (problem, far, steps) => {
        const { shape } = problem;
        const fresh = decoded(problem, decode);
        const stepper = prepareSteps(decode, problem);
        const nothing = (name: TensorName) => new Float32Array(elementCount(shape, name)).fill(Number.NaN);
        const gates = gatesIn(problem.inputs).map(({ name, values }) => [name, values.map(() => Number.NaN)]);
        const qkv = { q: nothing("q"), k: nothing("k"), v: nothing("v") };
        const bad = { shape, ...qkv, ...Object.fromEntries(gates) };
        if (steps) stepTo(stepper, bad, far % (shape.length + 1), nothing("output"));
        else stepper.prefill(bad, far % (shape.length + 1));
        stepper.reset();
        expect(stepper.position).toBe(0);
        const output = nothing("output");
        stepTo(stepper, problem.inputs, shape.length, output);
        stepper.dispose();
        expect(firstDifference(output, fresh)).toBeNull();
      }),
      examples(60),
    );
  });

  it("keeps steppers apart from one another", () => {
    fc.assert(
      fc.property(problems, problems, (one, other) => {
        const expected = [decoded(one, decode), decoded(other, decode)];
        const running = [one, other].map((problem) => ({
          problem,
          stepper: prepareSteps(decode, problem),
          output: new Float32Array(elementCount(problem.shape, "output")),
        }));
        for (let to = 1; to <= 140; to++) {
          for (const { problem, stepper, output } of running) {
            stepTo(stepper, problem.inputs, Math.min(to, problem.shape.length), output);
          }
        }
        for (const [at, { output, stepper }] of running.entries()) {
          expect(firstDifference(output, expected[at])).toBeNull();
          stepper.dispose();
        }
      }),
      examples(20),
    );
  });

  it.each(taken)(
    "refuses of %s a step, and a prefill, past the capacity, and goes on after it",
    (_, mechanism) => {
      const problem = problemOf(mechanism, shapeOf({ batch: 1, heads: 2, length: 5, headDim: 3 }), true);
      const stepper = prepareSteps(decode, problem);
      const longer = syntheticSource("gaussian", 1).inputs(overTokens(problem.shape, 9));
      const past = "prefill: 6 tokens must fit into the capacity of 5; prepare for more, or reset";
      expect(() => stepper.prefill(longer, 6)).toThrow(new RangeError(past));
      const missing = "prefill: inputs must hold 6 tokens, got 5; take in fewer";
      expect(() => stepper.prefill(problem.inputs, 6)).toThrow(new RangeError(missing));
      expect(() => stepper.prefill(longer, -1)).toThrow(RangeError);
      expect(() => stepper.prefill(longer, 1.5)).toThrow(RangeError);
      expect(() => stepper.prefill({ ...longer, shape: { ...longer.shape, heads: 1 } }, 1)).toThrow(
        /heads 2, got 1/,
      );
      expect(stepper.position).toBe(0);
      stepper.prefill(longer, 5);
      const token = guardedToken(problem.shape);
      fetchToken(longer, 5, token);
      const refused = "step: token 6 must fit into the capacity of 5; prepare for more, or reset";
      expect(() => stepper.step(token)).toThrow(new RangeError(refused));
      expect(stepper.position).toBe(5);
      expect(stepper.capacity).toBe(5);
      expect(stepper.stepBytes).toBe(0);
      stepper.reset();
      const output = new Float32Array(elementCount(problem.shape));
      stepTo(stepper, problem.inputs, 5, output);
      expectRight(problem, output);
      stepper.reset();
      const short = { ...token, out: token.out.subarray(1) };
      expect(() => stepper.step(short)).toThrow(
        new RangeError("step: q, k, v and out must each have 6 numbers, got 6, 6, 6, 5"),
      );
      stepper.dispose();
    },
  );

  it("counts the keys that it keeps, by the pattern, and what a step reads and writes", () => {
    fc.assert(
      fc.property(problems, (problem) => {
        const { mechanism, shape } = problem;
        const { batch, kvHeads, length, headDim, valueDim } = shape;
        const stepper = prepareSteps(decode, problem);
        for (const position of [0, 1, 2, Math.floor(length / 2), length]) {
          if (position > length) continue;
          stepper.reset();
          stepper.prefill(problem.inputs, position);
          if (isFeatureMap(mechanism)) {
            // A row of the state for each feature, and with running maxima one more number.
            const { feature } = mechanism;
            const row = valueDim + (feature.kind === "favor" ? 2 : 1);
            expect(stepper.stateBytes % (row * 4 * batch * kvHeads)).toBe(0);
            expect(stepper.stateBytes).toBeGreaterThan(0);
            expect(stepper.stepBytes).toBe(position < length ? 2 * stepper.stateBytes : 0);
            continue;
          }
          if (isCell(mechanism)) {
            expect(stepper.stateBytes % (STATES[mechanism.cell] * headDim * 4 * batch * kvHeads)).toBe(0);
            expect(stepper.stepBytes).toBe(position < length ? 2 * stepper.stateBytes : 0);
            continue;
          }
          if (!isSoftmaxPattern(mechanism)) {
            // Whatever it keeps: no less than must be kept and read.
            const least = stepsOf(problem).leastWork(problem, position);
            expect(stepper.stateBytes).toBeGreaterThanOrEqual(least.stateBytes);
            expect(stepper.stepBytes).toBeGreaterThanOrEqual(least.bytes);
            continue;
          }
          let kept = 0;
          let touched = 0;
          // Heads of q that share k and v share what is kept of them, unless they attend other keys.
          const patterns = bindHeads({ pattern: patternIn(mechanism) }, problem);
          const caches = Array.from({ length: kvHeads }, (_, kvHead) => [
            ...new Set(patterns.filter((_, head) => kvHeadOf(shape, head) === kvHead)),
          ]).flat();
          for (const { attends } of caches) {
            const anyFrom = (from: number, key: number): boolean => {
              for (let query = from; query < length; query++) if (attends(query, key)) return true;
              return false;
            };
            for (let key = 0; key < position; key++) if (anyFrom(Math.max(0, position - 1), key)) kept++;
            if (position === length) continue;
            for (let key = 0; key <= position; key++) if (attends(position, key)) touched++;
            if (anyFrom(position, position)) touched++;
          }
          expect(stepper.stateBytes).toBe(kept * (headDim + valueDim) * 4 * batch);
          expect(stepper.stepBytes).toBe(touched * (headDim + valueDim) * 4 * batch);
        }
        stepper.dispose();
      }),
      examples(60),
    );
  });

  it("says why it takes no call that is not causal, and no more than one thread", () => {
    for (const [, mechanism] of taken) {
      const task = taskOf(problemOf(mechanism, TINY, false));
      expect(decode.supports(task)).toMatch(/causal/);
      expect(decode.supports({ ...task, causal: true, threads: 2 })).toMatch(/1 thread, got 2/);
    }
  });
});

const TINY = shapeOf({ batch: 1, heads: 1, length: 40, headDim: 5 });

function expectRight(problem: JudgedProblem, output: Float32Array): void {
  const expected = expectation(problem, reference(problem), everyRow(problem.shape), 0);
  const { failure } = expected.compare(output, chosenIn(problem, output));
  if (failure !== null) expect(`${describeProblem(problem)}: ${failure}`).toBeNull();
}

/** Numbers that are not finite in the reference are not finite here either; all others are within budget. */
function expectRightWhereFinite(problem: JudgedProblem, output: Float32Array): void {
  const { shape } = problem;
  const places = everyRow(shape);
  const exact = referenceOn(problem, chosenIn(problem, output));
  for (const [index, { values }] of exact.rows(places, float64).entries()) {
    const { row } = places[index];
    for (let column = 0; column < shape.valueDim; column++) {
      if (Number.isFinite(values[column])) continue;
      const at = index * shape.valueDim + column;
      const where = `${describeProblem(problem)}: row ${row}, column ${column} is`;
      if (Number.isFinite(output[at])) expect(`${where} ${output[at]}`).toBe(`${where} ${values[column]}`);
      // Which of NaN and the infinities it is depends on the order of the sums.
      output[at] = values[column];
    }
  }
  expectRight(problem, output);
}

function firstDifference(a: Float32Array, b: Float32Array): string | null {
  const at = a.findIndex((value, index) => !Object.is(value, b[index]));
  return at < 0 ? null : `at ${at}: ${a[at]} and ${b[at]}`;
}
