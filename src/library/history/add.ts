import { closeSync, openSync, readSync } from "node:fs";
import { gunzipSync, constants as zlib } from "node:zlib";
import { HISTORY_DEFAULTS } from "../../core/defaults.ts";
import { printable, UsageError } from "../../core/errors.ts";
import { isStream } from "../../files/read-whole.ts";
import { type Added, addEntries, refuseUnfitHistory } from "../../history/add-entries.ts";
import type { StoredEntry } from "../../history/entry.ts";
import { storedEntry } from "../../history/entry-line.ts";
import { type CommitOptions, commitOf } from "./commit-said.ts";
import { entriesOfGate } from "./entries-of-gate.ts";
import { entriesOfRuns } from "./entries-of-runs.ts";
import type { MeasuredEntry } from "./measured-entry.ts";

/** What is added to a history. */
export interface AddOptions extends CommitOptions {
  /** The history, `history.jsonl` if omitted; it is made if there is none. */
  readonly history?: string | undefined;
  /** The side of gates that is added; both if omitted. */
  readonly side?: string | undefined;
}

/** Adds what results files, files of blocks and collections say to a history: all of it or, if one is refused, nothing. */
export async function addToHistory(
  files: readonly string[],
  options: AddOptions = {},
): Promise<Added & { readonly path: string }> {
  const { history = HISTORY_DEFAULTS.history, side } = options;
  refuseUnfitHistory(history);
  if (side !== undefined && side !== "base" && side !== "head") {
    throw new UsageError(`--side: must be base or head, got ${printable(side, 40)}; omit it for both`);
  }
  const entries: StoredEntry[] = [];
  for (const file of files) {
    refusePipe(file);
    const found = isOfBlocks(file) ? entriesOfGate(file) : await entriesOfRuns(file);
    const chosen = found.filter((one) => side === undefined || one.side === undefined || one.side === side);
    entries.push(...chosen.map((one) => storedEntry(withCommit(one, options))));
  }
  return { path: history, ...addEntries(history, entries) };
}

function withCommit(measured: MeasuredEntry, options: CommitOptions): Omit<StoredEntry, "id"> {
  const { where: _where, side: _side, commit: _commit, dirty: _dirty, ...entry } = measured;
  return { ...entry, ...commitOf(measured, options) };
}

/** What a file is, is found out by looking at it twice. */
function refusePipe(path: string): void {
  if (!isStream(path)) return;
  throw new UsageError(
    `history add: ${printable(path)}: must be a file, got a pipe or standard input; save it to a file first`,
  );
}

/** Bytes in which a file says what it is. */
const HEAD_BYTES = 4096;

/** Whether a file says of itself that it holds blocks; what else it may be, the reader of results finds out. */
function isOfBlocks(path: string): boolean {
  const head = Buffer.alloc(HEAD_BYTES);
  let text: Buffer;
  try {
    const descriptor = openSync(path, "r");
    try {
      text = head.subarray(0, readSync(descriptor, head));
    } finally {
      closeSync(descriptor);
    }
    if (text[0] === 0x1f && text[1] === 0x8b) text = gunzipSync(text, { finishFlush: zlib.Z_SYNC_FLUSH });
  } catch {
    return false;
  }
  return /^[^{]{0,8}\{\s*"type"\s*:\s*"gate"/.test(text.toString("latin1"));
}
