import type { BoundPattern } from "../core/pattern.ts";
import { escaped } from "../text/html.ts";

/** Pixels of the drawn matrix. */
const SIDE = 512;
const MARGIN = 28;
/** Pixels per character of the caption, generously. */
const CHARACTER = 7;

/**
 * The attention matrix as a standalone SVG: queries down, keys across, grid lines if they can be told apart.
 */
export function patternSvg(pattern: BoundPattern, caption: string): string {
  const { length } = pattern;
  const cell = SIDE / length;
  const runs: string[] = [];
  for (let query = 0; query < length; query++) {
    const intervals = pattern.intervals(query);
    for (let at = 0; at < intervals.length; at += 2) {
      runs.push(`M${intervals[at]} ${query}H${intervals[at + 1]}v1H${intervals[at]}z`);
    }
  }
  const lines =
    length <= 64 ? Array.from({ length: length + 1 }, (_, at) => `M${at} 0V${length}M0 ${at}H${length}`) : [];
  const title = escaped(caption);
  const width = SIDE + 2 * MARGIN;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${width + 20}" viewBox="0 0 ${width} ${width + 20}" role="img" aria-label="${title}" font-family="sans-serif" font-size="12">`,
    `<title>${title}</title>`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    `<text x="${MARGIN}" y="16" fill="#333">keys j →</text>`,
    `<text transform="translate(16 ${MARGIN}) rotate(90)" fill="#333">queries i →</text>`,
    `<g transform="translate(${MARGIN} ${MARGIN}) scale(${cell})">`,
    `<path fill="#1f5fa8" d="${runs.join("")}"/>`,
    `<path fill="none" stroke="#ccc" stroke-width="${0.5 / cell}" d="${lines.join("")}M0 0H${length}V${length}H0z"/>`,
    "</g>",
    `<text x="${MARGIN}" y="${SIDE + MARGIN + 28}" fill="#333"${squeezed(caption)}>${title}</text>`,
    "</svg>",
  ].join("\n");
}

/** Squeezes a caption that would run out of the picture into its width. */
function squeezed(caption: string): string {
  const fits = caption.length * CHARACTER <= SIDE;
  return fits ? "" : ` textLength="${SIDE}" lengthAdjust="spacingAndGlyphs"`;
}
