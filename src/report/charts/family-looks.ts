import type { Results } from "../../record/case-row.ts";
import { BASELINE } from "../../record/schema/baseline.ts";
import { familyPalettes, inks, type Look, PLUG_INS, shapes } from "./look.ts";

/** The families of a report's variants: a report knows no variant by itself, only what comes with its results. */
export interface Families {
  /** The family of a variant; that of plug-ins if the results do not say. */
  of(variant: string): string;
  /** Every family, in the order in which they are listed, that of plug-ins last. */
  readonly all: readonly string[];
  /** The variants of a family in the order in which they are listed, whether or not they were measured. */
  members(family: string): readonly string[];
}

export function familiesOf({ traits = new Map() }: Pick<Results, "traits">): Families {
  const familyOf = (variant: string) => traits.get(variant)?.family ?? PLUG_INS;
  const members = Map.groupBy(traits.keys(), familyOf);
  return {
    of: familyOf,
    all: [...new Set([...members.keys(), PLUG_INS])],
    members: (family) => members.get(family) ?? [],
  };
}

/** The colour that stands for a whole family. */
export function familyColour(family: string): string {
  return shadesOf(family)[0].light;
}

/**
 * Gives every variant its look: colour by family, shape and shade within it, by its place among all that the family lists,
 * so that two reports agree; those that no family lists come after those, in alphabetical order. Sixteen of a family differ,
 * after that looks repeat. The baseline has the ink of the text for itself. `more` are lines besides those of variants, by
 * their names, with the variant that each is of.
 */
export function looksOf(
  variants: readonly string[],
  families: Families,
  more: ReadonlyMap<string, string> = new Map(),
): (name: string) => Look {
  const given = new Map<string, Look>();
  const named = [...[...new Set(variants)].sort().map((name) => [name, name]), ...[...more].sort(byName)];
  const byFamily = Map.groupBy(named, ([, variant]) => families.of(variant));
  for (const [family, own] of byFamily) {
    const order = new Set([...families.members(family), ...own.map(([name]) => name)]);
    order.delete(BASELINE);
    for (const [at, name] of [...order].entries()) given.set(name, lookAt(family, at));
  }
  given.set(BASELINE, { color: inks.text.light, shape: shapes[0] });
  return (name) => {
    const found = given.get(name);
    if (found === undefined) throw new RangeError("looksOf: the variant must be one of those given");
    return found;
  };
}

function lookAt(family: string, at: number): Look {
  const shades = shadesOf(family);
  const lap = Math.floor(at / shapes.length);
  return { color: shades[(at + lap) % shades.length].light, shape: shapes[at % shapes.length] };
}

/** A family that is not known here is drawn as plug-ins are. */
function shadesOf(family: string) {
  return (familyPalettes.find(({ id }) => id === family) ?? familyPalettes[familyPalettes.length - 1]).shades;
}

function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1;
}
