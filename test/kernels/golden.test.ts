import { describe, expect, it } from "vitest";
import { builtInKernels } from "../../src/kernels/index.ts";
import { failureInAnyRow } from "../verify/whole-gate.ts";
import { goldenCases, goldenReference } from "./golden-cases.ts";

describe.each(builtInKernels())("kernel $id", (kernel) => {
  const supported = goldenCases.filter(({ problem }) => kernel.supports(problem) === true);

  it.each(supported)("is within the gate's budget of PyTorch in every row: $title", (golden) => {
    expect(failureInAnyRow(golden.problem, kernel, goldenReference(golden))).toBeNull();
  });

  it("supports some of the golden cases", () => {
    expect(supported).not.toEqual([]);
  });
});
