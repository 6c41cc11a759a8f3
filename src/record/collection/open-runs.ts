import { FailureError, printable, UsageError } from "../../core/errors.ts";
import { isStream, shownName } from "../../files/read-whole.ts";
import { openFile } from "../../files/readable-file.ts";
import { RESULTS } from "../line-kind.ts";
import { parseLine } from "../parse-line.ts";
import type { ReadResults } from "../read.ts";
import type { RunLine } from "../schema/result-lines.ts";
import { type FilePlace, lineSplitter } from "../split-lines.ts";
import { readRuns } from "./read-runs.ts";
import { refuseMixed } from "./refuse-mixed.ts";
import { runReader } from "./run-reader.ts";
import { unpackedPieces } from "./unpacked-pieces.ts";

/** A run by its first line. */
export interface ListedRun {
  /** The line, or the row of a store, that it begins with, from 1. */
  readonly number: number;
  /** Its first line without the cases of its plan. */
  readonly head: Omit<RunLine, "plan"> & { readonly plan: Omit<RunLine["plan"], "cases"> };
  /** How many those are. */
  readonly cases: number;
}

/** A run of a file of lines, and where it lies. */
export interface IndexedRun extends ListedRun, FilePlace {
  /** Bytes from the start of the file to what follows it. */
  readonly to: number;
}

/** Runs of a file or of a store, to be read one by one. */
export interface ListedRuns {
  /** In the order in which they lie. */
  readonly index: readonly ListedRun[];
  /** Reads one. Those of a packed file must be asked for in the order of the file. */
  read(run: ListedRun): Promise<ReadResults>;
  /** Has those of a packed one be asked for from the first again. */
  rewind(): Promise<void>;
  close(): Promise<void>;
}

/** The runs of a file of lines. */
export interface OpenRuns extends ListedRuns {
  readonly index: readonly IndexedRun[];
  /** The bytes of one as they lie in the file, unless it is packed. */
  pieces(run: IndexedRun): Iterable<Buffer>;
}

/**
 * Finds the runs of a results file without looking at more than their first lines, and has them read in any order. What a
 * file is refused for that is not in those is told when the run is read. `look` is shown each first line whole.
 */
export async function openRuns(path: string, look: (head: RunLine) => void = () => {}): Promise<OpenRuns> {
  if (isStream(path)) {
    throw new UsageError(
      `results: ${printable(shownName(path))}: must be a file, to be read more than once; save it to a file first`,
    );
  }
  const index = await indexOf(path, look);
  return path.endsWith(".gz") ? forwardOnly(path, index) : anywhere(path, index);
}

/** Lines that begin so are none that begin a run: the many that need not be parsed. */
const INNER_LINE = /^\{"type":"(?:round|case|trained)"/;

async function indexOf(path: string, look: (head: RunLine) => void): Promise<readonly IndexedRun[]> {
  const splitter = lineSplitter(RESULTS.name, path);
  const refuse = refuseMixed(path);
  const begun: Omit<IndexedRun, "to">[] = [];
  const take = (text: string, place: FilePlace) => {
    if (begun.length > 0 && INNER_LINE.test(text)) return;
    const line = parseLine(RESULTS, path, place.number, text);
    if (line.type === "run") {
      refuse(line, place.number);
      look(line);
      begun.push({ ...place, ...listedHead(line) });
    } else if (begun.length === 0) {
      throw new FailureError(
        `results: ${printable(path)} line ${place.number} must be of type run, got ${line.type}; ${RESULTS.advice}`,
      );
    }
  };
  let bytes = 0;
  for await (const piece of unpackedPieces(RESULTS, path)) {
    bytes += piece.length;
    for (const { text, number, from } of splitter.push(piece)) take(text, { number, from });
  }
  for (const { text, number, from } of splitter.end().lines) take(text, { number, from });
  if (begun.length === 0) {
    throw new FailureError(
      `results: ${printable(path)} must hold a whole line, got ${bytes} bytes without one; ${RESULTS.advice}`,
    );
  }
  return begun.map((run, at) => ({ ...run, to: begun[at + 1]?.from ?? bytes }));
}

/** What is listed of the first line of a run. */
export function listedHead(line: RunLine): Pick<ListedRun, "head" | "cases"> {
  const { cases, ...plan } = line.plan;
  return { head: { ...line, plan }, cases: cases.length };
}

/** Bytes of a run that are read at once. */
const PIECE_BYTES = 2 ** 20;

function anywhere(path: string, index: readonly IndexedRun[]): OpenRuns {
  const file = openFile(path);
  const placed = new Map(index.map((run) => [run.number, run]));
  function* pieces({ from, to }: IndexedRun): Generator<Buffer, void, void> {
    for (let at = from; at < to; ) {
      const piece = Buffer.allocUnsafeSlow(Math.min(PIECE_BYTES, to - at));
      file.read(at, piece);
      at += piece.length;
      yield piece;
    }
  }
  return {
    index,
    pieces,
    async read({ number }) {
      const run = placed.get(number);
      if (run === undefined) throw new TypeError("openRuns: a run of another file was asked for");
      const reader = runReader(path, run);
      const runs: ReadResults[] = [];
      for (const piece of pieces(run)) runs.push(...reader.push(piece));
      runs.push(...reader.end());
      return theRun(path, run, runs);
    },
    async rewind() {},
    async close() {
      file.close();
    },
  };
}

function forwardOnly(path: string, index: readonly IndexedRun[]): OpenRuns {
  let runs = readRuns(path);
  return {
    index,
    pieces() {
      throw new TypeError("openRuns: the bytes of a packed run lie nowhere");
    },
    async read(wanted) {
      for (;;) {
        const { done, value } = await runs.next();
        if (done === true) {
          throw new FailureError(
            `results: ${printable(path)} is compressed, and can only be read in its own order; decompress it first`,
          );
        }
        if (value.number === wanted.number) return theRun(path, wanted, [value]);
      }
    },
    async rewind() {
      await runs.return();
      runs = readRuns(path);
    },
    async close() {
      await runs.return();
    },
  };
}

/** The run that was found where one was: a file that is written meanwhile may have another there. */
function theRun(path: string, { head, number }: ListedRun, found: readonly ReadResults[]): ReadResults {
  const [one, ...others] = found;
  if (isRunOf(one.run, head) && others.length === 0) return one;
  throw new FailureError(
    `results: ${printable(path)} line ${number}: must begin one run, the one that was found there at first, got ${others.length > 0 ? "several" : "another"}; if it is still being written, wait until that has ended`,
  );
}

/** Whether a run that was read is the one that was listed. */
export function isRunOf(read: RunLine, listed: ListedRun["head"]): boolean {
  return read.started === listed.started && read.shard?.name === listed.shard?.name;
}
