import fc, { type Arbitrary } from "fast-check";
import { describe, expect, it } from "vitest";
import { everyRow } from "../../src/core/rows.ts";
import { elementCount, layoutOf, offsetIn, type Shape, shapeOf } from "../../src/core/shape.ts";
import { builtInKernels } from "../../src/kernels/index.ts";
import { guardedOutput, type ReadyKernel } from "../../src/kernels/kernel.ts";
import { supportsPass } from "../../src/kernels/supports-mode.ts";
import type { JudgedProblem } from "../../src/mechanisms/judged.ts";
import { float64 } from "../../src/mechanisms/oracle.ts";
import type { Reformer, Routing, Selection } from "../../src/mechanisms/selection/declare.ts";
import { expectation } from "../../src/verify/expectation.ts";
import { askOf, copied, handedChoice } from "../../src/verify/handed-choice.ts";
import { examples } from "../examples.ts";
import { rowOf } from "../mechanisms/judge.ts";
import { failureInAnyRow, referenceOn } from "../verify/whole-gate.ts";
import { alsoUnlike, describeProblem, nonFinitePlants, problemOf, withPlants } from "./arbitrary-problems.ts";

const lengths = fc.oneof(fc.integer({ min: 1, max: 150 }), fc.constantFrom(1, 2, 63, 64, 65, 129, 300));

const shapes: Arbitrary<Shape> = alsoUnlike(
  fc
    .record({
      batch: fc.integer({ min: 1, max: 2 }),
      heads: fc.integer({ min: 1, max: 2 }),
      length: lengths,
      headDim: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(16, 64)),
    })
    .map(shapeOf),
  ["kvHeads", "valueDim"],
);

const few = fc.option(fc.integer({ min: 1, max: 12 }));

const rules: Arbitrary<Reformer | Routing> = fc.oneof(
  fc.record({
    id: fc.constant("reformer" as const),
    chunk: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constantFrom(48, 64, 128, 200)),
    rounds: fc.integer({ min: 1, max: 5 }),
    buckets: fc.oneof(few, fc.constantFrom(200, 400)),
    sameBucket: fc.boolean(),
    factored: fc.boolean(),
    seed: fc.nat({ max: 9 }),
  }),
  fc.record({
    id: fc.constant("routing" as const),
    clusters: fc.oneof(few, fc.constantFrom(40, 70)),
    window: fc.oneof(few, fc.constantFrom(50, 64, 140)),
    seed: fc.nat({ max: 9 }),
  }),
);

const problems: Arbitrary<JudgedProblem> = fc
  .record({
    rule: rules,
    shape: shapes,
    causal: fc.boolean(),
    input: fc.constantFrom("gaussian", "peaked", "local"),
    seed: fc.nat({ max: 99 }),
    scale: fc.option(fc.double({ min: 0.1, max: 2, noNaN: true })),
  })
  .map(({ rule, shape, causal, input, seed, scale }) => {
    const mechanism: Selection = { kind: "selection", rule, ...(scale !== null && { scale }) };
    return problemOf(mechanism, shape, causal, input, seed);
  });

const kernels = builtInKernels().filter((kernel) => {
  const rule: Reformer = {
    id: "reformer",
    chunk: 4,
    rounds: 2,
    buckets: null,
    sameBucket: false,
    factored: true,
    seed: 0,
  };
  const mechanism: Selection = { kind: "selection", rule };
  return supportsPass(kernel, { ...task(mechanism), threads: 1 }) === true;
});

function task(mechanism: Selection) {
  return { mechanism, shape: shapeOf({ batch: 1, heads: 1, length: 8, headDim: 4 }), causal: false };
}

it("two kernels attend within groups of tokens", () => {
  expect(kernels.map(({ id }) => id).sort()).toEqual(["js", "wasm"]);
});

describe.each(kernels)("kernel $id", (kernel) => {
  it("is right in every row on what it chose, whatever the rule, the shape and the threads", () => {
    fc.assert(
      fc.property(problems, fc.integer({ min: 1, max: 3 }), (problem, threads) => {
        const shared = kernel.id === "js" ? problem : { ...problem, threads };
        expectRight(shared, kernel);
      }),
      examples(150),
    );
  });

  it("is right where tokens are equal, zero, tiny or huge", () => {
    const factors = fc.constantFrom(0, 1e-42, 1e-30, 1e15, 1e30);
    fc.assert(
      fc.property(
        problems,
        fc.array(fc.tuple(fc.nat(), fc.nat(), factors)),
        factors,
        (problem, copies, size) => {
          const { shape, inputs } = problem;
          const [q, k] = [inputs.q.slice(), inputs.k.slice()];
          for (const tensor of [q, k]) {
            const rows = tensor.length / shape.headDim;
            for (const [from, to, factor] of copies) {
              const at = (from % rows) * shape.headDim;
              tensor.copyWithin((to % rows) * shape.headDim, at, at + shape.headDim);
              // Scores of one huge row are all that its softmax sees; both may be huge in none.
              if (factor <= 1) for (let i = at; i < at + shape.headDim; i++) tensor[i] *= factor;
            }
          }
          if (size > 1)
            for (let i = 0; i < q.length; i++) q[i] *= problem.mechanism.kind === "selection" ? size : 1;
          expectRight({ ...problem, inputs: { ...inputs, q, k } }, kernel);
        },
      ),
      examples(100),
    );
  });

  it("takes numbers that are not finite where the reference on its choice does, and nowhere else", () => {
    fc.assert(
      fc.property(problems, nonFinitePlants, (plain, plants) => {
        const problem = withPlants(plain, plants);
        const layout = layoutOf(problem.shape, "output");
        const runnable = kernel.prepare(problem, guardedOutput(elementCount(problem.shape, "output")));
        runnable.output().fill(1);
        runnable.run();
        const output = runnable.output().slice();
        const choice = copied(handedChoice(problem, askOf(runnable)));
        runnable.dispose();
        const exact = referenceOn(problem, choice);
        for (const { batch, head, row } of everyRow(problem.shape)) {
          const { values } = rowOf(exact)(batch, head, row, float64);
          const at = offsetIn(layout, batch, head, row);
          for (let column = 0; column < layout.width; column++) {
            if (Number.isFinite(values[column])) continue;
            const where = `${describeProblem(problem)}: row ${row}, column ${column}`;
            expect(`${where}: ${Number.isFinite(output[at + column])}`).toBe(`${where}: false`);
            output[at + column] = values[column];
          }
        }
        const { failure } = expectation(problem, exact, everyRow(problem.shape), 0).compare(output, choice);
        if (failure !== null) expect(`${describeProblem(problem)}: ${failure}`).toBeNull();
      }),
      examples(150),
    );
  });
});

function expectRight(problem: JudgedProblem, kernel: ReadyKernel): void {
  const failure = failureInAnyRow(problem, kernel);
  if (failure !== null) expect(`${describeProblem(problem)}: ${failure}`).toBeNull();
}
