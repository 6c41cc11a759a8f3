import { FailureError, printable } from "../../core/errors.ts";
import type { ReadResults } from "../../record/read.ts";
import { storeAt } from "../../store/read-stored.ts";
import type { SourcedRun } from "../../store/rows.ts";
import { type ReadRun, readAll, summedUp } from "../results.ts";
import { runsAt } from "../runs-at.ts";
import { type Collection, readCollection } from "./collection.ts";

/** What a report is made of: results of runs, or a collection of a sweep's shards. */
export interface ReportSource {
  readonly runs: readonly ReadRun[];
  /** Null if these are runs. */
  readonly collection: Collection | null;
}

/**
 * Reads what lies at a path: a results file, a collection, or what was exported of either. `onShard` is told how many shards
 * were read.
 */
export async function readReportSource(
  path: string,
  onShard: (shards: number) => void = () => {},
): Promise<ReportSource> {
  const all = runsAt(path);
  const { value: first } = await all.next();
  if (first === undefined) throw new FailureError(`results: ${printable(path)}: must hold a run, got none`);
  if (first.read.run.shard !== undefined) {
    const others = ofOneFile(path, first, all);
    return { runs: [], collection: await readCollection(path, first.read, others, onShard) };
  }
  if (storeAt(path) !== null) {
    await all.return();
    return { runs: await readAll(path), collection: null };
  }
  // A second run is refused where it begins.
  for await (const _ of all);
  return { runs: [summedUp(first.read, path)], collection: null };
}

/** A collection that was exported beside other files is reported by itself. */
async function* ofOneFile(
  path: string,
  { source: { file_id } }: SourcedRun,
  all: AsyncIterable<SourcedRun>,
): AsyncGenerator<ReadResults, void, void> {
  for await (const { read, source } of all) {
    if (source.file_id !== file_id) {
      throw new FailureError(
        `results: ${printable(path)}: a collection must be reported by itself, got ${printable(source.file)} beside it; export each to a store of its own`,
      );
    }
    yield read;
  }
}
