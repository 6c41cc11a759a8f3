import type { Comparison } from "../../compare/comparison.ts";
import { renderPng } from "../png.ts";
import { bencherJson } from "./bencher.ts";
import { drawRatios, pageDrawings, type RatioDrawing } from "./chart.ts";
import { cellsCsv, oneSidedCsv, workCsv } from "./csv.ts";
import type { ComparisonFormat } from "./formats.ts";
import { biggerIsBetterJson, smallerIsBetterJson } from "./github-action-benchmark.ts";
import { type CaseSamples, goBenchmarks } from "./go-benchmark.ts";
import { comparisonJson } from "./json-text.ts";
import { junitXml } from "./junit.ts";
import { comparisonMarkdown } from "./markdown.ts";
import { comparisonPage } from "./page.ts";

type Files = Readonly<Record<string, string | Uint8Array>>;

/** What a format is made of: a chart only if there is a ratio to draw. */
interface Material {
  readonly comparison: Comparison;
  readonly samples: readonly CaseSamples[];
  readonly ratios: RatioDrawing | null;
}

const writers: Readonly<Record<ComparisonFormat, (material: Material) => Files | Promise<Files>>> = {
  html: async ({ comparison }) => ({
    "index.html": comparisonPage(comparison, await pageDrawings(comparison)),
  }),
  md: ({ comparison }) => ({ "comparison.md": comparisonMarkdown(comparison) }),
  json: ({ comparison }) => ({ "comparison.json": comparisonJson(comparison) }),
  junit: ({ comparison }) => ({ "junit.xml": junitXml(comparison) }),
  bencher: ({ comparison }) => ({ "bencher.json": bencherJson(comparison) }),
  "github-action-benchmark": ({ comparison }) => ({
    "benchmark-smaller.json": smallerIsBetterJson(comparison),
    "benchmark-bigger.json": biggerIsBetterJson(comparison),
  }),
  go: ({ comparison, samples }) => {
    const { base, head } = goBenchmarks(comparison, samples);
    return { "base.txt": base, "head.txt": head };
  },
  csv: ({ comparison }) => ({
    "comparison.csv": cellsCsv(comparison),
    "work.csv": workCsv(comparison),
    "one-sided.csv": oneSidedCsv(comparison),
  }),
  svg: ({ ratios }) => (ratios === null ? {} : { "ratio.svg": ratios.drawn.svg }),
  png: async ({ ratios }) => (ratios === null ? {} : { "ratio.png": await renderPng(ratios.drawn.svg) }),
  vega: ({ ratios }) =>
    ratios === null ? {} : { "ratio.vl.json": `${JSON.stringify(ratios.drawn.spec, null, 2)}\n` },
};

const drawnFormats: readonly ComparisonFormat[] = ["svg", "png", "vega"];

/** The files of a comparison by name, in the order of the formats. */
export async function comparisonFiles(
  comparison: Comparison,
  formats: readonly ComparisonFormat[],
  samples: readonly CaseSamples[],
): Promise<ReadonlyMap<string, string | Uint8Array>> {
  const draws = formats.some((format) => drawnFormats.includes(format));
  const material = { comparison, samples, ratios: draws ? await drawRatios(comparison) : null };
  const files = new Map<string, string | Uint8Array>();
  for (const format of new Set(formats)) {
    for (const [name, content] of Object.entries(await writers[format](material))) files.set(name, content);
  }
  return files;
}
