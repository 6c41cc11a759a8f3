import type { Results } from "../../record/case-row.ts";
import { BASELINE } from "../../record/schema/baseline.ts";
import { familyPalettes, inks, type Look, PLUG_INS, shapes } from "./look.ts";

/** The families of a report's variants: a report knows no variant by itself, only what comes with its results. */
export interface Families {
  /** The family of a variant; that of plug-ins if the results do not say. */
  of(variant: string): string;
  /** The variant's place in the list of its family; null if the results do not say. */
  listed(variant: string): number | null;
  /** Every family, in the order in which they are listed, that of plug-ins last. */
  readonly all: readonly string[];
}

export function familiesOf({ traits = new Map() }: Pick<Results, "traits">): Families {
  const members = Map.groupBy(traits.keys(), (variant) => traits.get(variant)?.family ?? PLUG_INS);
  const places = new Map([...members.values()].flatMap((own) => own.map((variant, at) => [variant, at])));
  return {
    of: (variant) => traits.get(variant)?.family ?? PLUG_INS,
    listed: (variant) => places.get(variant) ?? null,
    all: [...new Set([...members.keys(), PLUG_INS])],
  };
}

/** The colour that stands for a whole family. */
export function familyColour(family: string): string {
  return shadesOf(family)[0].light;
}

/**
 * Gives every variant its look: colour by family, shape and shade within it, by its place in the list of the family, so that
 * two reports agree; those that are not listed, in alphabetical order, the looks that are left. Sixteen of a family differ,
 * after that looks repeat. The baseline has the ink of the text for itself. `more` are lines besides those of variants, by
 * their names, with the variant that each is of.
 */
export function looksOf(
  variants: readonly string[],
  families: Families,
  more: ReadonlyMap<string, string> = new Map(),
): (name: string) => Look {
  const given = new Map<string, Look>([[BASELINE, { color: inks.text.light, shape: shapes[0] }]]);
  const names = new Set(variants);
  const lines = [...[...names].sort().map((name) => [name, name] as const), ...[...more].sort(byName)];
  for (const [family, own] of Map.groupBy(lines, ([, variant]) => families.of(variant))) {
    const places = new Map(own.flatMap(([name]) => (names.has(name) ? [[name, families.listed(name)]] : [])));
    const taken = new Set(places.values());
    let next = 0;
    for (const [name] of own) {
      if (given.has(name)) continue;
      const listed = places.get(name) ?? null;
      while (listed === null && taken.has(next)) next++;
      given.set(name, lookAt(family, listed ?? next++));
    }
  }
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
