import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { FailureError, printable, UsageError } from "../../core/errors.ts";
import { holderText, lookAtLock } from "../../files/lock-file.ts";
import { makeFolder } from "../../files/make-folder.ts";
import { readWhole, shownName } from "../../files/read-whole.ts";
import { replaceFile, whyNotWritten } from "../../files/replace-file.ts";
import { recodeAdvice, textEncoding } from "../../files/text-encoding.ts";
import { ENGINE_SETTINGS } from "../../sweep/engines/engines.ts";
import { placesIn } from "../../sweep/folder.ts";
import { type ReadPlan, readPlan } from "../../sweep/plan/read-plan.ts";
import { isSweep, readSweep, type Sweep, writeSweep } from "../../sweep/sweep-file.ts";
import type { Host } from "../host.ts";
import { RUN_OPTION_FORMS } from "./option-forms.ts";
import { planSweep } from "./plan-sweep.ts";

/** A plan that was read and made into shards, of which nothing is written yet. */
export interface PlannedSweep {
  readonly sweep: Sweep;
  /** The plan as it was given. */
  readonly text: string;
  readonly read: ReadPlan;
}

/** Reads a plan, and makes its shards. */
export async function plannedSweep(
  path: string,
  host: Pick<Host, "observe" | "now" | "warn">,
): Promise<PlannedSweep> {
  const bytes = readWhole(path);
  const where = printable(shownName(path));
  const encoding = textEncoding(bytes);
  if ("foreign" in encoding) throw new UsageError(`${where}: ${recodeAdvice(encoding.foreign)}`);
  const text = bytes.toString("utf8", encoding.markBytes);
  const read = readPlan(where, text, { options: RUN_OPTION_FORMS, engines: ENGINE_SETTINGS });
  const { name, engine, machines } = read.plan;
  const { shards, ...compared } = await planSweep(read, host);
  const sweep = {
    name,
    engine,
    ...compared,
    directory: process.cwd(),
    machines: Object.fromEntries(machines.map((one) => [one.name, { ...one.settings }])),
    shards,
  };
  return { sweep, text, read };
}

/** Writes a planned sweep into its folder, which is made if it is missing; what was measured there stays. */
export function writePlanned(folder: string, { sweep, text }: PlannedSweep): void {
  const before = readable(folder);
  refuseOther(folder, sweep, before);
  // The same once more, such as on another machine that shares the folder, changes nothing.
  if (before !== null && isSame(before, sweep)) return;
  refuseInUse(folder);
  const places = placesIn(folder);
  try {
    for (const one of [folder, places.shards, places.logs]) makeFolder(one);
  } catch (thrown) {
    throw new FailureError(`sweep: ${printable(folder)} cannot be made, ${whyNotWritten(thrown)}`);
  }
  replaceFile(places.plan, text);
  writeSweep(folder, sweep);
}

/** Whether two sweeps are one, wherever they were begun. */
function isSame(a: Sweep, b: Sweep): boolean {
  const content = ({ directory: _, ...rest }: Sweep): string => JSON.stringify(rest);
  return content(a) === content(b);
}

/** Refuses to change what is being measured: processes on their way would look for shards that are gone. */
function refuseInUse(folder: string): void {
  const locks = existsSync(folder) ? readdirSync(folder).filter((name) => /^here-.*\.lock$/.test(name)) : [];
  for (const name of locks) {
    const held = lookAtLock(join(folder, name));
    if (held === null) continue;
    throw new FailureError(
      `sweep: ${printable(folder)} is being measured, by ${holderText(held.holder)}, and the plan is another; wait until it has ended, or end it with attnbench sweep cancel`,
    );
  }
}

/** The sweep that a folder holds; null if there is none, or one that is damaged, which is made anew. */
function readable(folder: string): Sweep | null {
  if (!isSweep(folder)) return null;
  try {
    return readSweep(folder);
  } catch (thrown) {
    if (thrown instanceof FailureError) return null;
    throw thrown;
  }
}

/** Refuses a folder that is something else, or another sweep. */
function refuseOther(folder: string, { name }: Pick<Sweep, "name">, before: Sweep | null): void {
  if (!existsSync(folder) || before?.name === name || (before === null && isSweep(folder))) return;
  if (before !== null) {
    throw new UsageError(
      `sweep: ${printable(folder)} is the folder of the sweep ${before.name}, got ${name}; name another with --out`,
    );
  }
  let entries: readonly string[];
  try {
    entries = readdirSync(folder);
  } catch {
    throw new UsageError(`sweep: ${printable(folder)} must be a folder, got a file; name another with --out`);
  }
  // A kill may have left the plan alone.
  if (entries.every((entry) => ["plan.yaml", "shards", "logs"].includes(entry) || entry.endsWith(".draft")))
    return;
  throw new UsageError(
    `sweep: ${printable(folder)} must be empty or a sweep's own, got other files in it; name another with --out`,
  );
}
