import { attendsItself, type QueryPicture } from "../core/query-picture.ts";
import { cellInks, cellSvg, SIDE } from "./cell-svg.ts";

/** The least height of a row that stands for a whole sequence, in pixels. */
const LEAST_ROW = 24;

/** The keys of one query as a standalone SVG: in the image whose pixels the tokens are, or in the sequence. */
export function querySvg(picture: QueryPicture, caption: string): string {
  const { isImage, width, height, length, row, column, rows } = picture;
  const rowHeight = isImage ? 1 : Math.max(1, (LEAST_ROW * width) / SIDE);
  const box = (from: number, to: number, at: number) =>
    `M${from} ${at * rowHeight}H${to}v${rowHeight}H${from}z`;
  const keys = rows.flatMap((ranges, at) =>
    ranges.flatMap((from, index) => (index % 2 === 0 ? [box(from, ranges[index + 1], at)] : [])),
  );
  const past = length - (height - 1) * width;
  const absent = past < width ? [path(cellInks.absent, [box(past, width, height - 1)])] : [];
  const own = box(column, column + 1, row);
  const mark = attendsItself(picture)
    ? path(cellInks.query, [own])
    : `<path fill="none" stroke="${cellInks.query}" stroke-width="0.3" d="${own}"/>`;
  return cellSvg({
    columns: width,
    rows: height,
    rowHeight,
    across: isImage ? "columns" : "keys j",
    down: isImage ? "rows" : "",
    shapes: [...absent, path(cellInks.key, keys), mark],
    caption,
  });
}

function path(fill: string, shapes: readonly string[]): string {
  return `<path fill="${fill}" d="${shapes.join("")}"/>`;
}
