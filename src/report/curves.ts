import type { CaseRow } from "../record/case-row.ts";
import { formatLength } from "../text/format.ts";
import { labeller, shortName } from "../text/labels.ts";
import type { Series } from "./series.ts";

/** Series of one variant that differ only in one number: what `run --curve` measures. */
export interface Curve<S extends Series = Series> {
  /** Such as `bigbird · random`: unlike that of any other curve of the report, and safe to print. */
  readonly label: string;
  /** The parameter's name, safe to print and short. */
  readonly parameter: string;
  /** By rising value, two of them or more. */
  readonly members: readonly Member<S>[];
}

interface Member<S extends Series> {
  readonly value: number;
  readonly series: S;
}

/** A case of a curve. */
export interface CurvePoint {
  readonly value: number;
  readonly row: CaseRow;
}

/** The curves among the series of a report, in the order in which their variants first appear. */
export function curvesOf<S extends Series>(series: readonly S[]): readonly Curve<S>[] {
  const label = labeller();
  const kernels = new Set(series.map(({ kernel }) => kernel)).size > 1;
  const alike = Map.groupBy(series, (one) => {
    return JSON.stringify([one.variant, one.kernel, one.setting, one.operation.id]);
  });
  return [...alike.values()].flatMap((group) => {
    const parameter = sweptIn(group);
    if (parameter === null) return [];
    const members = group
      .map((one) => ({ value: Number(one.rows[0].params[parameter]), series: one }))
      .sort((a, b) => a.value - b.value);
    const [{ variantLabel, kernelLabel, setting }] = group;
    const name = shortName(parameter);
    return [
      {
        label: label([variantLabel, kernels ? kernelLabel : "", setting, name]),
        parameter: name,
        members,
      },
    ];
  });
}

/** The cases of a curve at one length, by rising value. */
export function pointsAt({ members }: Curve, length: number): readonly CurvePoint[] {
  return members.flatMap(({ value, series }) =>
    series.rows.filter((row) => row.length === length).map((row) => ({ value, row })),
  );
}

/** A parameter's value, such as `16`, `4k` or `0.316`. */
export function valueText(value: number): string {
  return Number.isInteger(value) && value >= 0 ? formatLength(value) : `${Number(value.toPrecision(4))}`;
}

/** The one parameter in which series of one variant differ, if it is a number in all; null if there is none. */
function sweptIn(group: readonly Series[]): string | null {
  if (group.length < 2) return null;
  const params = group.map(({ rows: [row] }) => row.params);
  const names = [...new Set(params.flatMap((one) => Object.keys(one)))];
  const differing = names.filter((name) => new Set(params.map((one) => one[name])).size > 1);
  const [name] = differing;
  const numbers = params.map((one) => one[name]).filter((value) => typeof value === "number");
  return differing.length === 1 && numbers.length === group.length ? name : null;
}
