import type { PlannedSweep } from "../../library/sweep/begin.ts";
import { classesOf } from "../../library/sweep/classes-of.ts";
import { START_S } from "../../library/sweep/expected-seconds.ts";
import { shardText } from "../../library/sweep/shard-text.ts";
import type { Shard } from "../../sweep/shard.ts";
import { countText } from "../../text/count-text.ts";
import { formatSeconds } from "../../text/format.ts";
import { textColumns } from "../../text/text-columns.ts";
import { type Io, note, print } from "../io.ts";

/** What a sweep would take, class by class. */
export function printSweep(
  { sweep, read }: PlannedSweep,
  {
    engine,
    machine,
    json,
  }: { readonly engine: string; readonly machine: string | undefined; readonly json: boolean },
  io: Io,
): void {
  const { name } = sweep;
  const chosen = machine === undefined ? Object.keys(sweep.machines) : classesOf(sweep, engine, machine);
  const shards = sweep.shards.filter((one) => chosen.includes(one.machine));
  const classes = [...Map.groupBy(shards, ({ machine }) => machine)].map(([machine, own]) => ({
    machine,
    ...taken(own),
  }));
  const all = taken(shards);
  const { seconds } = read.plan.shard;
  const long = shards.filter(({ predicted_s }) => predicted_s - START_S > seconds);
  if (json) {
    const { baseline, repeats } = read.plan;
    print(
      io,
      JSON.stringify({ name, engine, baseline, repeats, ...all, machines: classes, list: shards }, null, 2),
    );
  } else {
    const column = (head: string, cells: (one: (typeof classes)[number]) => string) => ({
      head,
      cells: classes.map(cells),
    });
    print(
      io,
      `${name}, by ${engine}: ${told(all)}`,
      "",
      ...textColumns(
        column("machines", ({ machine }) => machine),
        [
          column("shards", (one) => String(one.shards)),
          column("cases", (one) => String(one.cases)),
          column("processor-hours", (one) => hoursText(one.processor_hours)),
          column("longest shard", ({ longest }) => formatSeconds(longest.predicted_s, 2)),
        ],
        io.columns,
      ),
      "",
      `the longest: ${shardText(all.longest, Math.max(40, io.columns - 14))}`,
    );
  }
  if (long.length > 0) {
    note(
      io,
      `warning: ${countText(long.length, "shard")} ${long.length === 1 ? "is" : "are"} expected to take longer than shard.time, ${formatSeconds(seconds)}: their last rounds will be left out, and cases that cannot be checked in time are skipped; raise it for all rounds`,
    );
  }
}

/** What shards take together. Processor-hours are those of the threads that their kernels have. */
function taken(shards: readonly Shard[]) {
  const sum = (of: (shard: Shard) => number): number => shards.reduce((total, one) => total + of(one), 0);
  return {
    shards: shards.length,
    cases: sum(({ cases }) => cases),
    processor_hours: sum((one) => (one.predicted_s * threadsOf(one)) / 3600),
    longest: shards.reduce((a, b) => (b.predicted_s > a.predicted_s ? b : a)),
  };
}

function threadsOf({ options }: Shard): number {
  return Number(options.threads ?? 1);
}

function told({ shards, cases, processor_hours }: ReturnType<typeof taken>): string {
  return `${countText(shards, "shard")} of ${countText(cases, "case")} in all, about ${hoursText(processor_hours)} processor-hours`;
}

function hoursText(hours: number): string {
  return hours >= 100 ? hours.toFixed(0) : hours.toPrecision(2);
}
