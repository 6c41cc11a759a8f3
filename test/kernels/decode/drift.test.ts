import { describe, expect, it } from "vitest";
import { shapeOf } from "../../../src/core/shape.ts";
import { parameterize } from "../../../src/core/variant.ts";
import { expectation } from "../../../src/verify/expectation.ts";
import { linear } from "../../../variants/feature-map/linear.ts";
import { reference } from "../../mechanisms/judge.ts";
import { problemOf } from "../arbitrary-problems.ts";
import { decoded, decodes, decodingKernels } from "./decoded.ts";

const LENGTH = 8192;

const shape = shapeOf({ batch: 1, heads: 1, length: LENGTH, headDim: 16 });
const problem = problemOf(parameterize(linear, {}).mechanism, shape, true);
const kernels = decodingKernels.filter((decoding) => decodes(decoding, problem));

describe.each(kernels)("linear attention decoded by $name", ({ decode }) => {
  it("drifts over thousands of steps no further than the budget of a float32 reference allows", () => {
    const output = decoded(problem, decode);
    // Windows apart: outputs shrink as they average more values, and what is allowed early would hide the end.
    for (const from of [0, 1024, LENGTH - 64]) {
      const places = Array.from({ length: 64 }, (_, at) => ({ batch: 0, head: 0, row: from + at }));
      expect(expectation(problem, reference(problem), places, 0).compare(output).failure).toBeNull();
    }
  });
});
