import { compareResults } from "../compare/compare-results.ts";
import { roundSamples } from "../compare/round-samples.ts";
import { refuseTwice, shownName } from "../files/read-whole.ts";
import type { AsTyped } from "../library/as-typed.ts";
import { type CompareOptions as CompareChoices, compareSettings } from "../library/compare.ts";
import { comparedCollections, refuseAlone } from "../library/compare-collections.ts";
import { type ReadRun, readAll } from "../library/results.ts";
import { type ComparisonOutputs, outputsOf, tellComparisons } from "./comparison-outputs.ts";
import type { ExitCode, Io } from "./io.ts";
import { redrawnDisplay } from "./run-progress.ts";

/** What was typed; undefined if it was not. */
export interface CompareOptions {
  /** The first is compared with each of the others. */
  readonly files: readonly string[];
  readonly choices: AsTyped<CompareChoices>;
  readonly outputs: ComparisonOutputs;
}

/**
 * Compares results files with the first of them, and reports in its exit code whether a forbidden change was
 * found.
 */
export async function compare(options: CompareOptions, io: Io): Promise<ExitCode> {
  const settings = compareSettings(options.choices);
  const formats = outputsOf(options.outputs);
  refuseTwice("compare", options.files);
  const display = redrawnDisplay(io);
  const collections = await comparedCollections(options.files, settings, (shard, done, total) =>
    display.update({ phase: "compare", case: shard, done, total, secondsLeft: null }),
  ).finally(display.stop);
  if (collections !== null) return tellComparisons(collections, options.outputs, formats, io);
  const [base, ...heads] = await runsOf(options);
  const compared = heads.map((head) => {
    const comparison = compareResults(base, head, settings);
    return { comparison, samples: roundSamples(base, head, comparison) };
  });
  return tellComparisons(compared, options.outputs, formats, io);
}

/** The results of all files, of which a store may hold several. */
async function runsOf({ files }: CompareOptions): Promise<readonly ReadRun[]> {
  const read: ReadRun[] = [];
  for (const file of files) read.push(...(await readAll(file, shownName(file))));
  if (read.length >= 2) return read;
  return refuseAlone(files);
}
