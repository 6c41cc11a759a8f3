import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { elementCount, overTokens, type Shape, shapeOf } from "../../../src/core/shape.ts";
import { parameterize } from "../../../src/core/variant.ts";
import type { Stepper } from "../../../src/kernels/stepper.ts";
import type { JudgedProblem } from "../../../src/mechanisms/judged.ts";
import { randomBlocks } from "../../../src/pattern/random-blocks.ts";
import { full } from "../../../variants/dense/full.ts";
import { linear } from "../../../variants/feature-map/linear.ts";
import { local } from "../../../variants/sparse/local.ts";
import { longformer } from "../../../variants/sparse/longformer.ts";
import { examples } from "../../examples.ts";
import { ofPattern } from "../../mechanisms/judge.ts";
import { algebraWithDraws } from "../../pattern/arbitrary-patterns.ts";
import { problemOf } from "../arbitrary-problems.ts";
import { decoded, decodes, decodingKernels, guardedToken, stepTo, taskOf } from "../decode/decoded.ts";
import { repeated } from "../repeated-heads.ts";
import { expectOracle } from "./unlike.ts";

/** Grouped heads, and values of a width of their own. */
const shapes: fc.Arbitrary<Shape> = fc
  .record({
    batch: fc.integer({ min: 1, max: 2 }),
    kvHeads: fc.integer({ min: 1, max: 2 }),
    group: fc.integer({ min: 1, max: 3 }),
    length: fc.integer({ min: 1, max: 70 }),
    headDim: fc.constantFrom(1, 3, 8, 19, 64),
    valueDim: fc.constantFrom(1, 5, 8, 19, 64),
  })
  .map(({ group, ...rest }) => shapeOf({ ...rest, heads: rest.kvHeads * group }));

const builds = decodingKernels.filter(({ kernel }) => kernel.id === "wasm");

