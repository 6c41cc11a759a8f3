import { UNITS, type Unit } from "../core/operation.ts";
import type { CaseRow, Results } from "../record/case-row.ts";
import { operationOf } from "../record/schema/case-task.ts";

/** What one call of a case produces. */
export function unitOf(row: Pick<CaseRow, "mode">): Unit {
  return operationOf(row).unit;
}

/** The results with only the cases of one unit. */
export function onlyOf<R extends Pick<Results, "rows">>(unit: Unit, results: R): R {
  return { ...results, rows: results.rows.filter((row) => unitOf(row) === unit) };
}

/** The units that cases of these results produce, in the order of a report. */
export function unitsIn({ rows }: Pick<Results, "rows">): readonly Unit[] {
  return UNITS.filter((unit) => rows.some((row) => unitOf(row) === unit));
}

/** The results by unit, if they have several: no table or sentence compares one unit with another. */
export function partsOf<R extends Pick<Results, "rows">>(results: R): readonly R[] {
  const units = unitsIn(results);
  return units.length > 1 ? units.map((unit) => onlyOf(unit, results)) : [results];
}
