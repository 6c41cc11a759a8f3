import { closeSync, openSync, readSync, type Stats, statSync } from "node:fs";
import { FailureError, messageOf, printable, UsageError } from "../core/errors.ts";

/** An open regular file. */
export interface ReadableFile {
  /** Bytes. */
  readonly size: number;
  /** Fills `bytes` from `position`. Throws a FailureError if the file ends before. */
  read(position: number, bytes: Uint8Array): void;
}

/** One that is closed by whoever opened it. */
export interface OpenFile extends ReadableFile {
  close(): void;
}

/** Opens a regular file, passes it to `use` and closes it whatever happens. */
export function withFile<T>(path: string, use: (file: ReadableFile) => T): T {
  const file = openFile(path);
  try {
    return use(file);
  } finally {
    file.close();
  }
}

/** Opens a regular file. */
export function openFile(path: string): OpenFile {
  const where = printable(path);
  const stats = look(path);
  // A pipe would wait for a writer and a device would never end.
  if (!stats.isFile()) {
    throw new UsageError(
      `${where}: must be a regular file, got ${stats.isDirectory() ? "a folder" : "a pipe or device; save its content to a file first"}`,
    );
  }
  const descriptor = attempt(path, () => openSync(path, "r"));
  return {
    size: stats.size,
    read(position, bytes) {
      for (let filled = 0; filled < bytes.length; ) {
        const got = attempt(path, () =>
          readSync(descriptor, bytes, filled, bytes.length - filled, position + filled),
        );
        if (!(got > 0)) {
          throw new FailureError(
            `${where}: ended at byte ${position + filled} while it was read; was it still being written?`,
          );
        }
        filled += got;
      }
    },
    close: () => closeSync(descriptor),
  };
}

/**
 * What is at `path`. A path that leads nowhere is a UsageError, one that cannot be examined a FailureError.
 */
export function look(path: string): Stats {
  return attempt(path, () => statSync(path));
}

function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (thrown) {
    const where = printable(path);
    switch (codeOf(thrown)) {
      case "ENOENT":
      case "ENOTDIR":
      case "ERR_INVALID_ARG_VALUE":
        throw new UsageError(`${where}: no such file or folder`);
      case "EACCES":
      case "EPERM":
        throw new FailureError(`${where}: not allowed to read it; check its permissions`);
      default:
        throw new FailureError(`${where}: cannot be read, ${codeOf(thrown) ?? messageOf(thrown)}`);
    }
  }
}

/** The system's code of an I/O error, such as `ENOENT`. */
function codeOf(thrown: unknown): string | undefined {
  if (thrown instanceof Error && "code" in thrown && typeof thrown.code === "string") return thrown.code;
  return undefined;
}
