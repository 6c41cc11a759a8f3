import { expect, it } from "vitest";
import { FLOAT32_EPSILON } from "../../src/core/error-budget.ts";
import { layoutOf, offsetIn } from "../../src/core/shape.ts";
import { weightTensors } from "../../src/mechanisms/judged.ts";
import { float64 } from "../../src/mechanisms/oracle.ts";
import { goldenCases } from "../kernels/golden-cases.ts";
import { reference, rowOf } from "./judge.ts";

it.each(goldenCases)(
  "the float64 reference equals the golden vectors to twelve digits, or as weights are rounded: $title",
  ({ problem, output }) => {
    const { shape } = problem;
    const row = rowOf(reference(problem));
    // Weights that are drawn are rounded to float32, in which kernels read them; there they are not.
    const close = weightTensors(problem).length > 0 ? FLOAT32_EPSILON / 2 : 1e-12;
    for (let batch = 0; batch < shape.batch; batch++) {
      for (let head = 0; head < shape.heads; head++) {
        for (let query = 0; query < shape.queries; query++) {
          const { values, magnitudes } = row(batch, head, query, float64);
          const at = offsetIn(layoutOf(shape, "output"), batch, head, query);
          for (let column = 0; column < shape.valueDim; column++) {
            const golden = output[at + column];
            const apart = Math.abs(values[column] - golden);
            if (!(apart <= close * magnitudes[column])) {
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
  expect(new Set(goldenCases.map(({ problem }) => problem.mechanism.kind)).size).toBe(3);
});
