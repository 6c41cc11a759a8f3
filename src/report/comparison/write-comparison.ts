import type { Comparison } from "../../compare/comparison.ts";
import { writeFolder } from "../../files/write-folder.ts";
import { comparisonFiles } from "./comparison-files.ts";
import type { ComparisonFormat } from "./formats.ts";
import type { CaseSamples } from "./go-benchmark.ts";

/**
 * Writes a comparison into a folder, which is created if missing: `index.html`, `comparison.md`,
 * `comparison.json`, `junit.xml`, `bencher.json`, `benchmark-smaller.json` and `benchmark-bigger.json`,
 * `base.txt` and `head.txt`, `comparison.csv`, `work.csv` and `one-sided.csv`, `ratio.svg`, `ratio.png` and
 * `ratio.vl.json`, as far as the formats ask for them; there is no chart if there is no ratio. Only `go` uses
 * the samples. Returns the paths in the order of the formats. If one cannot be written, no new file is left
 * behind.
 */
export async function writeComparison(
  comparison: Comparison,
  folder: string,
  formats: readonly ComparisonFormat[],
  samples: readonly CaseSamples[] = [],
): Promise<readonly string[]> {
  return writeFolder(folder, await comparisonFiles(comparison, formats, samples));
}
