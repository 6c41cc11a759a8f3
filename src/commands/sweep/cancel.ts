import { printable } from "../../core/errors.ts";
import { cancelSweep } from "../../library/sweep/cancel.ts";
import { quotedPath } from "../../text/shell-quoted.ts";
import { EXIT, type ExitCode, type Io, note, print } from "../io.ts";

/** Ends what measures a sweep. */
export async function sweepCancel({ folder }: { readonly folder: string }, io: Io): Promise<ExitCode> {
  const { ended } = await cancelSweep(folder);
  for (const one of ended) print(io, `ended ${printable(one, 300)}`);
  if (ended.length === 0) print(io, "nothing measures it that could be reached from here");
  note(io, `what was measured is kept: go on with attnbench sweep resume ${quotedPath(folder)}`);
  return EXIT.fine;
}
