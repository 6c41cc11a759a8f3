import { expect, it } from "vitest";
import { layoutOf, offsetIn } from "../../src/core/shape.ts";
import { parameterize } from "../../src/core/variant.ts";
import { weightTensors } from "../../src/mechanisms/judged.ts";
import { float64 } from "../../src/mechanisms/oracle.ts";
import { variants } from "../../variants/index.ts";
import { goldenCases } from "../kernels/golden-cases.ts";
import { goldenLayers } from "../kernels/golden-layers.ts";
import { reference, rowOf } from "./judge.ts";

it.each(goldenCases)(
  "the float64 reference equals the golden vectors to twelve digits, or as weights are rounded: $title",
  ({ problem, output }) => {
    const { shape } = problem;
    const row = rowOf(reference(problem));
    // Weights that are drawn are rounded to float32, in which kernels read them, by half of what the slack is
    // of; there they are not.
    const isDrawn = weightTensors(problem).length > 0;
    for (let batch = 0; batch < shape.batch; batch++) {
      for (let head = 0; head < shape.heads; head++) {
        for (let query = 0; query < shape.queries; query++) {
          const { values, magnitudes, slack } = row(batch, head, query, float64);
          // What a recurrence rounds in one token goes through all that follow, as its slack counts by chance.
          const share = problem.kind.sweeps ? 2 : 1 / 2;
          const close = isDrawn ? slack().map((one) => share * one) : magnitudes.map((size) => 1e-12 * size);
          const at = offsetIn(layoutOf(shape, "output"), batch, head, query);
          for (let column = 0; column < shape.valueDim; column++) {
            const golden = output[at + column];
            const apart = Math.abs(values[column] - golden);
            if (!(apart <= close[column])) {
              expect({ batch, head, query, column, got: values[column] }).toEqual({ got: golden });
            }
          }
        }
      }
    }
  },
);

it("the golden files hold cases of every kind", () => {
  expect(goldenCases.length).toBeGreaterThan(60);
  const kinds = new Set([...goldenCases, ...goldenLayers].map(({ problem }) => problem.mechanism.kind));
  expect(kinds).toEqual(new Set(variants.map((variant) => parameterize(variant, {}).mechanism.kind)));
});
