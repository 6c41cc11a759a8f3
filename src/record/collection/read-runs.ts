import { RESULTS } from "../line-kind.ts";
import { type PlacedRun, runReader } from "./run-reader.ts";
import { unpackedPieces } from "./unpacked-pieces.ts";

/**
 * Reads the runs of a results file one by one, so that no more than one is in memory: a file of `attnbench run` has one, a
 * collection of a sweep has one after another, each with the shard that it is. Only the last may have been cut off.
 * `validBytes` counts from the start of the file.
 *
 * Asynchronous, because a packed file is unpacked in pieces only so, and because an interrupt must be heard while
 * gigabytes are read, or a pipe is waited for: that ends with a FailureError once `signal` is aborted.
 */
export async function* readRuns(path: string, signal?: AbortSignal): AsyncGenerator<PlacedRun, void, void> {
  const reader = runReader(path);
  for await (const piece of unpackedPieces(RESULTS, path, signal)) yield* reader.push(piece);
  yield* reader.end();
}
