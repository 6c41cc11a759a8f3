import { isForm } from "../core/form-names.ts";
import { type Identified, SETTINGS } from "../record/schema/identity.ts";
import { shortName } from "../text/labels.ts";

/** What a row is, in a word or two; empty if there is nothing to say. */
export type Aspect<Row> = (row: Row) => string;

/** A row's settings, one after the other. */
export const settingAspects: readonly Aspect<Identified>[] = SETTINGS.map(
  ({ setting }) =>
    (row) =>
      setting?.(row, shortName) ?? "",
);

/** Gives for each row the aspects in which the rows differ. */
export function differencesIn<Row>(aspects: readonly Aspect<Row>[], rows: readonly Row[]): Aspect<Row> {
  const differing = aspects.filter((aspect) => new Set(rows.map(aspect)).size > 1);
  return (row) => joined(differing.map((aspect) => aspect(row)));
}

/**
 * The parameters in which a row differs from any of `others`, at most three: `window=64 stride=8`. Forms are
 * always told, and not here.
 */
export function differingParameters(
  { params }: Pick<Identified, "params">,
  others: readonly Pick<Identified, "params">[],
): string {
  return Object.entries(params)
    .filter(([name, value]) => !isForm(name, value) && others.some((other) => other.params[name] !== value))
    .map(([name, value]) => `${shortName(name)}=${value ?? "none"}`)
    .slice(0, 3)
    .join(" ");
}

/** The parts that say something. */
export function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join(" · ");
}