describe.each(builds)("decoding of unlike shapes by $name", (build) => {
  const { decode } = build;

  it("gives the bits of k and v repeated for every head of q, whether heads attend alike or not", () => {
    fc.assert(
      fc.property(algebraWithDraws, shapes, (pattern, shape) => {
        const problem = problemOf(ofPattern(pattern), shape, true);
        const [got, expected] = [decoded(problem, decode), decoded(repeated(problem), decode)];
        expect(got.length).toBe(elementCount(shape, "output"));
        expect(got.findIndex((value, at) => !Object.is(value, expected[at]))).toBe(-1);
      }),
      examples(100),
    );
  });

  it("does so over rows of hundreds of keys, which heads go through together", () => {
    for (const [variant, parameters] of [
      [full, {}],
      [longformer, { window: 290 }],
    ] as const) {
      for (const headDim of [20, 64]) {
        const shape = shapeOf({ batch: 1, heads: 6, kvHeads: 2, length: 700, headDim });
        const problem = problemOf(parameterize(variant, parameters).mechanism, shape, true);
        const outputs = [problem, repeated(problem)].map((one) => {
          const stepper = decode.prepare(taskOf(one));
          stepper.prefill(one.inputs, 695);
          const output = new Float32Array(elementCount(shape, "output"));
          stepTo(stepper, one.inputs, 700, output);
          stepper.dispose();
          return output;
        });
        expect(outputs[0].findIndex((value, at) => !Object.is(value, outputs[1][at]))).toBe(-1);
        expect(outputs[0].at(-1)).not.toBe(0);
      }
    }
  });

  it("is right in every row", () => {
    fc.assert(
      fc.property(algebraWithDraws, shapes, (pattern, shape) => {
        const problem = problemOf(ofPattern(pattern), shape, true);
        expect(decodes(build, problem)).toBe(pattern.neverDecoded !== true);
        expectOracle(problem, decoded(problem, decode));
      }),
      examples(100),
    );
  });

  it("gives the same bits after a prefill as after steps", () => {
    fc.assert(
      fc.property(algebraWithDraws, shapes, fc.nat(), (pattern, shape, far) => {
        const problem = problemOf(ofPattern(pattern), shape, true);
        const expected = decoded(problem, decode);
        const output = expected.slice();
        const stepper = decode.prepare(taskOf(problem));
        stepper.prefill(problem.inputs, far % shape.length);
        stepTo(stepper, problem.inputs, shape.length, output);
        stepper.dispose();
        expect(output.findIndex((value, at) => !Object.is(value, expected[at]))).toBe(-1);
      }),
      examples(100),
    );
  });

  it("keeps and reads keys once for the heads that share them, by the widths of k and v", () => {
    const shape = shapeOf({ batch: 2, heads: 6, kvHeads: 2, length: 40, headDim: 3, valueDim: 5 });
    for (const [mechanism, kept] of [
      [parameterize(full, {}).mechanism, 20],
      [parameterize(local, { window: 4 }).mechanism, 4],
    ] as const) {
      const problem = problemOf(mechanism, shape, true);
      const stepper = decode.prepare(taskOf(problem));
      stepper.prefill(problem.inputs, 20);
      const [row, ofEachHead] = [2 * (3 + 5) * 4, stepperAt(repeated(problem), 20)];
      expect(3 * stepper.stateBytes).toBe(ofEachHead.stateBytes);
      expect(3 * stepper.stepBytes).toBe(ofEachHead.stepBytes);
      expect(stepper.stateBytes).toBeGreaterThanOrEqual(2 * row * kept);
      stepper.dispose();
    }
  });

  it("keeps a cache for every head where those that share k and v attend other keys", () => {
    const shape = shapeOf({ batch: 1, heads: 4, kvHeads: 2, length: 40, headDim: 3 });
    const problem = problemOf(ofPattern(randomBlocks(4, 2, 1)), shape, true);
    const [shared, apart] = [stepperAt(problem, 20), stepperAt(repeated(problem), 20)];
    expect(shared.stateBytes).toBe(apart.stateBytes);
  });

  it("refuses tokens and inputs of another shape, in words", () => {
    const shape = shapeOf({ batch: 1, heads: 4, kvHeads: 2, length: 5, headDim: 3, valueDim: 2 });
    const problem = problemOf(parameterize(full, {}).mechanism, shape, true);
    const stepper = decode.prepare(taskOf(problem));
    const token = guardedToken(shape);
    expect(() => stepper.step({ ...token, k: token.q })).toThrow(
      new RangeError("step: q, k, v and out must have 12, 6, 4 and 8 numbers, got 12, 12, 4, 8"),
    );
    for (const unlike of [{ kvHeads: 4 }, { valueDim: 3 }]) {
      const { inputs } = problemOf(problem.mechanism, { ...shape, ...unlike }, true);
      const [[name, value]] = Object.entries(unlike);
      expect(() => stepper.prefill(inputs, 1)).toThrow(
        new RangeError(`prefill: inputs must have ${name} 2, got ${value}`),
      );
    }
    expect(stepper.position).toBe(0);
    stepper.dispose();
  });

  it("takes no other queries than the keys", () => {
    const usual = shapeOf({ batch: 1, heads: 2, length: 5, headDim: 3 });
    for (const variant of [full, linear]) {
      const task = taskOf(problemOf(parameterize(variant, {}).mechanism, overTokens(usual, 5), true));
      expect(decode.supports({ ...task, shape: { ...usual, kvHeads: 1, valueDim: 4 } })).toBe(true);
      expect(decode.supports({ ...task, shape: { ...usual, queries: 1 } })).toBe(
        "it takes as many queries as keys, got 1 for 5",
      );
    }
  });

  function stepperAt(problem: JudgedProblem, position: number): Pick<Stepper, "stateBytes" | "stepBytes"> {
    const stepper = decode.prepare(taskOf(problem));
    stepper.prefill(problem.inputs, position);
    const { stateBytes, stepBytes } = stepper;
    stepper.dispose();
    return { stateBytes, stepBytes };
  }
});
