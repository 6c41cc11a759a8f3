import type { BoundPattern } from "../core/pattern.ts";
import { cellInks, cellSvg } from "./cell-svg.ts";

/** The attention matrix as a standalone SVG: queries down, keys across. */
export function patternSvg(pattern: BoundPattern, caption: string): string {
  const { length } = pattern;
  const runs: string[] = [];
  for (let query = 0; query < length; query++) {
    const intervals = pattern.intervals(query);
    for (let at = 0; at < intervals.length; at += 2) {
      runs.push(`M${intervals[at]} ${query}H${intervals[at + 1]}v1H${intervals[at]}z`);
    }
  }
  const shapes = [`<path fill="${cellInks.key}" d="${runs.join("")}"/>`];
  return cellSvg({ columns: length, rows: length, across: "keys j", down: "queries i", shapes, caption });
}
