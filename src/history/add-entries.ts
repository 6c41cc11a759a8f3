import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  realpathSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { FailureError, messageOf, printable, UsageError } from "../core/errors.ts";
import { type Lock, lockOrRefuse, takeLock } from "../files/lock-file.ts";
import { replaceFile, whyNotWritten } from "../files/replace-file.ts";
import { type Accepted, acceptedText } from "./accepted.ts";
import type { StoredEntry } from "./entry.ts";
import { HEAD_LINE, lineOf } from "./entry-line.ts";
import { readEntries } from "./read-entries.ts";

/** What became of entries that were to be added. */
export interface Added {
  readonly added: readonly StoredEntry[];
  /** Those that the file has already. */
  readonly known: readonly StoredEntry[];
  /** Whether the file's last line had been cut off, and was removed. */
  readonly mended: boolean;
}

/**
 * Adds entries to a history, which is made if there is none, each once. They are on the disk when this returns; if it throws,
 * the file is as it was. While another process adds to it, this one waits.
 */
export function addEntries(path: string, entries: readonly StoredEntry[]): Added {
  const lock = waitForLock(path);
  try {
    const ids = new Set<string>();
    const end = existsSync(path) ? readEntries(path, ({ id }) => ids.add(id)) : EMPTY;
    const unique = [...new Map(entries.map((one) => [one.id, one])).values()];
    const added = unique.filter(({ id }) => !ids.has(id));
    const text = added.map(lineOf).join("");
    if (added.length > 0 && end.bytes === 0) create(path, HEAD_LINE + text);
    else if (added.length > 0) append(path, end.validBytes, text);
    return {
      added,
      known: unique.filter(({ id }) => ids.has(id)),
      mended: end.truncated && added.length > 0,
    };
  } finally {
    lock.release();
  }
}

/** Adds that a change was accepted to a history, as entries are added. Returns whether it was new to it. */
export function addAccepted(path: string, accepted: Accepted): boolean {
  const lock = waitForLock(path);
  try {
    const text = acceptedText(accepted);
    const known = new Set<string>();
    const end = readEntries(
      path,
      () => {},
      (one) => known.add(acceptedText(one)),
    );
    if (known.has(text)) return false;
    if (end.bytes === 0) create(path, HEAD_LINE + text);
    else append(path, end.validBytes, text);
    return true;
  } finally {
    lock.release();
  }
}

/** Adding takes as long as reading the file: some seconds at most. */
const PAUSE_MS = 50;
const PAUSES = 600;

function waitForLock(path: string): Lock {
  // One file has one lock, by whatever link it is named.
  const lock = `${existsSync(path) ? realpathSync(path) : path}.lock`;
  for (let pause = 0; pause < PAUSES; pause++) {
    const taken = takeLock(lock);
    if ("lock" in taken) return taken.lock;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
  }
  return lockOrRefuse(lock, `history: ${printable(path)}`);
}

const EMPTY = { validBytes: 0, truncated: false, bytes: 0 } as const;

/** A file that is there with its head and its first entries, or not at all. */
function create(path: string, text: string): void {
  try {
    replaceFile(path, text);
  } catch (thrown) {
    throw new FailureError(`history: ${messageOf(thrown)}`);
  }
  syncFolder(dirname(path));
}

/** Writes after the last complete line, in the place of what follows it. */
function append(path: string, validBytes: number, text: string): void {
  let descriptor: number;
  try {
    descriptor = openSync(path, "r+");
  } catch (thrown) {
    throw notWritten(path, thrown);
  }
  try {
    const bytes = Buffer.from(`${endsLine(descriptor, validBytes) ? "" : "\n"}${text}`, "utf8");
    try {
      ftruncateSync(descriptor, validBytes);
      for (let done = 0; done < bytes.length; ) {
        done += writeSync(descriptor, bytes, done, bytes.length - done, validBytes + done);
      }
      fsyncSync(descriptor);
    } catch (thrown) {
      ftruncateSync(descriptor, validBytes);
      throw notWritten(path, thrown);
    }
  } finally {
    closeSync(descriptor);
  }
}

function endsLine(descriptor: number, validBytes: number): boolean {
  const last = Buffer.alloc(1);
  readSync(descriptor, last, 0, 1, validBytes - 1);
  return last[0] === 0x0a;
}

/** A new file's name is its folder's content, where the system lets folders be synchronised. */
function syncFolder(folder: string): void {
  let descriptor: number;
  try {
    descriptor = openSync(folder, "r");
  } catch {
    return; // such as on Windows, where a name is on the disk with its file
  }
  try {
    fsyncSync(descriptor);
  } catch {
    // Some network file systems refuse it; the file itself is safe.
  } finally {
    closeSync(descriptor);
  }
}

function notWritten(path: string, thrown: unknown): FailureError {
  const { code } = thrown as NodeJS.ErrnoException;
  const advice = code === "ENOSPC" || code === "EDQUOT" ? "; make room and try again" : "";
  return new FailureError(
    `history: cannot write ${printable(path)}, ${whyNotWritten(thrown, path)}; nothing was added${advice}`,
  );
}

/** Refuses what lines cannot be added to. */
export function refuseUnfitHistory(path: string): void {
  if (!path.endsWith(".jsonl")) {
    throw new UsageError(
      `history: entries are added to a file that ends in .jsonl, got ${printable(path)}; add to the file of lines, and export it again if it is an SQLite database`,
    );
  }
}
