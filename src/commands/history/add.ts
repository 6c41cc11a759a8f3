import { printable } from "../../core/errors.ts";
import type { StoredEntry } from "../../history/entry.ts";
import { type AddOptions, addToHistory } from "../../library/history/add.ts";
import { countText } from "../../text/count-text.ts";
import { EXIT, type ExitCode, type Io, note, print } from "../io.ts";

export interface HistoryAddOptions {
  readonly files: readonly string[];
  readonly choices: AddOptions;
  readonly json: boolean;
}

/** Adds what files say was measured to a history. What it holds already is no failure. */
export async function historyAdd({ files, choices, json }: HistoryAddOptions, io: Io): Promise<ExitCode> {
  const { path, added, known, mended } = await addToHistory(files, choices);
  if (json) {
    const told = (entries: readonly StoredEntry[]) => entries.map(({ id, commit }) => ({ id, commit }));
    print(io, JSON.stringify({ history: path, added: told(added), known: told(known) }, null, 2));
  } else {
    print(io, ...added.map(entryText), `${printable(path)}: added ${entries(added.length)}`);
  }
  if (known.length > 0) {
    note(io, `${entries(known.length)} ${known.length === 1 ? "was" : "were"} in it already`);
  }
  if (mended) note(io, "its last line had been cut off, and was removed");
  return EXIT.fine;
}

export function entries(count: number): string {
  return count === 1 ? "1 entry" : `${count} entries`;
}

function entryText({ commit, committed, source, dirty, class: ofSweep, cells }: StoredEntry): string {
  const how = ofSweep === undefined ? source : `${source}, class ${ofSweep}`;
  const changed = dirty ? ", with changes" : "";
  return `${commit.slice(0, 12)} of ${committed}${changed}: ${countText(cells.size, "cell")} by ${how}`;
}
