import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shapeOf } from "../../../src/core/shape.ts";
import { parameterize } from "../../../src/core/variant.ts";
import { compileDecode, type DecodeSchedule } from "../../../src/kernels/decode/compile-decode.ts";
import { checkSchedule } from "../../../src/kernels/native/decode/check-schedule.ts";
import { causal } from "../../../src/pattern/causal.ts";
import { expectation } from "../../../src/verify/expectation.ts";
import { variants } from "../../../variants/index.ts";
import { examples } from "../../examples.ts";
import { reference } from "../../mechanisms/judge.ts";
import { algebraWithDraws } from "../../pattern/arbitrary-patterns.ts";
import { problemOf } from "../arbitrary-problems.ts";
import { type DecodingKernel, decodingKernels, prepareSteps, stepTo } from "../decode/decoded.ts";
import { describeNative } from "./here.ts";

const decodings = decodingKernels.filter(({ name }) => name === "native");

/** Mechanisms whose steps differ in instructions. */
const KINDS = ["full", "sink-logit", "sigmoid-attention", "relu-attention", "alibi", "rope"];
const mechanisms = variants
  .filter(({ id }) => KINDS.includes(id))
  .map((variant) => parameterize(variant, {}).mechanism);

/** Prefills up to `from`, steps from there to the end, and says in which of those rows something is wrong. */
function failureFrom({ decode }: DecodingKernel, problem: ReturnType<typeof problemOf>, from: number) {
  const { shape, inputs } = problem;
  const { batch, heads, length, valueDim } = shape;
  // Rows that are not stepped to stay 0.
  const output = new Float32Array(batch * heads * length * valueDim);
  const stepper = prepareSteps(decode, problem);
  stepper.prefill(inputs, from);
  stepTo(stepper, inputs, length, output);
  stepper.dispose();
  const rows = Array.from({ length: length - from }, (_, at) => from + at);
  const places = rows.flatMap((row) =>
    Array.from({ length: batch * heads }, (_, at) => ({
      batch: Math.floor(at / heads),
      head: at % heads,
      row,
    })),
  );
  return expectation(problem, reference(problem), places, 0).compare(output).failure;
}

describeNative.each(decodings)("decoding by machine code", (decoding) => {
  it("is right for heads and values of any width, and rows of many blocks", () => {
    const widths = fc.integer({ min: 1, max: 256 });
    const shapes = fc.record({
      batch: fc.integer({ min: 1, max: 2 }),
      kvHeads: fc.integer({ min: 1, max: 2 }),
      group: fc.integer({ min: 1, max: 3 }),
      length: fc.integer({ min: 1, max: 600 }),
      pairs: widths.map((width) => Math.ceil(width / 2)),
      valueDim: widths,
    });
    fc.assert(
      fc.property(shapes, fc.constantFrom(...mechanisms), (drawn, mechanism) => {
        const { group, pairs, ...sizes } = drawn;
        const shape = shapeOf({ ...sizes, heads: group * sizes.kvHeads, headDim: 2 * pairs });
        const problem = problemOf(mechanism, shape, true, "peaked");
        expect(failureFrom(decoding, problem, Math.max(0, shape.length - 3))).toBeNull();
      }),
      examples(60),
    );
  });

  it("is right where scores rise from key to key, so that the maximum is raised again and again", () => {
    const shape = shapeOf({ batch: 1, heads: 2, kvHeads: 1, length: 400, headDim: 20 });
    const problem = problemOf(mechanisms[0], shape, true);
    const { k, q } = problem.inputs;
    q.fill(1);
    for (let at = 0; at < k.length; at++) k[at] = (Math.floor(at / 20) * 3) / 20 + 0.01 * Math.sin(at);
    expect(failureFrom(decoding, problem, 0)).toBeNull();
  });

  it("is right where keys and values are so many that rows are asked for ahead", () => {
    const shape = shapeOf({ batch: 1, heads: 2, kvHeads: 1, length: 7000, headDim: 256 });
    const problem = problemOf(mechanisms[0], shape, true);
    expect(failureFrom(decoding, problem, shape.length - 2)).toBeNull();
  });

  it("says that a head or a value is too wide for it", () => {
    const { decode } = decoding;
    const [mechanism] = mechanisms;
    const task = (sizes: object) => ({
      mechanism,
      shape: shapeOf({ batch: 1, heads: 1, length: 9, headDim: 8, ...sizes }),
      causal: true,
      threads: 1,
    });
    expect(decode.supports(task({ headDim: 257 }))).toMatch(/at most 256 wide, got 257/);
    expect(decode.supports(task({ valueDim: 300 }))).toMatch(/at most 256 wide, got 300/);
    expect(decode.supports(task({ headDim: 256, valueDim: 256 }))).toBe(true);
  });
});

describe("slots that machine code may read", () => {
  const schedules = fc
    .tuple(algebraWithDraws, fc.integer({ min: 1, max: 150 }))
    .map(([pattern, length]) => compileDecode(causal(pattern).bind({ length, head: 0 })));

  it("are those of every schedule that is compiled", () => {
    fc.assert(
      fc.property(schedules, (schedule) => {
        checkSchedule(schedule);
      }),
      examples(),
    );
  });

  it("are no others: a slot, a step, a count or a place beyond them is refused", () => {
    const beyond = (schedule: DecodeSchedule, of: "slotOf" | "rowAt" | "lastCount", row: number) => {
      const array = schedule[of].slice();
      array[row] = { slotOf: schedule.slots, rowAt: schedule.pieces.length, lastCount: schedule.slots + 1 }[
        of
      ];
      return { ...schedule, [of]: array };
    };
    fc.assert(
      fc.property(
        schedules,
        fc.nat(),
        fc.constantFrom("slotOf", "rowAt", "lastCount"),
        (schedule, at, of) => {
          const row = at % schedule.capacity;
          // A row without pieces has no last one.
          fc.pre(of !== "lastCount" || schedule.pieces[schedule.rowAt[row]] > 0);
          fc.pre(
            of !== "lastCount" || schedule.pieces[schedule.rowAt[row] + lastPiece(schedule, row) + 2] !== 0,
          );
          expect(() => checkSchedule(beyond(schedule, of, row))).toThrow(/slots 0 to/);
        },
      ),
      examples(),
    );
    fc.assert(
      fc.property(schedules, fc.nat(), (schedule, at) => {
        const row = at % schedule.capacity;
        fc.pre(schedule.pieces[schedule.rowAt[row]] > 0 && schedule.lastCount[row] > 0);
        const pieces = schedule.pieces.slice();
        pieces[schedule.rowAt[row] + lastPiece(schedule, row) + 1] = -1 - schedule.slots;
        expect(() => checkSchedule({ ...schedule, pieces })).toThrow(/slots 0 to/);
      }),
      examples(),
    );
  });
});

/** Words from the beginning of a row's pieces to its last piece. */
function lastPiece({ pieces, rowAt }: DecodeSchedule, row: number): number {
  return 3 * (pieces[rowAt[row]] - 1);
}
