import { FailureError, printable } from "../../core/errors.ts";
import { shownName } from "../../files/read-whole.ts";
import { RESULTS } from "../line-kind.ts";
import { lineReader, type PlacedLine } from "../line-reader.ts";
import type { ReadResults } from "../read.ts";
import { type RunUnderWay, refusalIn, runUnderWay } from "../run-under-way.ts";
import type { FileLine } from "../schema/result-lines.ts";
import type { FilePlace } from "../split-lines.ts";
import { refuseMixed } from "./refuse-mixed.ts";

/** A run of a file, and where it begins. */
export interface PlacedRun extends ReadResults {
  /** The number of its first line. */
  readonly number: number;
  /** Bytes from the start of the file to its first. */
  readonly from: number;
}

/** Puts runs together as the content of a file comes in pieces, from wherever. */
export interface RunReader {
  /** The runs that this piece ends, which it does by beginning the next. */
  push(piece: Buffer): Generator<PlacedRun, void, void>;
  /** What is left at the end of the file: its last run, which may have been cut off. */
  end(): Generator<PlacedRun, void, void>;
}

/** Bytes that one run of several may take: its lines are in memory together. */
const MOST_RUN_BYTES = 2 ** 30;

/** A reader of the runs of a results file, or of what follows a place in one. */
export function runReader(path: string, place?: FilePlace): RunReader {
  const reader = lineReader(RESULTS, path, place);
  const refuse = refuseMixed(path);
  let current: { readonly run: RunUnderWay<number>; readonly from: number; readonly number: number } | null =
    null;

  const ended = (validBytes: number, truncated: boolean): PlacedRun => {
    if (current === null) throw new TypeError("runReader: a file must begin with a run");
    const { run, from, number } = current;
    return { ...run.end(), number, from, validBytes, truncated };
  };
  /** The run that this line ends by beginning another; null if it does not. */
  const take = ({ line, number, from, to }: PlacedLine<FileLine>): PlacedRun | null => {
    if (line.type === "run") {
      const before = current === null ? null : ended(from, false);
      refuse(line, number);
      current = { run: runUnderWay(refusalIn(path), line, number), from, number };
      return before;
    }
    if (current === null) throw new TypeError("runReader: a file must begin with a run");
    if (to - current.from > MOST_RUN_BYTES) {
      throw new FailureError(
        `results: ${printable(shownName(path))} line ${number}: a run must take at most ${MOST_RUN_BYTES} bytes, got more; split its plan`,
      );
    }
    current.run.take(line, number);
    return null;
  };
  function* taken(lines: Iterable<PlacedLine<FileLine>>): Generator<PlacedRun, void, void> {
    for (const line of lines) {
      const run = take(line);
      if (run !== null) yield run;
    }
  }

  return {
    push: (piece) => taken(reader.push(piece)),
    *end() {
      const { lines, validBytes, truncated } = reader.end();
      yield* taken(lines);
      yield ended(validBytes, truncated);
    },
  };
}
