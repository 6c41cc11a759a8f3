import { FailureError, printable } from "../../core/errors.ts";
import { type CollectOptions, collectSweep } from "../../library/sweep/collect.ts";
import { readSweep } from "../../sweep/sweep-file.ts";
import { countText } from "../../text/count-text.ts";
import { quotedPath } from "../../text/shell-quoted.ts";
import { hostOf } from "../host-of.ts";
import { EXIT, type ExitCode, type Io, note, print } from "../io.ts";
import { progressDisplay } from "../run-progress.ts";

/** Puts the results of a sweep into one file. */
export async function sweepCollect(
  { json, ...options }: CollectOptions & { readonly json: boolean },
  io: Io,
): Promise<ExitCode> {
  const { folder, out } = options;
  const display = progressDisplay(io);
  const { broken, missing, strays, ...told } = await collectSweep(
    options,
    hostOf(io, display.update),
  ).finally(display.stop);
  if (json) {
    print(
      io,
      JSON.stringify({ out, ...told, broken, missing: Object.fromEntries(missing), strays }, null, 2),
    );
  } else if (told.written) {
    const { shards, cases, rounds, kept, parts } = told;
    const what = [countText(shards, "shard"), countText(cases, "case"), countText(rounds, "round")].join(
      ", ",
    );
    const notAll = [
      ...(kept === 0 ? [] : [`${kept} of them as they were in it before`]),
      ...(parts === 0 ? [] : [`${parts} of them not done`]),
    ];
    print(io, `wrote ${printable(out)}: ${[what, ...notAll].join("; ")}`);
  }
  for (const why of broken) note(io, `warning: left out: ${why}`);
  if (broken.length > 0) {
    note(
      io,
      `to have what was left out measured anew, remove its file (or move it away), then attnbench sweep resume ${quotedPath(folder)}`,
    );
  }
  const { short } = told;
  if (short.cases > 0) {
    note(
      io,
      `${countText(short.cases, "measured case")} in ${countText(short.shards, "shard")} ${short.cases === 1 ? "has" : "have"} fewer rounds than planned: budget or deadline may be the reason, or lines that were lost`,
    );
  }
  if (strays.length > 0) {
    note(io, `left out ${countText(strays.length, "file")} of shards that the plan no longer has`);
  }
  const left = [...missing].filter(([, count]) => count > 0);
  if (left.length > 0) {
    const isOneClass = Object.keys(readSweep(folder).machines).length === 1;
    const where = left
      .map(([machine, count]) => (isOneClass ? countText(count, "shard") : `${count} of ${machine}`))
      .join(", ");
    note(io, `not done: ${where}; see attnbench sweep status ${quotedPath(folder)}`);
  }
  if (!told.written)
    throw new FailureError(`sweep: nothing in ${printable(folder)} is done, and nothing was written`);
  note(io, `report with: attnbench report ${quotedPath(out)}`);
  return broken.length > 0 ? EXIT.failed : EXIT.fine;
}
