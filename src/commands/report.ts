import { basename, join } from "node:path";
import { printable } from "../core/errors.ts";
import { readResults } from "../record/read.ts";
import { warningsOf } from "../report/warnings.ts";
import { writeReport } from "../report/write-report.ts";
import { EXIT, type ExitCode, type Io, note, print } from "./io.ts";

export interface ReportOptions {
  readonly files: readonly string[];
  /** The folder to write to; `reports/` and the name of the first file where it is left out. */
  readonly out: string | undefined;
  readonly title: string | undefined;
}

/** Makes a page with charts of results files. */
export async function report({ files, out, title }: ReportOptions, io: Io): Promise<ExitCode> {
  const results = files.map((file) => readResults(file, nameOf(file)));
  for (const [index, one] of results.entries()) {
    if (one.truncated) note(io, `${printable(files[index])}: its last line was cut off and is left out`);
    if (files.length > 1)
      for (const warning of warningsOf(one)) note(io, `warning: ${printable(one.name)}: ${warning}`);
  }
  const folder =
    out ??
    join(
      "reports",
      results
        .map(({ name }) => name)
        .join("+")
        .slice(0, 100),
    );
  const [page, ...charts] = await writeReport(results, folder, title);
  print(io, `wrote ${printable(page)} and ${charts.length} files beside it`);
  return EXIT.fine;
}

/** Without dots in front, which would lead out of the folder of reports. */
function nameOf(file: string): string {
  return (
    basename(file)
      .replace(/\.jsonl$/, "")
      .replace(/^\.+/, "") || "results"
  );
}
