import { setImmediate } from "node:timers/promises";
import { FailureError, UsageError } from "../../core/errors.ts";
import type { Sink } from "../../files/sink.ts";
import { type PlacedRun, runReader } from "../../record/collection/run-reader.ts";
import type { FilePlace } from "../../record/split-lines.ts";

/** The bytes of one run. */
export interface RunSource {
  /** The file that they are in, for messages, and where in it they begin if it holds others. */
  readonly path: string;
  readonly place?: FilePlace;
  /** Made anew for each reading. */
  pieces(): Iterable<Buffer>;
  /** Why the run is not what it should be; null if it is. */
  whyNot(run: PlacedRun): string | null;
}

/** What was copied, or why nothing was. */
export type Copied =
  | {
      readonly cases: number;
      readonly rounds: number;
      /** Cases that were measured in fewer rounds than planned. */
      readonly short: number;
    }
  /** In one line, which names the file. */
  | { readonly broken: string };

const NEWLINE = Uint8Array.of(0x0a);
const MARK = [0xef, 0xbb, 0xbf];

/**
 * Appends a run to a collection as it is read and validated, byte by byte the same; a line that was cut off is left out. If
 * it is broken anywhere, or the copying interrupted, nothing is appended. No more than the run's lines are in memory.
 */
export async function copyRun(
  { path, place, pieces, whyNot }: RunSource,
  sink: Sink,
  signal: AbortSignal,
): Promise<Copied> {
  const begin = sink.bytes;
  const reader = runReader(path, place);
  const runs: PlacedRun[] = [];
  const source = pieces()[Symbol.iterator]();
  /** Bytes of the source that are not copied: a mark at its start. */
  let skipped = place?.from ?? 0;
  let last = NEWLINE[0];
  try {
    for (let first = true; ; first = false) {
      const piece = reading(() => {
        const { done, value } = source.next();
        if (done === true) {
          runs.push(...reader.end());
          return null;
        }
        runs.push(...reader.push(value));
        return value;
      });
      if (piece instanceof Broken) return takenBack(sink, begin, piece.why);
      if (piece === null) break;
      const marked = first && place === undefined && MARK.every((byte, at) => piece[at] === byte);
      if (marked) skipped = MARK.length;
      sink.write(marked ? piece.subarray(MARK.length) : piece);
      last = piece[piece.length - 1];
      await setImmediate();
      if (signal.aborted) return takenBack(sink, begin, `${path}: interrupted`);
    }
  } finally {
    source.return?.();
  }
  const [run, ...others] = runs;
  const why = others.length > 0 ? `${path}: must hold one run, got ${runs.length}` : whyNot(run);
  if (why !== null) return takenBack(sink, begin, why);
  if (run.truncated) sink.cutBack(begin + run.validBytes - skipped);
  else if (last !== NEWLINE[0]) sink.write(NEWLINE);
  return {
    cases: run.run.plan.cases.length,
    rounds: run.lines.reduce((count, { type }) => count + Number(type === "round"), 0),
    short: shortCases(run),
  };
}

function shortCases({ run, lines }: PlacedRun): number {
  const rounds = new Map<string, number>();
  for (const line of lines) {
    if (line.type === "round") rounds.set(line.case, (rounds.get(line.case) ?? 0) + 1);
  }
  return lines.filter(
    (line) =>
      line.type === "case" && line.outcome === "measured" && (rounds.get(line.case) ?? 0) < run.plan.rounds,
  ).length;
}

class Broken {
  readonly why: string;
  constructor(why: string) {
    this.why = why;
  }
}

/** What comes of reading; a file that cannot be read is broken, all else is thrown. */
function reading<T>(action: () => T): T | Broken {
  try {
    return action();
  } catch (thrown) {
    if (thrown instanceof FailureError || thrown instanceof UsageError) return new Broken(thrown.message);
    throw thrown;
  }
}

function takenBack(sink: Sink, begin: number, broken: string): Copied {
  sink.cutBack(begin);
  return { broken };
}
