import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Mechanism } from "../../../src/core/mechanism.ts";
import { everyRow } from "../../../src/core/rows.ts";
import { type Shape, shapeOf } from "../../../src/core/shape.ts";
import type { Stepper } from "../../../src/kernels/stepper.ts";
import { supportsSteps } from "../../../src/kernels/supports-mode.ts";
import { isFeatureMap } from "../../../src/mechanisms/feature-map/declare.ts";
import { type JudgedProblem, weightsOf } from "../../../src/mechanisms/judged.ts";
import { float64 } from "../../../src/mechanisms/oracle.ts";
import { expectation } from "../../../src/verify/expectation.ts";
import { examples } from "../../examples.ts";
import { reference } from "../../mechanisms/judge.ts";
import { describeProblem, nonFinitePlants, problemOf, withPlants } from "../arbitrary-problems.ts";
import { taskOf } from "../decode/decoded.ts";
import { goldenCases, goldenReference } from "../golden-cases.ts";
import { webgpu } from "./judged-call.ts";
import { mechanismOf } from "./linear-mechanisms.ts";
import { decodedBy, type Fences, stepOn } from "./stepped.ts";
import { noDevice, whyNoDevice } from "./test-device.ts";

/** Every map whose features are made number by number of a row. */
const MAPS: ReadonlyArray<readonly [name: string, mechanism: Mechanism]> = [
  ["elu+1", mechanismOf("linear")],
  ["relu", mechanismOf("relu-linear")],
  ["cosines of positions", mechanismOf("cosformer", { horizon: 90 })],
  ["rolls", mechanismOf("dpfp", { nu: 3 })],
  ["a Taylor expansion", mechanismOf("taylor")],
];

/** One pair of widths, since each map of each is a text of its own: rows that end within a quad. */
const WIDTHS = { headDim: 6, valueDim: 7 } as const;

const shapes: fc.Arbitrary<Shape> = fc
  .record({
    batch: fc.integer({ min: 1, max: 2 }),
    kvHeads: fc.integer({ min: 1, max: 2 }),
    readers: fc.integer({ min: 1, max: 3 }),
    length: fc.integer({ min: 1, max: 100 }),
  })
  .map(({ kvHeads, readers, ...sizes }) =>
    shapeOf({ ...sizes, ...WIDTHS, heads: kvHeads * readers, kvHeads }),
  );
const problems = fc
  .tuple(fc.constantFrom(...MAPS), shapes, fc.nat())
  .map(([[, mechanism], shape, seed]) => problemOf(mechanism, shape, true, "gaussian", seed));
const fences: fc.Arbitrary<Fences> = fc.array(fc.integer({ min: 1, max: 64 }), {
  minLength: 1,
  maxLength: 3,
});

async function prepared(problem: JudgedProblem): Promise<Stepper> {
  if (webgpu.decode === undefined) throw new TypeError("it decodes");
  return await webgpu.decode.prepare(taskOf(problem), weightsOf(problem));
}

async function decoded(problem: JudgedProblem, every?: Fences): Promise<Float32Array> {
  const stepper = await prepared(problem);
  const output = await decodedBy(stepper, problem, every);
  stepper.dispose();
  return output;
}

function failure(problem: JudgedProblem, output: Float32Array, exact = reference(problem)) {
  const compared = expectation(problem, exact, everyRow(problem.shape), 0).compare(output);
  return [describeProblem(problem), compared.failure];
}

describe.skipIf(noDevice)(`decoding linear attention on a device${whyNoDevice}`, () => {
  const golden = goldenCases.filter(
    ({ problem }) =>
      problem.causal && isFeatureMap(problem.mechanism) && supportsSteps(webgpu, taskOf(problem)) === true,
  );

  it.each(golden)("is within budget of the golden vectors, token by token: $title", async (one) => {
    const { problem } = one;
    const output = await decoded(problem, [9]);
    expect(failure(problem, output, goldenReference(one))).toEqual([describeProblem(problem), null]);
  });

  it("is right in every row for any of these maps, shape and inputs, however many steps are on their way", async () => {
    await fc.assert(
      fc.asyncProperty(problems, fences, async (problem, every) => {
        expect(failure(problem, await decoded(problem, every))).toEqual([describeProblem(problem), null]);
      }),
      examples(60),
    );
  });

  it("takes NaN and infinities where the reference takes them, and nowhere else", async () => {
    await fc.assert(
      fc.asyncProperty(problems, nonFinitePlants, async (problem, plants) => {
        const broken = withPlants(problem, plants);
        const output = await decoded(broken, [64]);
        const rows = reference(broken).rows(everyRow(broken.shape), float64);
        for (const [at, value] of rows.flatMap(({ values }) => [...values]).entries()) {
          if (Number.isFinite(value)) continue;
          expect(output[at], `${describeProblem(broken)}: at ${at}`).not.toSatisfy(Number.isFinite);
          output[at] = value;
        }
        expect(failure(broken, output)).toEqual([describeProblem(broken), null]);
      }),
      examples(40),
    );
  });

  it("gives the same bits after a prefill, a long one too, and a reset, as after steps", async () => {
    for (const [, mechanism] of MAPS) {
      const shape = shapeOf({ batch: 1, heads: 2, kvHeads: 1, length: 560, ...WIDTHS });
      const problem = problemOf(mechanism, shape, true);
      const stepper = await prepared(problem);
      const alone = await decodedBy(stepper, problem, [64]);
      for (const prefilled of [1, 70, 530]) {
        stepper.reset();
        const output = alone.slice().fill(0);
        stepper.prefill(problem.inputs, prefilled);
        await stepOn(stepper, problem.inputs, prefilled + 20, output, [7]);
        const { valueDim, length } = shape;
        for (let head = 0; head < 2; head++) {
          const from = (head * length + prefilled) * valueDim;
          const rows = [output, alone].map((all) => all.slice(from, from + 20 * valueDim));
          expect(rows[0]).toEqual(rows[1]);
        }
      }
      expect(stepper.stateBytes).toBeGreaterThan(0);
      expect(stepper.stepBytes).toBe(2 * stepper.stateBytes);
      stepper.dispose();
    }
  });

  it("refuses features of whole rows, and more than fit, with a reason", () => {
    const shape = shapeOf({ batch: 1, heads: 1, length: 64, headDim: 64 });
    const answer = (mechanism: Mechanism) =>
      supportsSteps(webgpu, { mechanism, shape, causal: true, threads: 1 });
    expect(answer(mechanismOf("performer"))).toBe("it decodes no features that are made of exponents");
    expect(answer(mechanismOf("hedgehog"))).toBe("it decodes no features that are made of softmaxes");
    expect(answer(mechanismOf("taylor"))).toBe("it decodes at most 2048 features, got 4161");
  });
});
