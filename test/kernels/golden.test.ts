import { describe, expect, it } from "vitest";
import { builtInKernels } from "../../src/kernels/index.ts";
import { supportsMode } from "../../src/kernels/supports-mode.ts";
import { variants } from "../../variants/index.ts";
import { failureInAnyRow } from "../verify/whole-gate.ts";
import { goldenCases, goldenReference, goldenVariants } from "./golden-cases.ts";
import { GOLDEN_TO_COME } from "./golden-to-come.ts";

describe.each(builtInKernels())("kernel $id", (kernel) => {
  const supported = goldenCases.filter(({ problem }) => supportsMode(kernel, problem, "forward") === true);

  it.each(supported)("is within the gate's budget of the golden vectors in every row: $title", (golden) => {
    expect(failureInAnyRow(golden.problem, kernel, goldenReference(golden))).toBeNull();
  });

  // Of split scores over all pairs there are no golden vectors.
  it.skipIf(kernel.id === "js-sorted")("supports some of the golden cases", () => {
    expect(supported).not.toEqual([]);
  });
});

it("golden vectors wait only for variants that are not there yet", () => {
  const ids = variants.map(({ id }) => id);
  for (const name of GOLDEN_TO_COME) {
    expect(goldenVariants).toContain(name);
    expect(ids).not.toContain(name);
  }
});

it("some of the golden cases have fewer heads of k and v than of q", () => {
  const grouped = goldenCases.filter(({ problem: { shape } }) => shape.kvHeads < shape.heads);
  expect(grouped.map(({ title }) => title)).toEqual(["zoo: full-kv1", "zoo: full-kv1-causal"]);
});
