import { readFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { UsageError } from "../../core/errors.ts";
import { LOCAL } from "../../sweep/engines/engines.ts";
import { type LocalSettings, localSettings } from "../../sweep/engines/local/settings.ts";
import type { Sweep } from "../../sweep/sweep-file.ts";

/** What a sweep's plan says of a class of machines for what measures here. */
export function localSettingsOf({ machines }: Pick<Sweep, "machines">, machine: string): LocalSettings {
  return localSettings.parse(machines[machine][LOCAL] ?? {});
}

/** Refuses classes of which the plan names processors that this machine does not have: `taskset` skips some in silence. */
export function refuseMissingProcessors(sweep: Pick<Sweep, "machines">, classes: readonly string[]): void {
  for (const machine of classes) {
    const why = whyNoProcessors(sweep, machine);
    if (why !== null) throw new UsageError(`${why}; change the plan, or measure the class where it has them`);
  }
}

/** The same in words, or null. */
export function whyNoProcessors(sweep: Pick<Sweep, "machines">, machine: string): string | null {
  const { processors } = localSettingsOf(sweep, machine);
  if (processors === undefined) return null;
  const online = onlineProcessors();
  const there = new Set(idsIn(online));
  const asked = idsIn(processors);
  if (asked.length > 0 && asked.every((id) => there.has(id))) return null;
  return `plan: machines.${machine}.local.processors: must be some of this machine's, which are ${online}, got ${processors}`;
}

/** As Linux lists them, such as `0-3,6`; elsewhere, from 0, as many as there are. */
function onlineProcessors(): string {
  try {
    return readFileSync("/sys/devices/system/cpu/online", "utf8").trim();
  } catch {
    return `0-${Math.max(cpus().length, availableParallelism()) - 1}`;
  }
}

/** The numbers in a list such as `0-6:2,9`; none of a range that goes down, which nothing takes. */
function idsIn(list: string): readonly number[] {
  const parts = list.split(",").map((part) => {
    const [, from, to = from, step = "1"] = /^(\d+)(?:-(\d+)(?::(\d+))?)?$/.exec(part) ?? [];
    const count = Math.floor((Number(to) - Number(from)) / Math.max(1, Number(step))) + 1;
    return Array.from({ length: Math.max(0, count) }, (_, at) => Number(from) + at * Number(step));
  });
  return parts.some((ids) => ids.length === 0) ? [] : parts.flat();
}
