import { printable, UsageError } from "../../core/errors.ts";
import { classesOf } from "../../library/sweep/classes-of.ts";
import { shardText } from "../../library/sweep/shard-text.ts";
import { type SweepStatus, statusOf } from "../../library/sweep/status.ts";
import { readSweep } from "../../sweep/sweep-file.ts";
import { countText } from "../../text/count-text.ts";
import { formatSeconds } from "../../text/format.ts";
import { quotedPath } from "../../text/shell-quoted.ts";
import { textColumns } from "../../text/text-columns.ts";
import { EXIT, type ExitCode, type Io, note, print } from "../io.ts";

/** Failures that are told in words; JSON has all. */
const MOST_TOLD = 20;

/** Says how far a sweep is. */
export async function sweepStatus(
  { folder, json }: { readonly folder: string; readonly json: boolean },
  io: Io,
): Promise<ExitCode> {
  const status = await statusOf(folder);
  for (const [engine, why] of status.unknown) {
    note(io, `warning: ${engine} could not be asked what it still measures: ${why}`);
  }
  for (const { job, remarks } of status.jobs) {
    for (const one of remarks) note(io, `${job.engine}: ${one}`);
  }
  if (json) print(io, JSON.stringify(asJson(folder, status), null, 2));
  else print(io, ...told(status, io.columns));
  if (status.strays.length > 0) {
    note(
      io,
      `${countText(status.strays.length, "file")} of results in shards/ of shards that the plan no longer has; they are not collected`,
    );
  }
  if (status.waiting + status.failed > 0 && !status.here) {
    note(io, `go on with: attnbench sweep resume ${quotedPath(folder)}${classWords(folder)}`);
  }
  return EXIT.fine;
}

/** The class of machines, where the sweep's engine cannot tell which it has. */
function classWords(folder: string): string {
  const sweep = readSweep(folder);
  try {
    classesOf(sweep, sweep.engine, undefined);
    return "";
  } catch (thrown) {
    if (thrown instanceof UsageError) return " --machine CLASS";
    throw thrown;
  }
}

function told(status: SweepStatus, width: number): readonly string[] {
  const { name, engine, shards, done, left_s, machines, failures, here } = status;
  const column = (head: string, of: (one: SweepStatus["machines"][number]) => string) => ({
    head,
    cells: machines.map(of),
  });
  const rest =
    done === shards ? "none is left to measure" : `about ${formatSeconds(left_s, 2)} of measuring left`;
  return [
    `${name}, by ${engine}: ${done} of ${countText(shards, "shard")} done, ${rest}${here ? "; it is being measured here" : ""}`,
    "",
    ...textColumns(
      column("machines", ({ machine }) => machine),
      [
        column("done", (one) => String(one.done)),
        column("running", (one) => String(one.running)),
        column("queued", (one) => String(one.queued)),
        column("waiting", (one) => String(one.waiting)),
        column("failed", (one) => String(one.failed)),
        column("left", (one) => (one.left_s === 0 ? "–" : formatSeconds(one.left_s, 2))),
      ],
      width,
    ),
    ...failures
      .slice(0, MOST_TOLD)
      .flatMap(({ shard, reason }) => [
        "",
        `failed: ${shard.name} on ${shard.machine}: ${printable(reason, 500)}`,
        `  ${shardText(shard, Math.max(40, width - 2))}`,
      ]),
    ...(failures.length > MOST_TOLD
      ? ["", `and ${failures.length - MOST_TOLD} more failed: --json lists them`]
      : []),
  ];
}

function asJson(folder: string, { failures, jobs, unknown, ...rest }: SweepStatus) {
  return {
    folder,
    ...rest,
    failures: failures.map(({ shard, reason }) => ({ shard: shard.name, machine: shard.machine, reason })),
    jobs: jobs.map(({ job, waiting, running, remarks }) => ({
      engine: job.engine,
      id: job.id,
      machine: job.machine,
      waiting,
      running,
      remarks,
    })),
    unknown: Object.fromEntries(unknown),
  };
}
