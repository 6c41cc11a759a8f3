import { closeSync, fsyncSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { FailureError, printable } from "../core/errors.ts";
import { whyNotWritten } from "./replace-file.ts";

/** A file that is being written, from its start to its end. */
export interface Sink {
  /** Bytes so far. */
  readonly bytes: number;
  write(piece: Uint8Array): void;
  /** Takes back what follows that many bytes. */
  cutBack(bytes: number): void;
  /** Has all of it on the disk. */
  sync(): void;
  /** Closes it, unless it is closed. */
  close(): void;
}

/** Opens a new file at `path`. What fails is told of `shown`, the file that it is to become, as a FailureError. */
export function openSink(path: string, shown: string): Sink {
  const attempt = <T>(action: () => T): T => {
    try {
      return action();
    } catch (thrown) {
      const why = whyNotWritten(thrown, path);
      throw new FailureError(
        `${printable(shown)}: cannot be written, ${why}; make room or name another, and try again`,
      );
    }
  };
  const descriptor = attempt(() => openSync(path, "wx"));
  let bytes = 0;
  let isOpen = true;
  return {
    get bytes() {
      return bytes;
    },
    write(piece) {
      attempt(() => {
        for (let written = 0; written < piece.length; ) {
          written += writeSync(descriptor, piece, written, piece.length - written, bytes + written);
        }
      });
      bytes += piece.length;
    },
    cutBack(to) {
      attempt(() => ftruncateSync(descriptor, to));
      bytes = to;
    },
    sync: () => attempt(() => fsyncSync(descriptor)),
    close() {
      if (isOpen) closeSync(descriptor);
      isOpen = false;
    },
  };
}
