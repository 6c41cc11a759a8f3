import { existsSync, readdirSync } from "node:fs";
import process from "node:process";
import { FailureError, printable, UsageError } from "../../core/errors.ts";
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
  const shards = await planSweep(read, host);
  const sweep = {
    name,
    engine,
    directory: process.cwd(),
    machines: Object.fromEntries(machines.map((one) => [one.name, { ...one.settings }])),
    shards,
  };
  return { sweep, text, read };
}

/** Writes a planned sweep into its folder, which is made if it is missing; what was measured there stays. */
export function writePlanned(folder: string, { sweep, text }: PlannedSweep): void {
  refuseOther(folder, sweep);
  const places = placesIn(folder);
  try {
    for (const one of [folder, places.shards, places.logs]) makeFolder(one);
  } catch (thrown) {
    throw new FailureError(`sweep: ${printable(folder)} cannot be made, ${whyNotWritten(thrown)}`);
  }
  replaceFile(places.plan, text);
  writeSweep(folder, sweep);
}

/** Refuses a folder that is something else, or another sweep. */
function refuseOther(folder: string, { name }: Pick<Sweep, "name">): void {
  if (!existsSync(folder)) return;
  if (isSweep(folder)) {
    const before = readSweep(folder).name;
    if (before === name) return;
    throw new UsageError(
      `sweep: ${printable(folder)} is the folder of the sweep ${before}, got ${name}; name another with --out`,
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
