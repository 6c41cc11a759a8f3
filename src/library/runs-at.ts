import { basename } from "node:path";
import { isStandardInput } from "../files/read-whole.ts";
import { readRuns } from "../record/collection/read-runs.ts";
import { readStored, storeAt } from "../store/read-stored.ts";
import type { SourcedRun } from "../store/rows.ts";

/**
 * The runs of a results file, or of a store that `attnbench export` wrote, one at a time, each with the results file that it is
 * of: its name, and its number among those of the path. A pipe is waited for until `signal` is aborted.
 */
export async function* runsAt(path: string, signal?: AbortSignal): AsyncGenerator<SourcedRun, void, void> {
  const store = storeAt(path);
  if (store !== null) {
    yield* readStored(store);
    return;
  }
  const source = { file_id: 0, file: isStandardInput(path) ? "-" : basename(path) };
  for await (const read of readRuns(path, signal)) yield { read, source };
}
