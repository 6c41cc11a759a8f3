import { gunzipSync } from "node:zlib";
import { FailureError, messageOf, printable } from "../core/errors.ts";
import { piecesOf } from "../files/read-pieces.ts";
import { awaitWhole, isStream, readWhole, shownName } from "../files/read-whole.ts";
import type { AnyLine, LineKind } from "./line-kind.ts";
import { lineReader, type PlacedLine } from "./line-reader.ts";
import { isPacked } from "./packed.ts";

/** A file of lines as it was read. */
export interface ReadLines<Line extends AnyLine, Head extends Line["type"]> {
  readonly head: Extract<Line, { type: Head }>;
  /** The number of its line. */
  readonly headNumber: number;
  /** The other lines, in order. */
  readonly lines: readonly PlacedLine<Exclude<Line, { type: Head }>>[];
  /** Bytes up to the end of the last complete line. */
  readonly validBytes: number;
  /** Whether the file ends within a line, as after a kill or on a full disk. */
  readonly truncated: boolean;
}

/**
 * The most that a packed file may hold that is read at once: far more than any that a run wrote, and within what a machine
 * can bear.
 */
const MOST_BYTES = 2 ** 30;

/**
 * Reads and validates a file of lines with one head, compressed if its name ends in .gz or a pipe delivers it so. A last
 * line that was cut off is ignored, one that lacks only its newline counts; any other fault is refused, naming the line.
 */
export function readLineFile<Line extends AnyLine, Head extends Line["type"]>(
  kind: LineKind<Line>,
  head: Head,
  path: string,
): ReadLines<Line, Head> {
  return readPieces(kind, head, path, contentOf(kind, path));
}

/** The same, with a pipe waited for without holding up this process: an interrupt is heard before a writer comes. */
export async function awaitLineFile<Line extends AnyLine, Head extends Line["type"]>(
  kind: LineKind<Line>,
  head: Head,
  path: string,
): Promise<ReadLines<Line, Head>> {
  if (!isStream(path)) return readLineFile(kind, head, path);
  return readPieces(kind, head, path, unpackedOf(kind, path, await awaitWhole(path)));
}

/** The same for the content of a file. */
export function parseLineFile<Line extends AnyLine, Head extends Line["type"]>(
  kind: LineKind<Line>,
  head: Head,
  path: string,
  content: Buffer,
): ReadLines<Line, Head> {
  return readPieces(kind, head, path, [content]);
}

function readPieces<Line extends AnyLine, Head extends Line["type"]>(
  kind: LineKind<Line>,
  head: Head,
  path: string,
  pieces: Iterable<Buffer>,
): ReadLines<Line, Head> {
  const reader = lineReader(kind, path);
  const heads: { readonly line: Extract<Line, { type: Head }>; readonly number: number }[] = [];
  const lines: PlacedLine<Exclude<Line, { type: Head }>>[] = [];
  const take = ({ line, ...place }: PlacedLine<Line>) => {
    if (isOther(line, head)) {
      lines.push({ line, ...place });
      return;
    }
    const [first] = heads;
    if (first !== undefined) {
      throw new FailureError(
        `${kind.name}: ${printable(shownName(path))} line ${place.number}: ${kind.secondHead(first.line, line)}`,
      );
    }
    heads.push({ line: line as Extract<Line, { type: Head }>, number: place.number });
  };
  for (const piece of pieces) for (const line of reader.push(piece)) take(line);
  const { lines: rest, validBytes, truncated } = reader.end();
  for (const one of rest) take(one);
  // A reader ends with a head, or refuses.
  const [{ line, number }] = heads;
  return { head: line, headNumber: number, lines, validBytes, truncated };
}

function isOther<Line extends AnyLine, Head extends string>(
  line: Line,
  head: Head,
): line is Exclude<Line, { type: Head }> {
  return line.type !== head;
}

function contentOf<Line extends AnyLine>(kind: LineKind<Line>, path: string): Iterable<Buffer> {
  if (!path.endsWith(".gz") && !isStream(path)) return piecesOf(path);
  return unpackedOf(kind, path, readWhole(path));
}

function unpackedOf<Line extends AnyLine>(
  kind: LineKind<Line>,
  path: string,
  content: Buffer,
): Iterable<Buffer> {
  if (!isPacked(path, content)) return [content];
  try {
    return [gunzipSync(content, { maxOutputLength: MOST_BYTES })];
  } catch (thrown) {
    throw new FailureError(
      `${kind.name}: ${printable(shownName(path))} must be compressed with gzip and hold at most ${MOST_BYTES} bytes, got ${messageOf(thrown)}; ${kind.advice}`,
    );
  }
}
