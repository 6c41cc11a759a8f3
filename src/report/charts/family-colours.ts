import { familyOf } from "../../core/family.ts";
import type { Results } from "../../record/case-row.ts";
import { palette } from "./look.ts";

/** The families of variants, and the colour that each has, in the order in which they are listed. */
export interface FamilyColours {
  of(variant: string): string;
  readonly colours: ReadonlyMap<string, string>;
}

/** What came with a plug-in: the results do not hold what it declared. */
const UNKNOWN = familyOf({}).id;

/** Fixed places in the palette, so that reports of several versions agree: other families take those after them. */
const places: readonly string[] = [
  "dense",
  "sparse",
  "image",
  "graph",
  "feature-map",
  "low-rank",
  "mixing",
  "baseline",
  UNKNOWN,
  "recurrence",
  "selection",
  "layer",
];

/** Gives families their colours; a report knows no variant by itself, only what comes with its results. */
export function familyColours({ traits = new Map() }: Pick<Results, "traits">): FamilyColours {
  const known = [...new Set([...[...traits.values()].map(({ family }) => family), UNKNOWN])];
  const order = [...new Set([...places, ...known])];
  return {
    of: (variant) => traits.get(variant)?.family ?? UNKNOWN,
    colours: new Map(known.map((family) => [family, palette[order.indexOf(family) % palette.length].light])),
  };
}
