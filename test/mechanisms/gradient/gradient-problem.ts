import type { GradientPass } from "../../../src/core/operation.ts";
import type { RowPlace } from "../../../src/core/rows.ts";
import type { JudgedProblem } from "../../../src/mechanisms/judged.ts";
import { builtInKinds } from "../../../src/mechanisms/kinds.ts";
import { withNamed } from "../../../src/mechanisms/named-inputs.ts";
import { outputsOf } from "../../../src/mechanisms/outputs.ts";

/** The gradient of a problem, along a dout that is drawn. */
export function gradientOf(problem: JudgedProblem, pass: GradientPass = "backward", seed = 1): JudgedProblem {
  const judged = builtInKinds.under({ mechanism: problem.mechanism }, { pass });
  // What the problem has already is kept: dout alone is drawn.
  const drawn = withNamed({ ...judged, shape: problem.shape }, problem.inputs, seed);
  return { ...problem, ...judged, inputs: { ...drawn, ...problem.inputs } };
}

/** Every row of every tensor that a call gives. */
export function everyRowOf(problem: JudgedProblem): RowPlace[] {
  return outputsOf(problem).flatMap(({ name, layout: { batch, heads, rows } }) =>
    Array.from({ length: batch * heads * rows }, (_, index) => ({
      tensor: name,
      batch: Math.floor(index / (heads * rows)),
      head: Math.floor(index / rows) % heads,
      row: index % rows,
    })),
  );
}
