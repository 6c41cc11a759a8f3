import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from "node:fs";
import { FailureError, printable, UsageError } from "../core/errors.ts";
import { whyNotWritten } from "../files/replace-file.ts";
import { quotedPath } from "../text/shell-quoted.ts";
import type { AnyLine, LineKind } from "./line-kind.ts";
import { refuseUnreadable } from "./refuse-unreadable.ts";

/** A file of lines open for appending. Each line is on the disk when `append` returns. */
export interface LineFile<Line> {
  readonly path: string;
  append(line: Line): void;
  close(): void;
}

/**
 * Creates a file of lines that begins with its head, or leaves nothing behind. Refuses to replace an existing
 * one.
 */
export function createLines<Line extends AnyLine>(
  kind: LineKind<Line>,
  path: string,
  head: NoInfer<Line>,
): LineFile<Line> {
  let descriptor: number;
  try {
    descriptor = openSync(path, "ax");
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "EEXIST") {
      throw new FailureError(
        `${kind.name}: ${printable(path)} already exists; continue it with --resume, or name another with --out`,
      );
    }
    throw new FailureError(`${kind.name}: cannot create ${printable(path)}, ${whyNotWritten(thrown, path)}`);
  }
  try {
    write(descriptor, 0, bytesOf(kind, head));
  } catch (thrown) {
    closeSync(descriptor);
    rmSync(path, { force: true });
    throw new FailureError(`${kind.name}: cannot write ${printable(path)}, ${whyNotWritten(thrown, path)}`);
  }
  return appendTo(kind, path, descriptor);
}

/**
 * Opens a file of lines to continue after its last complete line, `validBytes` from its start; what follows
 * is cut off, and a missing newline is added.
 */
export function continueLines<Line extends AnyLine>(
  kind: LineKind<Line>,
  path: string,
  validBytes: number,
): LineFile<Line> {
  if (path.endsWith(".gz")) {
    throw new UsageError(
      `${kind.name}: ${printable(path)} is compressed and cannot be resumed; decompress it first`,
    );
  }
  let descriptor: number;
  try {
    descriptor = openSync(path, "r+");
    ftruncateSync(descriptor, validBytes);
    const last = Buffer.alloc(1);
    readSync(descriptor, last, 0, 1, validBytes - 1);
    if (last[0] !== 0x0a) write(descriptor, validBytes, Buffer.from("\n"));
  } catch (thrown) {
    throw new FailureError(
      `${kind.name}: cannot continue ${printable(path)}, ${whyNotWritten(thrown, path)}`,
    );
  }
  return appendTo(kind, path, descriptor);
}

/** Replaces a file for lines that are kept elsewhere: refuses what a file would refuse. */
export function checkedLines<Line extends AnyLine>(
  kind: LineKind<Line>,
): Pick<LineFile<Line>, "append" | "close"> {
  return {
    append(line) {
      refuseUnreadable(kind, line);
    },
    close() {},
  };
}

function appendTo<Line extends AnyLine>(
  kind: LineKind<Line>,
  path: string,
  descriptor: number,
): LineFile<Line> {
  let end = fstatSync(descriptor).size;
  const advice = `resume with --resume ${quotedPath(path)}`;
  return {
    path,
    append(line) {
      const bytes = bytesOf(kind, line);
      if (fstatSync(descriptor).size !== end) {
        throw new FailureError(
          `${kind.name}: ${printable(path)} was changed by someone else, such as a second --resume; when that has ended, ${advice}`,
        );
      }
      try {
        write(descriptor, end, bytes);
      } catch (thrown) {
        ftruncateSync(descriptor, end);
        throw new FailureError(
          `${kind.name}: cannot write ${printable(path)}, ${whyNotWritten(thrown, path)}; what was measured so far is in it: make room, then ${advice}`,
        );
      }
      end += bytes.length;
    },
    close: () => closeSync(descriptor),
  };
}

function write(descriptor: number, position: number, bytes: Buffer): void {
  for (let written = 0; written < bytes.length; ) {
    written += writeSync(descriptor, bytes, written, bytes.length - written, position + written);
  }
  fsyncSync(descriptor);
}

function bytesOf<Line extends AnyLine>(kind: LineKind<Line>, line: Line): Buffer {
  refuseUnreadable(kind, line);
  return Buffer.from(`${JSON.stringify(line)}\n`, "utf8");
}
