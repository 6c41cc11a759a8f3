import { closeSync, openSync, readSync } from "node:fs";
import { isatty } from "node:tty";
import { FailureError, messageOf, printable, UsageError } from "../core/errors.ts";
import { look, openFile } from "./readable-file.ts";

/** How standard input is named where a file may be named. */
const STANDARD_INPUT = "-";
/** Bytes of a piece of a file: large enough that the pieces do not count, small beside what is made of them. */
const FILE_PIECE_BYTES = 2 ** 20;
/** What a pipe holds. */
const PIPE_PIECE_BYTES = 2 ** 16;
/** Milliseconds to wait if a writer has nothing yet. */
const PAUSE_MS = 5;

/**
 * The content of a regular file, of a pipe such as `<(zcat …)`, or of standard input if the path is `-`, piece by piece:
 * each is the reader's own. A file is read as far as it went when it was opened.
 */
export function piecesOf(path: string): Generator<Buffer, void, void> {
  const open = openedAs(path);
  if (open === 0 && isatty(0)) {
    throw new UsageError(
      `${STANDARD_INPUT_NAME}: is a terminal; redirect a file or a program's output to it`,
    );
  }
  if (open !== null) return drained(path, open);
  return look(path).isFIFO() ? pipePieces(path) : filePieces(path);
}

/** What messages call standard input. */
export const STANDARD_INPUT_NAME = "standard input";

/** The descriptor inherited by this process that a path names; null if it names something else. */
export function openedAs(path: string): number | null {
  if (path === STANDARD_INPUT || path === "/dev/stdin") return 0;
  const number = /^\/(?:dev|proc\/self)\/fd\/(\d{1,9})$/.exec(path)?.[1];
  return number === undefined ? null : Number(number);
}

function* filePieces(path: string): Generator<Buffer, void, void> {
  const file = openFile(path);
  try {
    for (let from = 0; from < file.size; ) {
      const piece = Buffer.allocUnsafeSlow(Math.min(FILE_PIECE_BYTES, file.size - from));
      file.read(from, piece);
      from += piece.length;
      yield piece;
    }
  } finally {
    file.close();
  }
}

function* pipePieces(path: string): Generator<Buffer, void, void> {
  let descriptor: number;
  try {
    descriptor = openSync(path, "r");
  } catch (thrown) {
    throw new FailureError(`${printable(path)}: cannot be read, ${messageOf(thrown)}`);
  }
  try {
    yield* drained(path, descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** The rest, up to its end. */
function* drained(path: string, descriptor: number): Generator<Buffer, void, void> {
  for (;;) {
    const piece = Buffer.allocUnsafeSlow(PIPE_PIECE_BYTES);
    const got = readPiece(path, descriptor, piece);
    if (got === 0) return;
    yield piece.subarray(0, got);
  }
}

function readPiece(path: string, descriptor: number, piece: Buffer): number {
  for (;;) {
    try {
      return readSync(descriptor, piece);
    } catch (thrown) {
      const { code } = thrown as NodeJS.ErrnoException;
      if (code === "EOF") return 0;
      if (code !== "EAGAIN") {
        const where = descriptor === 0 ? STANDARD_INPUT_NAME : printable(path);
        throw new FailureError(`${where}: cannot be read, ${code ?? messageOf(thrown)}`);
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
}
