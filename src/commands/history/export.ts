import { printable } from "../../core/errors.ts";
import { type ExportOptions, exportHistory } from "../../library/history/export.ts";
import { EXIT, type ExitCode, type Io, print } from "../io.ts";
import { entries } from "./add.ts";

/** Writes a history in another form. */
export async function historyExport(options: ExportOptions, io: Io): Promise<ExitCode> {
  const written = exportHistory(options);
  const paths = [options.sqlite, options.jsonl].filter((path) => path !== undefined);
  print(io, ...paths.map((path) => `${printable(path)}: wrote ${entries(written.length)}`));
  return EXIT.fine;
}
