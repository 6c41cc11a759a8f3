import { closeSync, openSync, readSync } from "node:fs";
import { isatty } from "node:tty";
import { FailureError, messageOf, printable, UsageError } from "../core/errors.ts";
import { look, withFile } from "./readable-file.ts";

/** How standard input is named where a file may be named. */
const STANDARD_INPUT = "-";
/** The most that is read if the size is unknown. */
const MOST_BYTES = 2 ** 30;
const PIECE_BYTES = 2 ** 16;
/** Milliseconds to wait if a writer has nothing yet. */
const PAUSE_MS = 5;

/**
 * The whole content of a regular file, of a pipe such as `<(zcat …)`, or of standard input if the path is
 * `-`.
 */
export function readWhole(path: string): Buffer {
  const open = openedAs(path);
  if (open === 0 && isatty(0)) {
    throw new UsageError(`${shownName(path)}: is a terminal; redirect a file or a program's output to it`);
  }
  if (open !== null) return drained(path, open);
  if (look(path).isFIFO()) return withPipe(path);
  return withFile(path, ({ size, read }) => {
    const content = Buffer.alloc(size);
    read(0, content);
    return content;
  });
}

function withPipe(path: string): Buffer {
  let descriptor: number;
  try {
    descriptor = openSync(path, "r");
  } catch (thrown) {
    throw new FailureError(`${printable(path)}: cannot be read, ${messageOf(thrown)}`);
  }
  try {
    return drained(path, descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Whether what is at a path is a stream, and can be read only once. */
export function isStream(path: string): boolean {
  return openedAs(path) !== null || look(path).isFIFO();
}

/** What messages and tables call the thing at a path. */
export function shownName(path: string): string {
  return isStandardInput(path) ? "standard input" : path;
}

export function isStandardInput(path: string): boolean {
  return openedAs(path) === 0;
}

/** Refuses what can be read only once and not appended to. `advice` says what to do instead. */
export function refuseStream(option: string, path: string, advice: string): void {
  if (!isStream(path)) return;
  const got = isStandardInput(path) ? "standard input" : "a pipe";
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

/** The descriptor inherited by this process that a path names; null if it names something else. */
function openedAs(path: string): number | null {
  if (path === STANDARD_INPUT || path === "/dev/stdin") return 0;
  const number = /^\/(?:dev|proc\/self)\/fd\/(\d{1,9})$/.exec(path)?.[1];
  return number === undefined ? null : Number(number);
}

/** The rest, up to its end. */
function drained(path: string, descriptor: number): Buffer {
  const pieces: Buffer[] = [];
  for (let bytes = 0; bytes <= MOST_BYTES; ) {
    const piece = Buffer.alloc(PIECE_BYTES);
    const got = readPiece(path, descriptor, piece);
    if (got === 0) return Buffer.concat(pieces, bytes);
    pieces.push(piece.subarray(0, got));
    bytes += got;
  }
  throw new FailureError(
    `${printable(shownName(path))}: must end within ${MOST_BYTES} bytes; save it to a file first`,
  );
}

function readPiece(path: string, descriptor: number, piece: Buffer): number {
  for (;;) {
    try {
      return readSync(descriptor, piece);
    } catch (thrown) {
      const { code } = thrown as NodeJS.ErrnoException;
      if (code === "EOF") return 0;
      if (code !== "EAGAIN") {
        throw new FailureError(`${printable(shownName(path))}: cannot be read, ${code ?? messageOf(thrown)}`);
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
}
