import { describe, expect, it } from "vitest";
import { rowOffset } from "../../src/core/shape.ts";
import { builtInKernels } from "../../src/kernels/index.ts";
import { float32 } from "../../src/reference/precision.ts";
import { type Reference, reference } from "../../src/reference/reference.ts";
import { failureInAnyRow } from "../measure/whole-gate.ts";
import { type GoldenCase, goldenCases } from "./golden-cases.ts";

describe.each(builtInKernels())("kernel $id", (kernel) => {
  const supported = goldenCases.filter(({ problem }) => kernel.supports(problem) === true);

  it.each(supported)("is within the gate's budget of PyTorch in every row: $title", (golden) => {
    expect(failureInAnyRow(golden.problem, kernel, goldenReference(golden))).toBeNull();
  });

  it("supports some of the golden cases", () => {
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
