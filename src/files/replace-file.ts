import { randomUUID } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { FailureError, messageOf, printable, UsageError } from "../core/errors.ts";

/**
 * Writes a file completely or not at all: to a draft next to it, which replaces it once it is safe on disk.
 * An existing file is replaced. Throws a FailureError if it cannot be written, a UsageError if `path` cannot
 * be a file.
 */
export function replaceFile(path: string, content: string | Uint8Array): void {
  replaceFileWith(path, (write) =>
    write(typeof content === "string" ? Buffer.from(content, "utf8") : content),
  );
}

/** Refuses, before any work, what `replaceFile` could not write; leaves everything as it was. */
export function refuseUnwritable(path: string): void {
  const draft = draftOf(regularFile(path));
  try {
    closeSync(openSync(draft, "wx"));
    rmSync(draft);
  } catch (thrown) {
    throw notWritten(path, thrown);
  }
}

/** The same for content that comes in pieces. */
export function replaceFileWith(path: string, fill: (write: (bytes: Uint8Array) => void) => void): void {
  const target = regularFile(path);
  const draft = draftOf(target);
  try {
    const descriptor = openSync(draft, "wx");
    try {
      fill((bytes) => {
        for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
      });
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(draft, target);
  } catch (thrown) {
    if (existsSync(draft)) rmSync(draft);
    throw notWritten(path, thrown);
  }
}

function draftOf(target: string): string {
  return join(dirname(target), `.${basename(target).slice(0, 100)}-${randomUUID()}.draft`);
}

function notWritten(path: string, thrown: unknown): FailureError {
  const advice = isFull(thrown)
    ? "; make room and try again"
    : codeOf(thrown) === "EFBIG"
      ? "; raise it and try again"
      : "";
  return new FailureError(`${printable(path)}: cannot be written, ${whyNotWritten(thrown, path)}${advice}`);
}

function isFull(thrown: unknown): boolean {
  const code = codeOf(thrown);
  return code === "ENOSPC" || code === "EDQUOT";
}

function codeOf(thrown: unknown): string | undefined {
  return (thrown as NodeJS.ErrnoException).code;
}

/** What the refusal of the system, or of SQLite, to write `path`, if that is one file, means for the user. */
export function whyNotWritten(thrown: unknown, path: string | null = null): string {
  switch (codeOf(thrown)) {
    case "ENOENT":
      // Virtual folders, such as /proc, give the same error for every new file.
      return path !== null && existsSync(dirname(path))
        ? "its folder takes no new files; choose another"
        : "its folder does not exist; create it first";
    case "ENOTDIR":
      return "its folder is a file";
    case "EISDIR":
      return "it is a folder";
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return "its folder may not be written; choose another";
    case "ENOSPC":
    case "EDQUOT":
      return "the disk is full";
    case "EFBIG":
      return "it is larger than files may be here (ulimit -f)";
    case "ERR_SQLITE_ERROR":
      return whyNotInSqlite(thrown);
    default:
      return messageOf(thrown);
  }
}

/** SQLite's codes of a full disk, and of what the system refuses, which it does not tell apart any further. */
const SQLITE_FULL = 13;
const SQLITE_IOERR = 10;

function whyNotInSqlite(thrown: unknown): string {
  const code = thrown instanceof Error && "errcode" in thrown ? Number(thrown.errcode) : 0;
  // What lies above a byte says in which step.
  switch (code & 0xff) {
    case SQLITE_FULL:
      return "the disk is full";
    case SQLITE_IOERR:
      return "the system takes no more of it; is the disk full, or the size of files limited (ulimit -f)?";
    default:
      return messageOf(thrown);
  }
}

/**
 * The file that `path` refers to, through links. Renaming over a device such as /dev/null would destroy it.
 */
function regularFile(path: string): string {
  let stats: ReturnType<typeof statSync>;
  try {
    stats = statSync(path, { throwIfNoEntry: false });
  } catch (thrown) {
    throw new FailureError(`${printable(path)}: cannot be written, ${whyNotWritten(thrown, path)}`);
  }
  if (stats === undefined) return path;
  if (stats.isFile()) return realpathSync(path);
  throw new UsageError(`${printable(path)}: must be a regular file, got a folder, pipe or device`);
}
