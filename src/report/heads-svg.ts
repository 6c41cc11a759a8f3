import type { HeadPicture, HeadPictures } from "../core/head-pictures.ts";
import { escaped } from "../text/html.ts";
import { cellInks } from "./cell-svg.ts";

/** Pixels of the longer side of one picture. */
const SIDE = 170;
const GAP = 16;
const TITLE = 18;
const CAPTION = 18;
/** Pixels per character of a caption, generously. */
const CHARACTER = 7;
/** Weights that no shade shows. */
const FAINT = 1 / 512;

/** Where each head looks from one token as a standalone SVG: a picture a head, in the order of a kernel's taps. */
export function headsSvg(pictures: HeadPictures, captions: readonly string[]): string {
  const { width, height, heads, across } = pictures;
  const cell = SIDE / Math.max(width, height);
  const [panelWidth, panelHeight] = [width * cell + GAP, height * cell + TITLE + GAP];
  const down = Math.ceil(heads.length / across);
  const longest = Math.max(...captions.map(({ length }) => length));
  const wide = Math.ceil(Math.max(across * panelWidth, longest * CHARACTER) + GAP);
  const high = Math.ceil(down * panelHeight + captions.length * CAPTION + GAP);
  const title = escaped(captions[0]);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${wide}" height="${high}" viewBox="0 0 ${wide} ${high}" role="img" aria-label="${title}" font-family="sans-serif" font-size="12">`,
    `<title>${title}</title>`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    ...heads.map((head, at) => {
      const x = GAP + (at % across) * panelWidth;
      const y = TITLE + Math.floor(at / across) * panelHeight;
      return `<g transform="translate(${x} ${y})">${panel(pictures, head, cell)}</g>`;
    }),
    ...captions.map(
      (caption, at) =>
        `<text x="${GAP}" y="${Math.ceil(down * panelHeight + TITLE + at * CAPTION)}" fill="#333">${escaped(caption)}</text>`,
    ),
    "</svg>",
  ].join("\n");
}

function panel(pictures: HeadPictures, { shift, weights, head }: HeadPicture, cell: number): string {
  const { isImage, width, height, row, column } = pictures;
  const boxes = [...weights].flatMap((weight, at) => {
    if (weight < FAINT) return [];
    const [x, y] = [at % width, Math.floor(at / width)];
    return [`<path fill="${cellInks.key}" fill-opacity="${weight.toFixed(3)}" d="M${x} ${y}h1v1h-1z"/>`];
  });
  const lines = [
    ...Array.from({ length: width - 1 }, (_, at) => `M${at + 1} 0V${height}`),
    ...Array.from({ length: height - 1 }, (_, at) => `M0 ${at + 1}H${width}`),
  ].join("");
  const label = `head ${head}: ${shiftText(shift, isImage)}`;
  return [
    `<text y="-4" fill="#333" font-size="11">${label}</text>`,
    `<g transform="scale(${cell})">`,
    ...boxes,
    `<path fill="none" stroke="#ccc" stroke-width="${0.5 / cell}" d="${lines}"/>`,
    `<path fill="none" stroke="#888" stroke-width="${1 / cell}" d="M0 0H${width}V${height}H0z"/>`,
    `<path fill="none" stroke="${cellInks.query}" stroke-width="${2 / cell}" d="M${column} ${row}h1v1h-1z"/>`,
    "</g>",
  ].join("");
}

/** A shift as it is written, such as `(−1, +1)`. */
export function shiftText([rows, columns]: HeadPicture["shift"], isImage: boolean): string {
  return isImage ? `(${signed(rows)}, ${signed(columns)})` : signed(columns);
}

function signed(x: number): string {
  if (x === 0) return "0";
  return x < 0 ? `−${-x}` : `+${x}`;
}
