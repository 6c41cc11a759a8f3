import { describe, expect, it } from "vitest";
import { everyRow } from "../../../src/core/rows.ts";
import { layoutOf, offsetIn } from "../../../src/core/shape.ts";
import { tensorNamed } from "../../../src/core/tensors.ts";
import { LAYER_POSITIONS } from "../../../src/mechanisms/layer/declare.ts";
import { withNamed } from "../../../src/mechanisms/named-inputs.ts";
import { float64 } from "../../../src/mechanisms/oracle.ts";
import { goldenLayers } from "../../kernels/golden-layers.ts";
import { reference } from "../judge.ts";

describe("a layer in PyTorch, in float64", () => {
  it.each(goldenLayers)("is what the oracle computes, to twelve digits: $title", ({ problem, output }) => {
    const { shape } = problem;
    const places = everyRow(shape);
    const largest = output.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    for (const [index, { values }] of reference(problem).rows(places, float64).entries()) {
      const { batch, head, row } = places[index];
      const at = offsetIn(layoutOf(shape, "output"), batch, head, row);
      for (const [column, value] of values.entries()) {
        const golden = output[at + column];
        if (!(Math.abs(value - golden) <= 1e-12 * largest)) {
          expect({ batch, row, column, value }).toEqual({ value: golden });
        }
      }
    }
  });

  it("has every weight in its file: none is drawn", () => {
    for (const { problem, source } of goldenLayers) {
      for (const [name, spec] of Object.entries(problem.kind.inputs?.(problem.mechanism) ?? {})) {
        expect(source.heldAs?.(name, spec, problem.shape)).not.toBeNull();
      }
    }
  });

  it.each(goldenLayers.filter(({ title }) => /^(sinusoidal|detr)/.test(title)))(
    "has the table of positions that a formula gives: $title",
    ({ problem }) => {
      const own = withNamed(problem, problem.inputs, 0);
      for (const name of Object.values(LAYER_POSITIONS)) {
        const [ours, theirs] = [own, problem.inputs].map((inputs) => tensorNamed(inputs, name));
        // Both are rounded to float32 once.
        const apart = theirs.map((value, at) => Math.abs(value - ours[at]));
        expect(Math.max(...apart)).toBeLessThanOrEqual(2 ** -23);
      }
    },
  );

  it("is biased where its file says so", () => {
    const biased = goldenLayers.filter(({ source }) => source.call?.biases === true);
    expect(biased.map(({ title }) => title.split(".")[0])).toEqual([
      "mha",
      "mha",
      "cross",
      "sinusoidal",
      "learned",
      "detr",
    ]);
  });
});
