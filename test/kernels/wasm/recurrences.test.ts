import fc, { type Arbitrary } from "fast-check";
import { describe, expect, it } from "vitest";
import { everyRow } from "../../../src/core/rows.ts";
import { elementCount, layoutOf, offsetIn, type Shape, shapeOf } from "../../../src/core/shape.ts";
import { parameterize } from "../../../src/core/variant.ts";
import { guardedOutput, type ReadyKernel, type Runnable } from "../../../src/kernels/kernel.ts";
import { BUILD_NAMES } from "../../../src/kernels/wasm/build.ts";
import { createWasm } from "../../../src/kernels/wasm/index.ts";
import { type JudgedProblem, tokenTensors, weightsOf } from "../../../src/mechanisms/judged.ts";
import { float64 } from "../../../src/mechanisms/oracle.ts";
import type { Decay, Recurrence, Write } from "../../../src/mechanisms/recurrence/declare.ts";
import { expectation } from "../../../src/verify/expectation.ts";
import { recurrences } from "../../../variants/recurrence/index.ts";
import { retention } from "../../../variants/recurrence/retention.ts";
import { examples } from "../../examples.ts";
import { leastWorkOf, reference, rowOf } from "../../mechanisms/judge.ts";
import { failureInAnyRow } from "../../verify/whole-gate.ts";
import {
  alsoUnlike,
  describeProblem,
  nonFinitePlants,
  problemOf,
  withPlants,
} from "../arbitrary-problems.ts";

