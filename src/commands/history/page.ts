import { printable } from "../../core/errors.ts";
import type { ChangeOptions } from "../../library/history/changes.ts";
import { type HistoryPageOptions, writeHistoryPage } from "../../library/history/page.ts";
import { historyAnswer } from "../../report/history/answer.ts";
import { changeJson } from "../../report/history/changes-json.ts";
import { EXIT, type ExitCode, type Io, note, print } from "../io.ts";
import { openPage } from "../open-page.ts";
import { historyNotes } from "./notes.ts";

export interface HistoryPageWords extends Pick<HistoryPageOptions, "out" | "commitUrl"> {
  readonly choices: ChangeOptions;
  readonly open: boolean;
  readonly json: boolean;
}

/** Makes a page of what became of every cell, and a summary beside it. */
export async function historyPage(
  { choices, out, commitUrl, open, json }: HistoryPageWords,
  io: Io,
): Promise<ExitCode> {
  const { paths, view, found } = writeHistoryPage({ ...choices, out, commitUrl });
  const told = `wrote ${printable(paths[0])} and ${printable(paths[1])}`;
  if (json) {
    const changes = view.series.flatMap((one) => one.changes.map(changeJson));
    print(
      io,
      JSON.stringify(
        { machines: view.machines.map(({ name, about }) => ({ name, about })), changes },
        null,
        2,
      ),
    );
    note(io, told);
  } else {
    print(io, historyAnswer(view), told);
  }
  const notes = historyNotes(found.history);
  if (notes.length > 0) note(io, ...notes);
  if (open) await openPage(paths[0]);
  return EXIT.fine;
}
