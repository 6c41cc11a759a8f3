import { escaped, Html } from "../../text/html.ts";
import { compact } from "./compact-svg.ts";

/**
 * A chart's picture within the page. Vega escapes the strings that it draws, so it is markup. Names within it
 * are made unique to this picture, what the page's policy refuses to style is removed, and so is what is not
 * seen: the page holds a dozen pictures, each with one label for a screen reader.
 */
export function picture(svg: string, id: string, label: string): Html {
  const tags = svg.replace(/<[a-z][^<>]*>/gi, (tag) =>
    tag
      .replace(/ (?:class|style|role|pointer-events|aria-[a-z]+)="[^"]*"/g, "")
      .replace(/ opacity="1"/, "")
      .replace(/^(?!.* stroke=")(<path\b.*?) stroke-width="[^"]*"/, "$1")
      .replace(/ id="/g, ` id="${id}-`)
      .replace(/="url\(#/g, `="url(#${id}-`)
      .replace(/href="#/g, `href="#${id}-`)
      .replace(/ (?:d|transform|[xy][12]?)="[^"]*"/g, rounded)
      .replace(/ transform="translate\(0,0\)"/, ""),
  );
  const seen = compact(withSharedMarks(tags, id));
  return new Html(seen.replace(/^<svg /, `<svg role="img" aria-label="${escaped(label)}" `));
}

/** Places to a tenth of a pixel: none moves by more than half of that. */
function rounded(place: string): string {
  return place.replace(/-?\d*\.\d+(?:e-?\d+)?/g, (number) => `${Math.round(10 * Number(number)) / 10 || 0}`);
}

const mark = /<path transform="translate\(([-\d.]+),([-\d.]+)\)" d="([^"]{16,})"/g;

/** Marks of one shape define it once: they are most of a picture, and differ in place and colour. */
function withSharedMarks(svg: string, id: string): string {
  const shapes = Map.groupBy(svg.matchAll(mark), ([, , , shape]) => shape);
  const shared = [...shapes].filter(([, alike]) => alike.length > 2).map(([shape]) => shape);
  if (shared.length === 0) return svg;
  const names = new Map(shared.map((shape, place) => [shape, `${id}-${place}`]));
  const definitions = shared.map((shape) => `<path id="${names.get(shape)}" d="${shape}"/>`).join("");
  return svg
    .replace(mark, (tag, x: string, y: string, shape: string) => {
      const name = names.get(shape);
      return name === undefined ? tag : `<use x="${x}" y="${y}" href="#${name}"`;
    })
    .replace(/^<svg [^<>]*>/, (open) => `${open}<defs>${definitions}</defs>`);
}