const builds = BUILD_NAMES.map((name) => ({
  name,
  columns: name === "wide" ? 16 : 8,
  wasm: createWasm(name),
}));

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
const mechanisms: Arbitrary<Recurrence> = decays.chain((decay) =>
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

const every = recurrences.map((variant) => ({
  id: variant.id,
  mechanism: parameterize(variant, {}).mechanism,
}));

const problems: Arbitrary<JudgedProblem> = fc
  .tuple(
    fc.oneof(
      fc.constantFrom(...recurrences).map((variant) => parameterize(variant, {}).mechanism),
      mechanisms,
    ),
    shapes,
    fc.constantFrom(1, 3),
  )
  .map(([mechanism, shape, threads]) => ({ ...problemOf(mechanism, shape, true), threads }));

/** Gates at the ends of their domains, decays that underflow, keys that are zero and equal keys. */
const extremes = fc.record({
  g: fc.constantFrom(0, -0.001, -20, -90, -3e38, Number.NEGATIVE_INFINITY),
  beta: fc.constantFrom(0, 1),
  every: fc.integer({ min: 1, max: 20 }),
  zeroKeys: fc.boolean(),
  equalKeys: fc.boolean(),
});

describe.each(builds)("recurrences in the build $name", ({ columns, wasm }) => {
  it("are right in every row, whatever decays, writes, erases and reads, in chunks and segments", () => {
    fc.assert(
      fc.property(problems, (problem) => {
        expect(wasm.supports(problem)).toBe(true);
        expect([describeProblem(problem), failureInAnyRow(problem, wasm)]).toEqual([
          describeProblem(problem),
          null,
        ]);
      }),
      examples(120),
    );
  });

  it("are right where gates are 0 and 1, decays underflow, keys are zero or all the same", () => {
    fc.assert(
      fc.property(problems, extremes, (problem, { g, beta, every, zeroKeys, equalKeys }) => {
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
        const one = { ...problem, inputs: { ...inputs, k, ...Object.fromEntries(gates) } };
        expect([describeProblem(one), failureInAnyRow(one, wasm)]).toEqual([describeProblem(one), null]);
      }),
      examples(120),
    );
  });

  it("take NaN and infinities where the reference takes them, and nowhere else", () => {
    fc.assert(
      fc.property(problems, nonFinitePlants, (problem, plants) => {
        expectRightWhereFinite(withPlants(problem, plants), wasm);
      }),
      examples(120),
    );
  });

  it("are right where threads begin in the middle of a head", () => {
    for (const { id, mechanism } of every) {
      for (const [length, threads] of [
        [800, 2],
        [1153, 3],
      ]) {
        const one = {
          ...problemOf(mechanism, shapeOf({ batch: 1, heads: 1, length, headDim: 5 }), true),
          threads,
        };
        expect([id, length, failureInAnyRow(one, wasm)]).toEqual([id, length, null]);
      }
    }
  });

  it("count whole panels of a chunk: the state read and written, and pairs up to the diagonal", () => {
    const { mechanism } = parameterize(retention, {});
    const counted = (length: number, threads = 1): Runnable => {
      const one = {
        ...problemOf(mechanism, shapeOf({ batch: 2, heads: 3, length, headDim: 16 }), true),
        threads,
      };
      return wasm.prepare(one, guardedOutput(elementCount(one.shape, "output")));
    };
    // Of 8 tokens 6 + 4 rows; 16 channels are panels of 6, 6 and 4; keys are one panel of 16, or one of 8 for six rows.
    const panels = columns === 16 ? 10 * 16 : 6 * 8 + 4 * 8;
    const reads = 2 * 10 * 16 * 16;
    const writes = 16 * 16 + 2 * 16 * 16 * 8;
    const pairs = 2 * 16 * panels + 2 * 16 * (6 * 6 + 4 * 8);
    const one = counted(8);
    expect(one.executedFlops).toBe(6 * (reads + writes + pairs));
    expect(one.bytes).toBe(6 * 4 * 8 * 5 * 16);
    expect(counted(100_000).workspaceBytes).toBe(one.workspaceBytes);
    one.dispose();
  });

  it("count no less than the mathematics takes", () => {
    fc.assert(
      fc.property(problems, (problem) => {
        const { flops, bytes } = leastWorkOf(problem);
        const runnable = wasm.prepare(problem, guardedOutput(elementCount(problem.shape, "output")));
        expect([describeProblem(problem), (runnable.executedFlops ?? 0) >= flops]).toEqual([
          describeProblem(problem),
          true,
        ]);
        expect([describeProblem(problem), (runnable.bytes ?? 0) >= bytes]).toEqual([
          describeProblem(problem),
          true,
        ]);
        runnable.dispose();
      }),
      examples(500),
    );
  });

  it("step as they pass, and a prefill leaves the bits that steps leave", () => {
    fc.assert(
      fc.property(problems, fc.nat(), (passed, cut) => {
        const problem = { ...passed, threads: 1 };
        const { length } = problem.shape;
        const stepped = decodedBy(wasm, problem, 0);
        const exact = reference(problem);
        const { failure } = expectation(problem, exact, everyRow(problem.shape), 0).compare(stepped);
        expect([describeProblem(problem), failure]).toEqual([describeProblem(problem), null]);
        const from = cut % length;
        const after = decodedBy(wasm, problem, from);
        const layout = layoutOf(problem.shape, "output");
        for (const { batch, head, row } of everyRow(problem.shape)) {
          if (row < from) continue;
          const at = offsetIn(layout, batch, head, row);
          expect(after.subarray(at, at + layout.width)).toEqual(stepped.subarray(at, at + layout.width));
        }
      }),
      examples(120),
    );
  });
});

/** The outputs of steps after a prefill of `from` tokens; those of the tokens before are NaN. */
function decodedBy({ decode }: ReadyKernel, problem: JudgedProblem, from: number): Float32Array {
  if (decode === undefined) throw new TypeError("the kernel must decode");
  const { shape, inputs } = problem;
  const stepper = decode.prepare(problem, weightsOf(problem));
  stepper.prefill(inputs, from);
  const layout = layoutOf(shape, "output");
  const output = new Float32Array(elementCount(shape, "output")).fill(Number.NaN);
  const tokens = tokenTensors(problem);
  for (let row = from; row < shape.length; row++) {
    const own = tokens.map(({ name, values, layout: { batch, heads, rows, width } }) => {
      const token = new Float32Array(batch * heads * width);
      for (let slice = 0; slice < batch * heads; slice++) {
        token.set(
          values.subarray((slice * rows + row) * width, (slice * rows + row + 1) * width),
          slice * width,
        );
      }
      return [name, token] as const;
    });
    const { q, k, v, ...gates } = Object.fromEntries(own);
    const out = new Float32Array(layout.batch * layout.heads * layout.width);
    stepper.step({ ...gates, q, k, v, out });
    for (let slice = 0; slice < layout.batch * layout.heads; slice++) {
      output.set(
        out.subarray(slice * layout.width, (slice + 1) * layout.width),
        (slice * layout.rows + row) * layout.width,
      );
    }
  }
  stepper.dispose();
  return output;
}

/** Numbers that are not finite in the reference are not finite in the kernel; all others are within budget. */
function expectRightWhereFinite(problem: JudgedProblem, kernel: ReadyKernel): void {
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
