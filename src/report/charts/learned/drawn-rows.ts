import type { Results } from "../../../record/case-row.ts";
import type { StudiedTask } from "../../../record/schema/learning-lines.ts";
import { type LearnedRow, learnedRows } from "../../learning/learned-rows.ts";
import { learnedVariants } from "../drawn-series.ts";
import { familiesOf, looksOf } from "../family-looks.ts";
import type { Look } from "../look.ts";

/** What a study says of one variant on one task, with how it is drawn: as its times are. */
export interface DrawnRow extends LearnedRow {
  readonly look: Look;
  /** The place of its task among those of the study; of tasks that differ in their models alone, that of the first. */
  readonly at: number;
}

/** The rows of a report's study; none if it has none. Further cells of a variant on a task have looks of their own. */
export function drawnRows(results: Pick<Results, "rows" | "traits" | "learned">): readonly DrawnRow[] {
  const { learned, rows: cases } = results;
  if (learned === undefined) return [];
  const timed = cases.map(({ variant }) => variant);
  const rows = learnedRows(learned, timed);
  const first = new Map<string, string>();
  for (const { variant, label } of rows) if (!first.has(variant)) first.set(variant, label);
  const nameOf = ({ variant, label }: LearnedRow) =>
    first.get(variant) === label ? variant : JSON.stringify([variant, label]);
  const lookOf = looksOf(
    [...timed, ...learnedVariants(results)],
    familiesOf(results),
    new Map(rows.map((row) => [nameOf(row), row.variant])),
  );
  const keys = learned.study.tasks.map(withoutModel);
  return rows.map((row) => ({
    ...row,
    look: lookOf(nameOf(row)),
    at: keys.indexOf(withoutModel(row.task)),
  }));
}

/** Equal of tasks that differ in the models around them alone. */
function withoutModel({ id, params, measure, length, steps, chance }: StudiedTask): string {
  return JSON.stringify([id, params, measure, length, steps, chance]);
}
