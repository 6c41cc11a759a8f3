import { type CellChooser, cellChooser } from "../compare/cell-filter.ts";
import {
  type ComparedCollection,
  type ComparedCollections,
  compareCollections,
  type Observe,
  withName,
} from "../compare/collection/compare-collections.ts";
import type { CompareSettings } from "../compare/compare-results.ts";
import { printable, UsageError } from "../core/errors.ts";
import { isStream, shownName } from "../files/read-whole.ts";
import { openRuns } from "../record/collection/open-runs.ts";
import type { RunLine } from "../record/schema/result-lines.ts";
import { openStored } from "../store/open-stored.ts";
import { storeAt } from "../store/read-stored.ts";

/**
 * Compares each of several files with the first, if any of them is a collection of a sweep; null if each holds one run, which
 * `compareResults` compares.
 */
export async function comparedCollections(
  files: readonly string[],
  settings: CompareSettings,
  observe?: Observe,
): Promise<readonly ComparedCollections[] | null> {
  // What can be read only once is read as one run, and refused if it is not.
  if (files.some(isStream)) return null;
  const chooser = cellChooser(settings.filter);
  const open: ComparedCollection[] = [];
  try {
    for (const file of files) open.push(...(await opened(file, chooser)));
    if (open.length < 2) refuseAlone(files);
    if (open.every(({ runs }) => runs.index.length === 1)) return null;
    const [base, ...heads] = open;
    const compared: ComparedCollections[] = [];
    for (const head of heads) {
      compared.push(await compareCollections(base, head, settings, chooser, observe));
      await base.runs.rewind();
    }
    return compared;
  } finally {
    for (const { runs } of open) await runs.close();
  }
}

/** What lies at a path: a results file, or all those of a store, under their own names. */
async function opened(file: string, chooser: CellChooser): Promise<readonly ComparedCollection[]> {
  const look = ({ shard, plan }: RunLine) => {
    for (const one of plan.cases) chooser.look(shard === undefined ? one : withName(shard, one));
  };
  const store = storeAt(file);
  if (store !== null) return openStored(store, look);
  return [{ name: shownName(file), runs: await openRuns(file, look) }];
}

/** Refuses to compare what is not several. */
export function refuseAlone(files: readonly string[]): never {
  throw new UsageError(
    `compare: two or more results files must be named, got only ${printable(files.join(" ") || "none")}; name base first, then head`,
  );
}
