import { describe, expect, it } from "vitest";
import { builtInKernels } from "../../src/kernels/index.ts";
import { supportsMode } from "../../src/kernels/supports-mode.ts";
import { failureInAnyRow } from "../verify/whole-gate.ts";
import { goldenReference } from "./golden-cases.ts";
import { goldenLayers } from "./golden-layers.ts";

const kernels = builtInKernels().map((kernel) => ({
  kernel,
  supported: goldenLayers.filter(({ problem }) => supportsMode(kernel, problem, "forward") === true),
}));

describe.each(kernels.filter(({ supported }) => supported.length > 0))("kernel $kernel.id", (one) => {
  const { kernel, supported } = one;

  it.each(supported)("is within the gate's budget of the golden layers in every row: $title", (golden) => {
    expect(failureInAnyRow(golden.problem, kernel, goldenReference(golden))).toBeNull();
  });
});

it("some kernel computes each of the golden layers", () => {
  const computed = new Set(kernels.flatMap(({ supported }) => supported.map(({ title }) => title)));
  expect(computed).toEqual(new Set(goldenLayers.map(({ title }) => title)));
});
