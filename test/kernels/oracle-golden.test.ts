import { expect, it } from "vitest";
import { everyRow } from "../../src/core/rows.ts";
import { layoutOf, offsetIn } from "../../src/core/shape.ts";
import { weightTensors } from "../../src/mechanisms/judged.ts";
import { float64 } from "../../src/mechanisms/oracle.ts";
import { reference } from "../mechanisms/judge.ts";
import { goldenCases } from "./golden-cases.ts";

/** Sums in another order. */
const CLOSE = 1e-11;
/** Weights that are drawn are rounded to float32, in which kernels read them, and there they are not. */
const CLOSE_WITH_WEIGHTS = 1e-8;

it.each(goldenCases)("the reference itself agrees with an independent float64 program: $title", (golden) => {
  const { problem, output } = golden;
  const places = everyRow(problem.shape);
  const close = weightTensors(problem).length === 0 ? CLOSE : CLOSE_WITH_WEIGHTS;
  const rows = reference(problem).rows(places, float64);
  for (const [index, { batch, head, row }] of places.entries()) {
    const at = offsetIn(layoutOf(problem.shape, "output"), batch, head, row);
    for (const [i, value] of rows[index].values.entries()) {
      expect(Math.abs(value - output[at + i])).toBeLessThanOrEqual(
        close * Math.max(1, Math.abs(output[at + i])),
      );
    }
  }
});
