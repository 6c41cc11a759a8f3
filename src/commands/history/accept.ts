import { printable } from "../../core/errors.ts";
import { type AcceptOptions, acceptChange } from "../../library/history/accept.ts";
import { directionOf, shortHash, sizeText } from "../../report/history/change-words.ts";
import { EXIT, type ExitCode, type Io, note, print } from "../io.ts";

/** Notes in a history that a change is known and wanted, and says which change that is. */
export async function historyAccept(options: AcceptOptions, io: Io): Promise<ExitCode> {
  const { path, accepted, isNew, before, changes } = acceptChange(options, io.today());
  const commit = shortHash(accepted.commit);
  const earlier = before === null ? "" : ` on ${before.accepted.slice(0, 10)}: ${printable(before.why, 200)}`;
  print(
    io,
    isNew
      ? `${printable(path)}: noted that what came with ${commit} is wanted`
      : `${printable(path)}: what came with ${commit} was accepted already${earlier}; nothing was added`,
  );
  if (isNew && before !== null)
    note(io, `it was accepted already${earlier}; the new reason is told from now on`);
  print(
    io,
    ...changes.map((one) => {
      const { cell, machine } = one.series;
      return `  ${sizeText(one)} ${directionOf(one)}: ${printable(cell, 300)} on ${machine}`;
    }),
  );
  if (changes.length === 0) {
    note(io, `no change has been found at ${commit} so far; one that is found there later will be accepted`);
  }
  return EXIT.fine;
}
