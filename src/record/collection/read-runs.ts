import { type ReadResults, readLines } from "../read.ts";

/**
 * Reads the runs of a results file one by one, so that no more than one is in memory: a file of `attnbench run` has one, a
 * collection of a sweep has one after another, each with the shard that it is.
 *
 * Asynchronous, because a packed file is unpacked in pieces only so, and because an interrupt must be heard while
 * gigabytes are read.
 */
export async function* readRuns(path: string): AsyncGenerator<ReadResults, void, void> {
  yield readLines(path);
}
