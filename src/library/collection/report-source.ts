import { readRuns } from "../../record/collection/read-runs.ts";
import { type ReadRun, summedUp } from "../results.ts";
import { type Collection, readCollection } from "./collection.ts";

/** What a report is made of: one run, or a collection of a sweep's shards. */
export type ReportSource =
  | { readonly run: ReadRun; readonly collection: null }
  | { readonly run: null; readonly collection: Collection };

/** Reads a results file, whichever it is. `onShard` is told how many shards of a collection were read. */
export async function readReportSource(
  path: string,
  onShard: (shards: number) => void = () => {},
): Promise<ReportSource> {
  const runs = readRuns(path);
  const { value: first } = await runs.next();
  if (first === undefined) throw new TypeError("readReportSource: a results file must hold a run");
  if (first.run.shard !== undefined) {
    return { run: null, collection: await readCollection(path, first, runs, onShard) };
  }
  // A second run is refused where it begins.
  for await (const _ of runs);
  return { run: summedUp(first, path), collection: null };
}
