import fc, { type Arbitrary } from "fast-check";
import { expect } from "vitest";
import { everyRow } from "../../src/core/rows.ts";
import { elementCount, layoutOf, offsetIn, type Shape, shapeOf } from "../../src/core/shape.ts";
import { parameterize } from "../../src/core/variant.ts";
import { guardedOutput, type ReadyKernel } from "../../src/kernels/kernel.ts";
import type { JudgedProblem } from "../../src/mechanisms/judged.ts";
import { float64 } from "../../src/mechanisms/oracle.ts";
import type { Decay, Recurrence, Write } from "../../src/mechanisms/recurrence/declare.ts";
import { expectation } from "../../src/verify/expectation.ts";
import { recurrences } from "../../variants/recurrence/index.ts";
import { reference, rowOf } from "../mechanisms/judge.ts";
import { alsoUnlike, describeProblem, problemOf } from "./arbitrary-problems.ts";

/** Lengths on both sides of chunks of 16 and of 48 tokens. */
const shapes: Arbitrary<Shape> = alsoUnlike(
  fc
    .record({
      batch: fc.integer({ min: 1, max: 2 }),
      heads: fc.integer({ min: 1, max: 2 }),
      length: fc.oneof(
        fc.constantFrom(1, 2, 15, 16, 17, 47, 48, 49, 96, 97),
        fc.integer({ min: 1, max: 110 }),
      ),
      headDim: fc.oneof(fc.constantFrom(1, 8, 16), fc.integer({ min: 1, max: 20 })),
    })
    .map(shapeOf),
  ["valueDim"],
);

const learned = { stream: "test/gate", seed: 3 } as const;
const per = fc.constantFrom("token", "channel");
const decays: Arbitrary<Decay> = fc.oneof(
  fc.constantFrom<Decay>({ form: "none" }, { form: "retention" }, { form: "lightning" }),
  per.map((one): Decay => ({ form: "given", per: one })),
  fc.tuple(fc.constantFrom("logistic", "softplus"), per).map(([form, one]): Decay => {
    return { form, per: one, ...learned };
  }),
  fc.constantFrom("exponential", "rwkv7").map((form): Decay => ({ form, per: "channel", ...learned })),
);

/** What goes with a decay: steps are those of a softplus, and a bonus is a token's that is written whole. */
function writesWith(decay: Decay): Arbitrary<Write> {
  const stepped = decay.form === "softplus" ? (["step", "given-step"] as const) : [];
  return fc.oneof(
    fc.constantFrom("one", "given", ...stepped).map((form): Write => ({ form })),
    per.map((one): Write => ({ form: "logistic", per: one, stream: "test/write", seed: 4 })),
  );
}

/** Everything that can be declared, whether there is a variant of it or not. Not what grows: an erasure by keys that are no units. */
export const recurrenceMechanisms: Arbitrary<Recurrence> = decays.chain((decay) =>
  fc
    .record({
      write: writesWith(decay),
      erases: fc.constantFrom(
        { erase: null, unit: null },
        { erase: null, unit: "both" },
        { erase: "after-decay", unit: "both" },
        { erase: "before-decay", unit: "both" },
        { erase: "before-decay", unit: "erasure" },
      ),
      bonus: fc.constantFrom(null, null, 0.5, 0, -2),
      scale: fc.constantFrom(null, 1, 0.3),
      skip: fc.constantFrom(0, 0, 0.7),
    })
    .map(({ write, erases, bonus, scale, skip }): Recurrence => {
      const isWhole = write.form === "one" && erases.erase === null;
      return {
        kind: "recurrence",
        decay,
        write,
        ...(erases as Pick<Recurrence, "erase" | "unit">),
        bonus: isWhole ? bonus : null,
        scale,
        skip,
      };
    }),
);

/** A recurrence of a variant, or any other, of any shape, on one thread or three. */
export const recurrenceProblems: Arbitrary<JudgedProblem> = fc
  .tuple(
    fc.oneof(
      fc.constantFrom(...recurrences).map((variant) => parameterize(variant, {}).mechanism),
      recurrenceMechanisms,
    ),
    shapes,
    fc.constantFrom(1, 3),
  )
  .map(([mechanism, shape, threads]) => ({ ...problemOf(mechanism, shape, true), threads }));

/** Gates at the ends of their domains, decays that underflow, keys that are zero and equal keys. */
export const extremes = fc.record({
  g: fc.constantFrom(0, -0.001, -20, -90, -3e38, Number.NEGATIVE_INFINITY),
  beta: fc.constantFrom(0, 1),
  every: fc.integer({ min: 1, max: 20 }),
  zeroKeys: fc.boolean(),
  equalKeys: fc.boolean(),
});

/** A problem whose gates and keys are at those ends, one token of so many. */
export function withExtremes(
  problem: JudgedProblem,
  { g, beta, every, zeroKeys, equalKeys }: Extremes,
): JudgedProblem {
  const { inputs, shape } = problem;
  const k = inputs.k.slice();
  if (equalKeys) for (let at = shape.headDim; at < k.length; at++) k[at] = k[at % shape.headDim];
  if (zeroKeys)
    for (let at = 0; at < k.length; at++) if (Math.floor(at / shape.headDim) % every === 0) k[at] = 0;
  const gates = Object.entries({ g, beta }).flatMap(([name, value]) => {
    const found: unknown = Reflect.get(inputs, name);
    if (!(found instanceof Float32Array)) return [];
    const width = found.length / (shape.batch * shape.heads * shape.length);
    return [[name, found.map((own, at) => (Math.floor(at / width) % every === 0 ? value : own))]];
  });
  return { ...problem, inputs: { ...inputs, k, ...Object.fromEntries(gates) } };
}

type Extremes = typeof extremes extends Arbitrary<infer Found> ? Found : never;

/** Numbers that are not finite in the reference are not finite in the kernel; all others are within budget. */
export function expectRightWhereFinite(problem: JudgedProblem, kernel: ReadyKernel): void {
  const { shape } = problem;
  const layout = layoutOf(shape, "output");
  const exact = reference(problem);
  const runnable = kernel.prepare(problem, guardedOutput(elementCount(shape, "output")));
  runnable.run();
  const output = runnable.output().slice();
  runnable.dispose();
  for (const { batch, head, row } of everyRow(shape)) {
    const { values } = rowOf(exact)(batch, head, row, float64);
    const at = offsetIn(layout, batch, head, row);
    for (let column = 0; column < layout.width; column++) {
      if (Number.isFinite(values[column])) continue;
      const where = `${describeProblem(problem)}: row ${row}, column ${column}`;
      expect([where, Number.isFinite(output[at + column])]).toEqual([where, false]);
      // Which of NaN and the infinities it is depends on the order of the sums.
      output[at + column] = values[column];
    }
  }
  const { failure } = expectation(problem, exact, everyRow(shape), 0).compare(output);
  expect([describeProblem(problem), failure]).toEqual([describeProblem(problem), null]);
}
