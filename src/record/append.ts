import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, rmSync, writeSync } from "node:fs";
import { FailureError, printable } from "../core/errors.ts";
import { type ResultLine, type RunLine, resultLine } from "../core/result-lines.ts";
import { whyNotWritten } from "../files/replace-file.ts";

/** A results file open for appending. Each line is on the disk when `append` returns. */
export interface ResultsFile {
  readonly path: string;
  append(line: ResultLine): void;
  close(): void;
}

/** Creates a results file that begins with the line of its run, or leaves nothing. Refuses one that is there already. */
export function createResults(path: string, run: RunLine): ResultsFile {
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
  try {
    write(descriptor, 0, bytesOf(run));
  } catch (thrown) {
    closeSync(descriptor);
    rmSync(path, { force: true });
    throw new FailureError(`results: cannot write ${printable(path)}, ${whyNotWritten(thrown)}`);
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
  const advice = `go on with --resume ${printable(path)}`;
  return {
    path,
    append(line) {
      const bytes = bytesOf(line);
      if (fstatSync(descriptor).size !== end) {
        throw new FailureError(
          `results: ${printable(path)} was changed by somebody else, such as a second --resume; when that has ended, ${advice}`,
        );
      }
      try {
        write(descriptor, end, bytes);
      } catch (thrown) {
        ftruncateSync(descriptor, end);
        throw new FailureError(
          `results: cannot write ${printable(path)}, ${whyNotWritten(thrown)}; what was measured so far is in it: make room, then ${advice}`,
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

/** Refuses what a reader would refuse, such as a plug-in's workspace of -1 bytes: it would make the whole file unreadable. */
function bytesOf(line: ResultLine): Buffer {
  const parsed = resultLine.safeParse(line);
  if (!parsed.success) {
    const [{ path, message }] = parsed.error.issues;
    const what = line.type === "run" ? "the run" : printable(line.case);
    throw new FailureError(
      `results: ${what}: ${printable(path.join("."), 80)}: ${printable(message)}; correct the plug-in that gave it`,
    );
  }
  return Buffer.from(`${JSON.stringify(line)}\n`, "utf8");
}
