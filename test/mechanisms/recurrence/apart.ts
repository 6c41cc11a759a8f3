import { everyRow } from "../../../src/core/rows.ts";
import type { JudgedProblem } from "../../../src/mechanisms/judged.ts";
import { float64 } from "../../../src/mechanisms/oracle.ts";
import { chunked } from "./chunked.ts";

/** Float64 rounds by so much less than float32 does. */
const FINER = 2 ** -29;
/** Room for more roundings in products of pairs. */
const ROUNDINGS = 128;

/** Where the form in chunks is apart from the reference, which goes token by token, by more than float64 explains. */
export function apartFromRecurrent(problem: JudgedProblem, chunk: number): string | null {
  const places = everyRow(problem.shape).filter(({ batch }) => batch === 0);
  const rows = problem.kind.oracle(problem).rows(places, float64);
  const { length, heads } = problem.shape;
  const forms = Array.from({ length: heads }, (_, head) => chunked(problem, head, chunk));
  for (const [index, { values, slack }] of rows.entries()) {
    const allowed = slack();
    const { rows: form, largest } = forms[Math.floor(index / length)];
    const got = form[index % length];
    // A cumulative log is off by so many roundings of 1 as it is large.
    const finer = FINER * (ROUNDINGS + largest);
    const j = values.findIndex((value, at) => !(Math.abs(got[at] - value) <= finer * allowed[at]));
    if (j >= 0) return `row ${index}, column ${j}: ${got[j]} and ${values[j]}, allowed ${finer * allowed[j]}`;
  }
  return null;
}
