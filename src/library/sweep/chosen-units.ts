import { nameOfContent } from "../../sweep/shard-name.ts";
import type { LoadedCatalogue } from "../catalogue.ts";
import { curveWords, parseCurves } from "../curves.ts";
import { chosenOf, type TypedChoices } from "../plan-options.ts";
import type { ChosenVariant } from "../settings.ts";

/** A variant with all that was set for it, once for each value of its curve. */
export interface ChosenUnit {
  readonly id: string;
  readonly entries: readonly ChosenVariant[];
}

/** The chosen variants, the baseline first, whether it was chosen or not: what is set for it holds either way. */
export function unitsWithBaseline(
  baseline: string,
  asked: TypedChoices,
  catalogue: LoadedCatalogue,
): readonly ChosenUnit[] {
  const ids = new Set(chosenOf({ ...asked, set: undefined }, catalogue).map(({ variant }) => variant.id));
  const all = chosenOf(ids.has(baseline) ? asked : { ...asked, variants: [baseline, ...ids] }, catalogue);
  const units = [...Map.groupBy(all, ({ variant }) => variant.id)].map(([id, entries]) => ({ id, entries }));
  return [...units.filter(({ id }) => id === baseline), ...units.filter(({ id }) => id !== baseline)];
}

/** Equal in two settings if a variant is the same in both, `base` being all else that they say. */
export function unitKey(base: string, { id, entries }: ChosenUnit): string {
  return nameOfContent([base, id, entries.map(({ overrides }) => Object.entries(overrides).sort())]);
}

/** The options that choose these variants with their parameters, and nothing else. */
export function wordsOf(
  units: readonly ChosenUnit[],
  { curve }: Pick<TypedChoices, "curve">,
  { variants }: LoadedCatalogue,
): Readonly<Record<"variants" | "set" | "curve", readonly string[]>> {
  const curves = parseCurves(variants, curveWords(curve));
  const own = curves.filter(({ variant }) => units.some(({ id }) => id === variant.id));
  const set = units.flatMap(({ id, entries: [first] }) => {
    const along = own.find(({ variant }) => variant.id === id)?.parameter;
    return Object.entries(first.overrides)
      .filter(([name]) => name !== along)
      .map(([name, value]) => `${id}.${name}=${value ?? "none"}`);
  });
  return { variants: units.map(({ id }) => id), set: set.sort(), curve: own.map(({ text }) => text) };
}
