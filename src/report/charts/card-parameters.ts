import type { PatternSketch } from "../../core/pattern-sketch.ts";
import type { CaseRow } from "../../record/case-row.ts";
import { named } from "../../text/cut-text.ts";
import { shortName } from "../../text/labels.ts";
import type { CardParameter } from "./pattern-cards.ts";

/** Values before the rest is counted. */
const MOST_VALUES = 6;

/** The parameters of a picture, beside those that its variant was measured with. */
export function cardParameters(
  { variant, params }: Pick<PatternSketch, "variant" | "params">,
  rows: readonly CaseRow[],
): readonly CardParameter[] {
  const own = rows.filter((row) => row.variant === variant);
  return Object.entries(params)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => {
      const measured = new Set(own.map((row) => shortName(`${row.params[name] ?? "–"}`)));
      return [shortName(name), shortName(`${value}`), named([...measured], MOST_VALUES)];
    });
}
