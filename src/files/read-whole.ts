import { FailureError, printable, UsageError } from "../core/errors.ts";
import { awaitedPieces } from "./awaited-pieces.ts";
import { openedAs, piecesOf, STANDARD_INPUT_NAME } from "./read-pieces.ts";
import { look, withFile } from "./readable-file.ts";

/** The most that is read of a stream. */
const MOST_BYTES = 2 ** 30;

/**
 * The whole content of a regular file, of a pipe such as `<(zcat …)`, or of standard input if the path is
 * `-`.
 */
export function readWhole(path: string): Buffer {
  if (isStream(path)) return drained(path);
  return withFile(path, ({ size, read }) => {
    const content = Buffer.alloc(size);
    read(0, content);
    return content;
  });
}

/** Whether what is at a path is a stream, and can be read only once. */
export function isStream(path: string): boolean {
  return openedAs(path) !== null || look(path).isFIFO();
}

/** What messages and tables call the thing at a path. */
export function shownName(path: string): string {
  return isStandardInput(path) ? STANDARD_INPUT_NAME : path;
}

export function isStandardInput(path: string): boolean {
  return openedAs(path) === 0;
}

/** Refuses what can be read only once and not appended to. `advice` says what to do instead. */
export function refuseStream(option: string, path: string, advice: string): void {
  if (!isStream(path)) return;
  const got = isStandardInput(path) ? STANDARD_INPUT_NAME : "a pipe";
  throw new UsageError(`${option}: must be a file that can be appended to, got ${got}; ${advice}`);
}

/** Refuses to read standard input more than once. */
export function refuseTwice(where: string, paths: readonly (string | undefined)[]): void {
  const times = paths.filter((path) => path !== undefined && isStandardInput(path)).length;
  if (times <= 1) return;
  throw new UsageError(
    `${where}: standard input can be read only once, got it ${times} times; save it to a file first`,
  );
}

/**
 * The same, with a pipe or standard input waited for without holding up this process, so that an interrupt is heard before a
 * writer comes.
 */
export async function awaitWhole(path: string): Promise<Buffer> {
  if (!isStream(path)) return readWhole(path);
  const collected = collector(path);
  for await (const piece of awaitedPieces(path, new AbortController().signal)) collected.add(piece);
  return collected.all();
}

/** All of a stream, up to its end. */
function drained(path: string): Buffer {
  const collected = collector(path);
  for (const piece of piecesOf(path)) collected.add(piece);
  return collected.all();
}

function collector(path: string) {
  const pieces: Buffer[] = [];
  let bytes = 0;
  return {
    add(piece: Buffer): void {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes <= MOST_BYTES) return;
      throw new FailureError(
        `${printable(shownName(path))}: must end within ${MOST_BYTES} bytes; save it to a file first`,
      );
    },
    all: () => Buffer.concat(pieces, bytes),
  };
}
