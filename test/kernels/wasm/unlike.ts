import { expect } from "vitest";
import { errorBudget } from "../../../src/core/error-budget.ts";
import { layoutOf } from "../../../src/core/shape.ts";
import type { JudgedProblem } from "../../../src/mechanisms/judged.ts";
import { float32, float64 } from "../../../src/mechanisms/oracle.ts";
import { reference } from "../../mechanisms/judge.ts";
import { describeProblem } from "../arbitrary-problems.ts";

/** Every row against the reference, within what float32 allows. */
export function expectOracle(problem: JudgedProblem, output: Float32Array): void {
  const { heads, rows, width, batch } = layoutOf(problem.shape, "output");
  const places = Array.from({ length: batch * heads * rows }, (_, at) => {
    return { batch: Math.floor(at / rows / heads), head: Math.floor(at / rows) % heads, row: at % rows };
  });
  const oracle = reference(problem);
  const exact = oracle.rows(places, float64);
  const slacks = exact.map((row) => row.slack());
  const rounding = oracle
    .rows(places, float32)
    .flatMap(({ values }, at) =>
      [...values].map((value, i) => apart(value, exact[at].values[i], slacks[at][i])),
    )
    .reduce((most, one) => Math.max(most, one), 0);
  for (const [at, { values }] of exact.entries()) {
    for (let i = 0; i < width; i++) {
      const budget = errorBudget(slacks[at][i], rounding);
      const got = output[at * width + i];
      if (Math.abs(got - values[i]) <= budget) continue;
      const where = `${describeProblem(problem)}: ${JSON.stringify(places[at])}, column ${i}`;
      expect(`${where}: ${got}`).toBe(`${where}: ${values[i]}`);
    }
  }
}

function apart(a: number, b: number, slack: number): number {
  return a === b ? 0 : Math.abs(a - b) / slack;
}
