import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readResults } from "../src/record/read.ts";
import { time } from "../src/report/charts/time.ts";
import { renderSvg } from "../src/report/svg.ts";

// Draws the picture of the course: the chart of time over length, of three of the variants of the example's results.

const root = join(import.meta.dirname, "..");

export const PICTURE = join(root, "docs/pictures/time-over-length.svg");

/** One that computes all pairs, one of a window, and one that makes none. */
const SHOWN = ["full", "local", "linear"];

/** The chart as SVG. Throws if none of them was measured, or Vega has something to say. */
export async function coursePicture(): Promise<string> {
  const results = readResults(join(root, "results/example.jsonl"), "example");
  const rows = results.rows.filter(({ variant }) => SHOWN.includes(variant));
  const spec = time.spec({ ...results, rows });
  if (spec === null) throw new Error("results/example.jsonl: must hold times of full, local or linear");
  return renderSvg(spec, (message) => {
    throw new Error(`the course's picture: ${message}`);
  });
}

if (import.meta.main) {
  mkdirSync(dirname(PICTURE), { recursive: true });
  writeFileSync(PICTURE, await coursePicture());
}
