import type { ResultLine } from "../../record/schema/result-lines.ts";
import { saveFile } from "../../report/browser/save-file.ts";
import { runName } from "../file-name.ts";

/** The lines of the run under way, or of the last one. */
export interface KeptLines {
  /** Of the run's files, without an ending; empty before its first line. */
  readonly name: string;
  /** Whether there are lines that no file holds. */
  readonly unsaved: boolean;
  begin(): void;
  add(line: ResultLine): void;
  /** Saves the results file: exactly these lines. */
  save(): void;
}

export function keptLines(): KeptLines {
  let name = "";
  let lines: string[] = [];
  let saved = 0;
  return {
    get name() {
      return name;
    },
    get unsaved() {
      return saved < lines.length;
    },
    begin() {
      [name, lines, saved] = ["", [], 0];
    },
    add(line) {
      if (line.type === "run") name = runName(line.started);
      lines.push(`${JSON.stringify(line)}\n`);
    },
    save() {
      saveFile(new Blob(lines, { type: "application/jsonl" }), `${name}.jsonl`);
      saved = lines.length;
    },
  };
}
