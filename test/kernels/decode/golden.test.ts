import { describe, expect, it } from "vitest";
import { rowOffset } from "../../../src/core/shape.ts";
import { expectation } from "../../../src/measure/expectation.ts";
import { float32 } from "../../../src/reference/precision.ts";
import { type Reference, reference } from "../../../src/reference/reference.ts";
import { everyRow } from "../../measure/every-row.ts";
import { type GoldenCase, goldenCases } from "../golden-cases.ts";
import { decoded, decodingKernels, taskOf } from "./decoded.ts";

const causalCases = goldenCases.filter(({ problem }) => problem.causal);

describe.each(decodingKernels)("decoding by $name", ({ decode }) => {
  const supported = causalCases.filter(({ problem }) => decode.supports(taskOf(problem)) === true);

  it.each(supported)("is within budget of PyTorch, token by token: $title", (golden) => {
    const output = decoded(golden.problem, decode);
    const places = everyRow(golden.problem.shape);
    const { failure } = expectation(golden.problem, goldenReference(golden), places, 0).compare(output);
    expect(failure).toBeNull();
  });

  it("decodes some of the golden cases", () => {
    expect(supported).not.toEqual([]);
  });
});

/** PyTorch's rows in the place of the float64 reference's. */
function goldenReference({ problem, output }: GoldenCase): Reference {
  const own = reference(problem);
  return (batch, head, query, round) => {
    const row = own(batch, head, query, round);
    if (round === float32) return row;
    const at = rowOffset(problem.shape, batch, head, query);
    return { ...row, values: output.slice(at, at + problem.shape.headDim) };
  };
}
