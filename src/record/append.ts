import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { FailureError, printable } from "../core/errors.ts";
import type { ResultLine } from "../core/result-lines.ts";
import { whyNotWritten } from "../files/replace-file.ts";

/** A results file open for appending. Each line is on the disk when `append` returns. */
export interface ResultsFile {
  readonly path: string;
  append(line: ResultLine): void;
  close(): void;
}

/** Creates a results file; refuses one that is there already. */
export function createResults(path: string): ResultsFile {
  let descriptor: number;
  try {
    descriptor = openSync(path, "ax");
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "EEXIST") {
      throw new FailureError(
        `results: ${printable(path)} exists already; continue it with --resume, or name another with --out`,
      );
    }
    throw new FailureError(`results: cannot create ${printable(path)}, ${whyNotWritten(thrown)}`);
  }
  return appendTo(path, descriptor);
}

/** Opens a results file to go on after its last whole line, `validBytes` from its start; what follows is cut off. */
export function continueResults(path: string, validBytes: number): ResultsFile {
  let descriptor: number;
  try {
    descriptor = openSync(path, "r+");
    ftruncateSync(descriptor, validBytes);
  } catch (thrown) {
    throw new FailureError(`results: cannot continue ${printable(path)}, ${whyNotWritten(thrown)}`);
  }
  return appendTo(path, descriptor);
}

function appendTo(path: string, descriptor: number): ResultsFile {
  let end = fstatSync(descriptor).size;
  return {
    path,
    append(line) {
      const bytes = Buffer.from(`${JSON.stringify(line)}\n`, "utf8");
      try {
        let written = 0;
        while (written < bytes.length) {
          written += writeSync(descriptor, bytes, written, bytes.length - written, end + written);
        }
        fsyncSync(descriptor);
        end += bytes.length;
      } catch (thrown) {
        ftruncateSync(descriptor, end);
        throw new FailureError(
          `results: cannot write ${printable(path)}, ${whyNotWritten(thrown)}; what was measured so far is in it: ` +
            `make room, then go on with --resume ${printable(path)}`,
        );
      }
    },
    close: () => closeSync(descriptor),
  };
}
