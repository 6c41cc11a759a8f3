import { FailureError, printable, UsageError } from "../core/errors.ts";
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

/** All of a stream, up to its end. */
function drained(path: string): Buffer {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for (const piece of piecesOf(path)) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes <= MOST_BYTES) continue;
    throw new FailureError(
      `${printable(shownName(path))}: must end within ${MOST_BYTES} bytes; save it to a file first`,
    );
  }
  return Buffer.concat(pieces, bytes);
}
