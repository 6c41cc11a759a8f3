import { FailureError, printable } from "../../core/errors.ts";
import { RESULTS } from "../line-kind.ts";
import { lineReader, type PlacedLine } from "../line-reader.ts";
import type { ReadResults } from "../read.ts";
import { type RunUnderWay, runUnderWay } from "../run-under-way.ts";
import type { FileLine } from "../schema/result-lines.ts";
import { refuseMixed } from "./refuse-mixed.ts";
import { unpackedPieces } from "./unpacked-pieces.ts";

/** Bytes that one run of a collection may take: its lines are in memory together. */
const MOST_RUN_BYTES = 2 ** 30;

/**
 * Reads the runs of a results file one by one, so that no more than one is in memory: a file of `attnbench run` has one, a
 * collection of a sweep has one after another, each with the shard that it is. Only the last may have been cut off.
 * `validBytes` counts from the start of the file.
 *
 * Asynchronous, because a packed file is unpacked in pieces only so, and because an interrupt must be heard while
 * gigabytes are read.
 */
export async function* readRuns(path: string): AsyncGenerator<ReadResults, void, void> {
  const reader = lineReader(RESULTS, path);
  const runs = runsOf(path);
  for await (const piece of unpackedPieces(RESULTS, path)) {
    for (const line of reader.push(piece)) {
      const run = runs.take(line);
      if (run !== null) yield run;
    }
  }
  const { lines, validBytes, truncated } = reader.end();
  for (const line of lines) {
    const run = runs.take(line);
    if (run !== null) yield run;
  }
  yield { ...runs.end(validBytes), truncated };
}

/** Puts the lines of a file together as runs. */
function runsOf(path: string) {
  const refuse = refuseMixed(path);
  let current: { readonly run: RunUnderWay; readonly from: number } | null = null;
  const end = (validBytes: number): ReadResults => {
    if (current === null) throw new TypeError("readRuns: a file must begin with a run");
    return { ...current.run.end(), validBytes, truncated: false };
  };
  return {
    end,
    /** The run that this line ends by beginning another; null if it does not. */
    take({ line, number, from, to }: PlacedLine<FileLine>): ReadResults | null {
      if (line.type === "run") {
        const ended = current === null ? null : end(from);
        refuse(line, number);
        current = { run: runUnderWay(path, line, number), from };
        return ended;
      }
      if (current === null) throw new TypeError("readRuns: a file must begin with a run");
      if (to - current.from > MOST_RUN_BYTES) {
        throw new FailureError(
          `results: ${printable(path)} line ${number}: a run must take at most ${MOST_RUN_BYTES} bytes, got more; split its plan`,
        );
      }
      current.run.take(line, number);
      return null;
    },
  };
}
