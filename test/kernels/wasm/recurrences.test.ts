import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { everyRow } from "../../../src/core/rows.ts";
import { elementCount, layoutOf, offsetIn, shapeOf } from "../../../src/core/shape.ts";
import { parameterize } from "../../../src/core/variant.ts";
import { guardedOutput, type ReadyKernel, type Runnable } from "../../../src/kernels/kernel.ts";
import { BUILD_NAMES } from "../../../src/kernels/wasm/build.ts";
import { createWasm } from "../../../src/kernels/wasm/index.ts";
import { type JudgedProblem, tokenTensors, weightsOf } from "../../../src/mechanisms/judged.ts";
import { expectation } from "../../../src/verify/expectation.ts";
import { recurrences } from "../../../variants/recurrence/index.ts";
import { retention } from "../../../variants/recurrence/retention.ts";
import { examples } from "../../examples.ts";
import { leastWorkOf, reference } from "../../mechanisms/judge.ts";
import { failureInAnyRow } from "../../verify/whole-gate.ts";
import { describeProblem, nonFinitePlants, problemOf, withPlants } from "../arbitrary-problems.ts";
import {
  expectRightWhereFinite,
  extremes,
  recurrenceProblems,
  withExtremes,
} from "../recurrence-problems.ts";

const builds = BUILD_NAMES.map((name) => ({
  name,
  columns: name === "wide" ? 16 : 8,
  wasm: createWasm(name),
}));

const every = recurrences.map((variant) => ({
  id: variant.id,
  mechanism: parameterize(variant, {}).mechanism,
}));

describe.each(builds)("recurrences in the build $name", ({ columns, wasm }) => {
  it("are right in every row, whatever decays, writes, erases and reads, in chunks and segments", () => {
    fc.assert(
      fc.property(recurrenceProblems, (problem) => {
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
      fc.property(recurrenceProblems, extremes, (problem, ends) => {
        const one = withExtremes(problem, ends);
        expect([describeProblem(one), failureInAnyRow(one, wasm)]).toEqual([describeProblem(one), null]);
      }),
      examples(120),
    );
  });

  it("take NaN and infinities where the reference takes them, and nowhere else", () => {
    fc.assert(
      fc.property(recurrenceProblems, nonFinitePlants, (problem, plants) => {
        expectRightWhereFinite(withPlants(problem, plants), wasm);
      }),
      examples(120),
    );
  });

  it("are right where threads begin in the middle of a head", () => {
    for (const { id, mechanism } of every) {
      for (const [length, threads] of [
        [1600, 2],
        [3100, 3],
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
      fc.property(recurrenceProblems, (problem) => {
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
      fc.property(recurrenceProblems, fc.nat(), (passed, cut) => {
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
