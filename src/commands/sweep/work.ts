import { messageOf, UsageError } from "../../core/errors.ts";
import { shardInList } from "../../library/sweep/shard-in-list.ts";
import { workOn } from "../../library/sweep/work.ts";
import { tellFailure } from "../../sweep/work-failure.ts";
import { countText } from "../../text/count-text.ts";
import { hostOf } from "../host-of.ts";
import { EXIT, type ExitCode, type Io, note, print } from "../io.ts";
import { progressDisplay } from "../run-progress.ts";

/** What was typed; undefined if it was not. */
export interface WorkOptions {
  readonly folder: string;
  readonly shard: string | undefined;
  readonly list: string | undefined;
  readonly index: string | undefined;
}

/** Measures one shard of a sweep: what every engine has done, on whatever machine. */
export async function sweepWork(options: WorkOptions, io: Io): Promise<ExitCode> {
  const { folder } = options;
  const shard = shardOf(options);
  const display = progressDisplay(io);
  const host = hostOf(io, display.update);
  // Interrupts are heard from the start: an engine takes the exit code for what to do next.
  const { signal } = io;
  try {
    const worked = await workOn(folder, shard, host);
    display.stop();
    if (worked.end === "again") {
      note(io, `${shard}: ${worked.reason}${signal.aborted ? "; the same command goes on with it" : ""}`);
      return EXIT.again;
    }
    if (worked.end === "already") print(io, `${shard}: done already`);
    else {
      const told = [...worked.outcomes].map(([outcome, count]) => `${count} ${outcome}`);
      const cases = [...worked.outcomes.values()].reduce((sum, count) => sum + count, 0);
      print(io, `${shard}: done, ${countText(cases, "case")}: ${told.join(", ")}`);
    }
    return EXIT.fine;
  } catch (thrown) {
    tellFailure(messageOf(thrown));
    throw thrown;
  } finally {
    display.stop();
  }
}

function shardOf({ folder, shard, list, index }: WorkOptions): string {
  if (shard !== undefined && list === undefined && index === undefined) return shard;
  if (shard === undefined && list !== undefined && index !== undefined) {
    return shardInList(folder, list, index);
  }
  throw new UsageError(
    "sweep work: a shard must be named, with --shard NAME or with --list FILE and --index N",
  );
}
