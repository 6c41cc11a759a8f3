import type { Comparison } from "../../compare/comparison.ts";
import { writeFolder } from "../../files/write-folder.ts";
import { comparisonFiles } from "./comparison-files.ts";
import type { ComparisonFormat } from "./formats.ts";
import type { CaseSamples } from "./go-benchmark.ts";

/**
 * Writes a comparison into a folder, which is made where it is missing: `index.html`, `comparison.md`,
 * `comparison.json`, `junit.xml`, `bencher.json`, `benchmark-smaller.json` and `benchmark-bigger.json`,
 * `base.txt` and `head.txt`, `comparison.csv`, `work.csv` and `one-sided.csv`, `ratio.svg`, `ratio.png` and
 * `ratio.vl.json`, as far as the formats ask for them; there is no chart where there is no ratio. Only `go`
 * makes use of the samples. Returns the paths in the order of the formats. Where one cannot be written, none
 * that was not there before is left.
 */
export async function writeComparison(
  comparison: Comparison,
  folder: string,
  formats: readonly ComparisonFormat[],
  samples: readonly CaseSamples[] = [],
): Promise<readonly string[]> {
  return writeFolder(folder, await comparisonFiles(comparison, formats, samples));
}
