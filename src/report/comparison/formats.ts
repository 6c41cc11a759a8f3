/** What a comparison can be written as. */
const formats = {
  html: "one page that needs nothing else",
  md: "a summary in Markdown, for a comment or a step's summary",
  json: "all of it, for scripts",
  junit: "JUnit XML, which fails only for a regression",
  bencher: "Bencher Metric Format",
  "github-action-benchmark": "its custom JSON, one file per direction",
  go: "Go's benchmark format, one file per side, for benchstat",
  csv: "one row per cell; changed work and cells of one side in files of their own",
  svg: "the chart of ratios as a picture",
  png: "the chart as pixels, at twice the picture's size",
  vega: "the chart as Vega-Lite with its data",
} as const;

export type ComparisonFormat = keyof typeof formats;

/** Every format, in the order in which they are listed. */
export const COMPARISON_FORMATS = Object.keys(formats) as readonly ComparisonFormat[];

export function isComparisonFormat(name: string): name is ComparisonFormat {
  return Object.hasOwn(formats, name);
}
