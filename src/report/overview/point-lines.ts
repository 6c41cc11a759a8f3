import { formsAmong } from "../../core/form-names.ts";
import type { CaseRow } from "../../record/case-row.ts";
import { isBaseline } from "../../record/schema/baseline.ts";
import { modeOf } from "../../record/schema/case-task.ts";
import { parameterKey } from "../../record/schema/identity.ts";

/** The points of one variant by one kernel on one class of machines. */
export interface PointLine {
  /** One of its cases. */
  readonly row: Pick<CaseRow, "variant" | "kernel" | "mode" | "params" | "compared_with">;
  readonly place: number;
  readonly isBaseline: boolean;
  readonly forms: string;
  /** By length. */
  readonly cells: ReadonlyMap<number, Points>;
}

/** Numbers of a length, each with where it is from; of one place several if several shards measured it. */
export interface Points {
  /** `placeOfPoint` has them apart. */
  readonly places: readonly number[];
  readonly values: readonly number[];
}

export interface PointLines {
  take(facet: { readonly index: number; readonly place: number }, row: CaseRow, value: number): void;
  all(): readonly PointLine[];
}

/** Parameters that a line may have: beyond, those of one facet are pooled. */
const MOST_PARAMETERS = 2 ** 20;

/** The facet of a point. */
export function facetOfPoint(place: number): number {
  return Math.floor(place / MOST_PARAMETERS);
}

interface LineSoFar extends PointLine {
  readonly cells: Map<number, { readonly places: number[]; readonly values: number[] }>;
  /** Numbers of parameters, as several may be measured in one facet. */
  readonly parameters: Map<string, number>;
}

/** Sorts numbers of cases by variant, kernel, class of machines and length. A million of them are some thirty megabytes. */
export function pointLines(): PointLines {
  const lines = new Map<string, LineSoFar>();
  return {
    take({ index, place }, row, value) {
      const forms = formsAmong(row.params).join(" ");
      const key = JSON.stringify([place, modeOf(row), row.variant, forms, row.kernel]);
      const line = lines.get(key) ?? lineOf(row, place, forms);
      lines.set(key, line);
      const parameters = parameterKey(row);
      const number = line.parameters.get(parameters) ?? Math.min(line.parameters.size, MOST_PARAMETERS - 1);
      line.parameters.set(parameters, number);
      const points = line.cells.get(row.length) ?? { places: [], values: [] };
      line.cells.set(row.length, points);
      points.places.push(MOST_PARAMETERS * index + number);
      points.values.push(value);
    },
    all: () => [...lines.values()],
  };
}

function lineOf(one: CaseRow, place: number, forms: string): LineSoFar {
  const { variant, kernel, mode, params, compared_with } = one;
  // Without what it is compared with, full attention would be taken for the baseline.
  const row = { variant, kernel, mode, params, ...(compared_with !== undefined && { compared_with }) };
  return { row, place, isBaseline: isBaseline(row), forms, cells: new Map(), parameters: new Map() };
}
