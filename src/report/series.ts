import { formsAmong } from "../core/form-names.ts";
import type { Operation } from "../core/operation.ts";
import type { CaseRow } from "../record/case-row.ts";
import { comparedWith, isBaseline, variantInMode } from "../record/schema/baseline.ts";
import { operationOf } from "../record/schema/case-task.ts";
import { companyOf, identityKey, parameterKey } from "../record/schema/identity.ts";
import { labeller, labelsOf, shortName } from "../text/labels.ts";
import { type Aspect, differencesIn, differingParameters, settingAspects } from "./setting-words.ts";

/** The cases that differ only in length: one line of a chart, one row of a table. */
export interface Series {
  /** Unlike that of any other series of the report, safe to print, at most some eighty characters long. */
  readonly label: string;
  readonly variant: string;
  /** The variant's name, safe to print and short, unlike that of any other variant of the report. */
  readonly variantLabel: string;
  readonly kernel: string;
  /** The kernel's name, safe to print and short, unlike that of any other kernel of the report. */
  readonly kernelLabel: string;
  /** What else the cases have in common, if the report holds several such settings; otherwise empty. */
  readonly setting: string;
  /** What one call of its cases is. */
  readonly operation: Operation;
  /** Exponent of length that the work of one call tends to, as declared. */
  readonly exponent: number;
  /** By rising length, one row per length. */
  readonly rows: readonly CaseRow[];
  /** The baseline by the same kernel in the same setting and mode; null if the report has none. */
  readonly baseline: Series | null;
}

/**
 * Sorts cases into series, in the order in which variants first appear. A label gives the variant and
 * whatever else tells the series of this report apart, and nothing that they share. Parameters tell series
 * apart only if two cases would otherwise fill one cell, because a default may depend on the length. Of two
 * cases alike in everything the later counts.
 */
export function seriesOf(rows: readonly CaseRow[]): readonly Series[] {
  const settings = differencesIn(settingAspects, rows);
  const names = {
    variant: labelsOf(rows.map((row) => row.variant)),
    kernel: labelsOf(rows.map((row) => row.kernel)),
  };
  const kernels = differencesIn([(row: CaseRow) => names.kernel.get(row.kernel) ?? ""], rows);
  const nameOf = sharesGradients(rows)
    ? (row: CaseRow) => shortName(row.variant)
    : (row: CaseRow) => variantInMode(shortName(row.variant), row);
  const label = labeller();
  const series = groupBy(rows, (row) => identityKey(row, ["length", "params"])).flatMap((siblings) => {
    const groups = collides(siblings) ? groupBy(siblings, parameterKey) : [siblings];
    return groups.map((group) => {
      const [row] = group;
      const setting = settings(row);
      const parameters =
        groups.length > 1
          ? differingParameters(
              row,
              groups.map(([sibling]) => sibling),
            )
          : "";
      const forms = formsAmong(row.params).join(" ");
      return bare(group, setting, label([nameOf(row), forms, kernels(row), setting, parameters]), names);
    });
  });
  const baselines = new Map<string, Series>();
  for (const candidate of series) {
    const key = companyOf(candidate.rows[0]);
    if (isBaseline(candidate) && !baselines.has(key)) baselines.set(key, candidate);
  }
  return series.map((one) => ({ ...one, baseline: baselines.get(companyOf(one.rows[0])) ?? null }));
}

/** Whether all cases are gradients of one kind, which their names then need not say. */
function sharesGradients(rows: readonly CaseRow[]): boolean {
  const passes = new Set(rows.map((row) => operationOf(row).pass));
  return passes.size === 1 && !passes.has(null);
}

/** What series, or cases, of one report are compared with: its name, safe to print and short. */
export function baselineOf([first]: readonly Parameters<typeof comparedWith>[0][]): string {
  return shortName(comparedWith(first ?? {}));
}

/** Every length at which the series have a case, rising. */
export function lengthsOf(series: readonly Series[]): readonly number[] {
  return [...new Set(series.flatMap((one) => one.rows.map((row) => row.length)))].sort((a, b) => a - b);
}

/** The series' case at this length. */
export function rowAt(series: Series | null, length: number): CaseRow | undefined {
  return series?.rows.find((row) => row.length === length);
}

/**
 * What all cases of a report have in common, such as `not causal · batch 1 · 4 heads · …`; differing aspects
 * are omitted.
 */
export function sharedSetting(rows: readonly CaseRow[]): string {
  return settingAspects
    .map((aspect) => new Set(rows.map(aspect)))
    .filter((values) => values.size === 1)
    .flatMap((values) => [...values])
    .filter((value) => value !== "")
    .join(" · ");
}

function bare(group: readonly CaseRow[], setting: string, label: string, names: Names): Series {
  const rows = [...new Map(group.map((row) => [row.length, row])).values()];
  rows.sort((a, b) => a.length - b.length);
  const longest = rows[rows.length - 1];
  const { variant, kernel, exponent } = longest;
  const operation = operationOf(longest);
  const variantLabel = names.variant.get(variant) ?? "";
  const kernelLabel = names.kernel.get(kernel) ?? "";
  return {
    label,
    variant,
    variantLabel,
    kernel,
    kernelLabel,
    setting,
    operation,
    exponent,
    rows,
    baseline: null,
  };
}

/** Labels by name. */
type Names = Readonly<Record<"variant" | "kernel", ReadonlyMap<string, string>>>;

function collides(rows: readonly CaseRow[]): boolean {
  return groupBy(rows, (row) => `${row.length}`).some((same) => new Set(same.map(parameterKey)).size > 1);
}

function groupBy(rows: readonly CaseRow[], key: Aspect<CaseRow>): readonly (readonly CaseRow[])[] {
  return [...Map.groupBy(rows, key).values()];
}
