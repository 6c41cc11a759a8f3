import { printable } from "../core/errors.ts";
import { type ExportOptions, exportResults } from "../library/export.ts";
import { countText } from "../text/count-text.ts";
import { EXIT, type ExitCode, type Io, print } from "./io.ts";

/** Writes results files as tables, for tools that read Parquet, SQLite or CSV. */
export async function exportFiles(options: ExportOptions, io: Io): Promise<ExitCode> {
  const { runs, cases, rounds, trained } = await exportResults(options, io.signal);
  const learned = trained === 0 ? "" : `, ${countText(trained, "training run")}`;
  print(
    io,
    `wrote ${printable(options.out)}: ${countText(runs, "run")}, ${countText(cases, "case")}, ${countText(rounds, "round")}${learned}`,
  );
  return EXIT.fine;
}
