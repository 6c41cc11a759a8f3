import type { Results } from "../../record/case-row.ts";
import { type Series, seriesOf } from "../series.ts";
import { WORDS } from "../words.ts";
import { familiesOf, looksOf } from "./family-looks.ts";
import type { Look } from "./look.ts";

/** A series with how it is drawn: the same in every chart of a report. */
export interface DrawnSeries extends Series {
  readonly look: Look;
  /**
   * What sets it apart from series of the same look, if there are any: its kernel, its setting, and whether its calls
   * compute gradients. Otherwise empty.
   */
  readonly style: string;
}

/** What series are drawn from: the cases, which family each variant is of, and which others the report draws. */
export type SeriesSource = Pick<Results, "rows" | "traits" | "learned">;

/**
 * The series of a report. Those of one variant look alike if a style tells them apart, otherwise each has its
 * own look.
 */
export function drawnSeries(results: SeriesSource): readonly DrawnSeries[] {
  const series = seriesOf(results.rows);
  const kernels = new Set(series.map((one) => one.kernelLabel)).size;
  const seen = new Set<string>();
  const passes = new Set(series.map((one) => one.operation.pass)).size;
  const styled = series.map((one) => {
    const made = passes > 1 ? WORDS[one.operation.unit].made : "";
    const style = [kernels > 1 ? one.kernelLabel : "", one.setting, made].filter(Boolean).join(" · ");
    const place = JSON.stringify([one.variant, style]);
    // Recomputing, which only the baseline does, never takes the look of the variant itself, wherever it
    // appears in the file.
    const name = seen.has(place) || one.operation.ofBaselineAlone ? one.label : one.variant;
    if (!one.operation.ofBaselineAlone) seen.add(place);
    return { one, style, name };
  });
  const lookOf = looksOf(
    [...series.map(({ variant }) => variant), ...learnedVariants(results)],
    familiesOf(results),
    new Map(styled.map(({ name, one }) => [name, one.variant])),
  );
  return styled.map(({ one, style, name }) => ({ ...one, style, look: lookOf(name) }));
}

/** The variants of a study: the same variant looks alike in charts of what was learned. */
export function learnedVariants({ learned }: Pick<Results, "learned">): readonly string[] {
  return learned?.study.cells.map(({ variant }) => variant) ?? [];
}
