import { REPORT_DEFAULTS } from "../core/defaults.ts";

/** What a report can be written as. */
const formats = {
  html: "one page that needs nothing else",
  svg: "each chart as a picture",
  png: "each chart as pixels, at twice the picture's size",
  md: "a summary in Markdown",
  csv: "one row per case, and one per run of what was learned",
  tex: "the ranking as a table of LaTeX, which needs booktabs",
  vega: "each chart as Vega-Lite with its data",
  json: "of a collection what it says as a whole",
} as const;

export type Format = keyof typeof formats;

/** Every format, in the order in which they are listed. */
export const FORMATS = Object.keys(formats) as readonly Format[];

/** What is written by default. */
export const DEFAULT_FORMATS: readonly Format[] = REPORT_DEFAULTS.formats;

export function isFormat(name: string): name is Format {
  return Object.hasOwn(formats, name);
}
