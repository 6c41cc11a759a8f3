import { describe, expect, it } from "vitest";
import { elementCount, shapeOf } from "../../../src/core/shape.ts";
import { parameterize } from "../../../src/core/variant.ts";
import { expectation } from "../../../src/verify/expectation.ts";
import { recurrences } from "../../../variants/recurrence/index.ts";
import { reference } from "../../mechanisms/judge.ts";
import { problemOf } from "../arbitrary-problems.ts";
import { decodes, decodingKernels, prepareSteps, stepTo } from "./decoded.ts";

const LENGTH = 65_536;
const WINDOW = 8;
const shape = shapeOf({ batch: 1, heads: 1, length: LENGTH, headDim: 16 });
/** Windows apart, so that what is allowed at the end is not what is allowed early. */
const STARTS = [0, 1024, LENGTH / 2, LENGTH - WINDOW];

const short = { ...shape, length: 8, queries: 8 };
const takenBy = (decoding: (typeof decodingKernels)[number]) =>
  recurrences.filter((variant) =>
    decodes(decoding, problemOf(parameterize(variant, {}).mechanism, short, true)),
  );
const withRecurrences = decodingKernels.filter((decoding) => takenBy(decoding).length > 0);

describe.each(withRecurrences)("recurrences decoded by $name", (decoding) => {
  it.each(takenBy(decoding))("drift over 65 536 steps no further than float32 explains: $id", (variant) => {
    const problem = problemOf(parameterize(variant, {}).mechanism, shape, true);
    const output = new Float32Array(elementCount(shape, "output"));
    const stepper = prepareSteps(decoding.decode, problem);
    stepTo(stepper, problem.inputs, LENGTH, output);
    stepper.dispose();
    const places = STARTS.flatMap((from) =>
      Array.from({ length: WINDOW }, (_, at) => ({ batch: 0, head: 0, row: from + at })),
    );
    const expected = expectation(problem, reference(problem), places, 0);
    expect([expected.unproven, expected.compare(output).failure]).toEqual([null, null]);
  });
});
