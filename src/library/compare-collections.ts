import { type CellChooser, cellChooser } from "../compare/cell-filter.ts";
import {
  type ComparedCollection,
  type ComparedCollections,
  compareCollections,
  type Observe,
  withName,
} from "../compare/collection/compare-collections.ts";
import type { CompareSettings } from "../compare/compare-results.ts";
import { isStream, shownName } from "../files/read-whole.ts";
import { openRuns } from "../record/collection/open-runs.ts";
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
  // What can be read only once is read as one run, as are stores, and refused if it is not.
  if (files.length < 2 || files.some((file) => isStream(file) || storeAt(file) !== null)) return null;
  const chooser = cellChooser(settings.filter);
  const open: ComparedCollection[] = [];
  try {
    for (const file of files) open.push(await opened(file, chooser));
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

async function opened(file: string, chooser: CellChooser): Promise<ComparedCollection> {
  const runs = await openRuns(file, ({ shard, plan }) => {
    for (const one of plan.cases) chooser.look(shard === undefined ? one : withName(shard, one));
  });
  return { name: shownName(file), runs };
}
