import { describe, expect, it } from "vitest";
import { rowIn } from "../../src/core/outputs.ts";
import type { RowPlace } from "../../src/core/rows.ts";
import { builtInKernels } from "../../src/kernels/index.ts";
import { guardedOutput } from "../../src/kernels/kernel.ts";
import { supportsMode } from "../../src/kernels/supports-mode.ts";
import { weightTensors } from "../../src/mechanisms/judged.ts";
import { float32, float64, type Oracle } from "../../src/mechanisms/oracle.ts";
import { outputsOf } from "../../src/mechanisms/outputs.ts";
import { expectation } from "../../src/verify/expectation.ts";
import { handedOut } from "../../src/verify/handed-out.ts";
import { everyRowOf } from "../mechanisms/gradient/gradient-problem.ts";
import { type GoldenGradient, goldenGradients } from "./golden-gradients.ts";
import { GRADIENTS_TO_COME } from "./golden-to-come.ts";

/** What central differences of the program that made the vectors are off by, as its notes say. */
const DIFFERENCES = 1e-8;

const ready = goldenGradients.filter(({ of }) => !GRADIENTS_TO_COME.has(of));

/** The rows of dq, dk and dv: of others there are no golden vectors. */
function rowsOf({ problem, gradients }: GoldenGradient): RowPlace[] {
  return everyRowOf(problem).filter(({ tensor = "" }) => gradients.has(tensor));
}

function goldenRow({ problem, gradients }: GoldenGradient, place: RowPlace): Float64Array {
  const tensors = outputsOf(problem).filter(({ name }) => name === place.tensor);
  const { at, width } = rowIn(
    tensors.map((one) => ({ ...one, offset: 0 })),
    place,
  );
  return (gradients.get(place.tensor ?? "") ?? new Float64Array()).slice(at, at + width);
}

it.each(ready)("the closed form equals the golden gradients: $title", (golden) => {
  const { problem } = golden;
  const places = rowsOf(golden);
  // Weights that are drawn are rounded to float32, in which kernels read them; there they are not.
  const isDrawn = weightTensors(problem).length > 0;
  for (const [index, { values, slack }] of problem.kind.oracle(problem).rows(places, float64).entries()) {
    const close = isDrawn ? slack() : values.map(() => 0);
    for (const [column, exact] of goldenRow(golden, places[index]).entries()) {
      const apart = Math.abs(values[column] - exact);
      if (!(apart <= close[column] + DIFFERENCES * (1 + Math.abs(exact)))) {
        expect({ ...places[index], column, got: values[column] }).toEqual({ got: exact });
      }
    }
  }
});

describe.each(builtInKernels())("kernel $id", (kernel) => {
  const supported = ready.filter(({ problem }) => supportsMode(kernel, problem, "backward") === true);

  it.skipIf(supported.length === 0)("is within the budget of the golden gradients in every row", async () => {
    for (const golden of supported) {
      const { problem, title } = golden;
      const own = problem.kind.oracle(problem);
      const places = rowsOf(golden);
      // The golden rows in the place of the float64 reference's.
      const exact: Oracle = {
        rows: (asked, round) =>
          own.rows(asked, round).map((row, index) => {
            return round === float32
              ? row
              : { ...row, values: goldenRow(golden, asked[index]), slack: row.slack };
          }),
      };
      const count = outputsOf(problem).reduce(
        (sum, { layout: { batch, heads, rows, width } }) => sum + batch * heads * rows * width,
        0,
      );
      const runnable = await kernel.prepare(handedOut(problem), guardedOutput(count));
      await runnable.save?.();
      runnable.run();
      const { failure } = expectation(problem, exact, places, 0).compare(runnable.output());
      runnable.dispose();
      expect(failure, title).toBeNull();
    }
  });
});

it("the js family takes some of them", () => {
  const js = builtInKernels().find(({ id }) => id === "js");
  expect(js === undefined ? [] : ready.filter(({ problem }) => js.supports(problem) === true)).not.toEqual(
    [],
  );
});

it("golden gradients wait only for kinds that have none yet", () => {
  for (const kind of GRADIENTS_TO_COME) {
    const waiting = goldenGradients.filter(({ of }) => of === kind);
    expect(waiting, kind).not.toEqual([]);
    for (const { title, problem } of waiting) {
      expect(problem.kind.whyNotShape?.(problem.mechanism, problem.shape), title).toMatch(
        /^the gradient of /,
      );
    }
  }
});
