import { escaped } from "../text/html.ts";

/** A grid of cells to be drawn, in units of a cell. */
export interface CellGrid {
  readonly columns: number;
  readonly rows: number;
  /** Height of a row in columns; 1 if omitted. */
  readonly rowHeight?: number;
  /** What columns and rows are, such as `keys j`. */
  readonly across: string;
  readonly down: string;
  /** Shapes in the grid, below its lines. */
  readonly shapes: readonly string[];
  readonly caption: string;
}

/** Pixels of the longer side. */
export const SIDE = 512;
const MARGIN = 28;
/** Pixels per character of the caption, generously. */
const CHARACTER = 7;
/** Longer sides have no lines between cells: they could not be told apart. */
const MOST_LINES = 64;

/** The grid as a standalone SVG, with grid lines if they can be told apart. */
export function cellSvg({ columns, rows, rowHeight = 1, across, down, shapes, caption }: CellGrid): string {
  const high = rows * rowHeight;
  const cell = SIDE / Math.max(columns, high);
  const lines = Math.max(columns, rows) > MOST_LINES ? "" : linesOf(columns, rows, rowHeight);
  const title = escaped(caption);
  const width = SIDE + 2 * MARGIN;
  const height = Math.ceil(high * cell) + 2 * MARGIN + 20;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}" font-family="sans-serif" font-size="12">`,
    `<title>${title}</title>`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    `<text x="${MARGIN}" y="16" fill="#333">${across} →</text>`,
    ...(down === ""
      ? []
      : [`<text transform="translate(16 ${MARGIN}) rotate(90)" fill="#333">${down} →</text>`]),
    `<g transform="translate(${MARGIN} ${MARGIN}) scale(${cell})">`,
    ...shapes,
    `<path fill="none" stroke="#ccc" stroke-width="${0.5 / cell}" d="${lines}M0 0H${columns}V${high}H0z"/>`,
    "</g>",
    `<text x="${MARGIN}" y="${height - 20}" fill="#333"${squeezed(caption)}>${title}</text>`,
    "</svg>",
  ].join("\n");
}

/** A colour for each meaning of a cell. */
export const cellInks = { key: "#1f5fa8", query: "#d9480f", absent: "#eee" } as const;

function linesOf(columns: number, rows: number, rowHeight: number): string {
  const upright = Array.from({ length: columns + 1 }, (_, at) => `M${at} 0V${rows * rowHeight}`);
  const level = Array.from({ length: rows + 1 }, (_, at) => `M0 ${at * rowHeight}H${columns}`);
  return [...upright, ...level].join("");
}

/** Squeezes a caption that would run out of the picture into its width. */
function squeezed(caption: string): string {
  const fits = caption.length * CHARACTER <= SIDE;
  return fits ? "" : ` textLength="${SIDE}" lengthAdjust="spacingAndGlyphs"`;
}
