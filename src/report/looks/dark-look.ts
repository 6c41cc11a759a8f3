import { familyPalettes, inks, palette } from "../charts/look.ts";

/** The colours of charts on paper, each with its counterpart on a dark page. */
export const counterparts: ReadonlyMap<string, string> = new Map(
  [...palette, ...familyPalettes.flatMap(({ shades }) => shades), ...Object.values(inks)].map(
    ({ light, dark }) => [light, dark],
  ),
);

/** A picture in the colours of a dark page, ground and all: what the page's style sheet does. SVG as text. */
export function darkSvg(svg: string): string {
  // Within tags alone: a name may say anything.
  return svg.replace(/<[a-z][^<>]*>/gi, (tag) =>
    tag.replace(/ (fill|stroke)="(#[0-9a-f]{6})"/g, (attribute, name: string, color: string) => {
      const dark = counterparts.get(color);
      return dark === undefined ? attribute : ` ${name}="${dark}"`;
    }),
  );
}
