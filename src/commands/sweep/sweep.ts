import { join } from "node:path";
import { printable } from "../../core/errors.ts";
import { plannedSweep, writePlanned } from "../../library/sweep/begin.ts";
import { settingsOf } from "../../library/sweep/hand-over.ts";
import { refuseMissingProcessors, whyNoProcessors } from "../../library/sweep/local-settings.ts";
import { engineOf, LOCAL } from "../../sweep/engines/engines.ts";
import type { Sweep } from "../../sweep/sweep-file.ts";
import { countText } from "../../text/count-text.ts";
import { hostOf } from "../host-of.ts";
import { EXIT, type ExitCode, type Io, note } from "../io.ts";
import { progressDisplay } from "../run-progress.ts";
import { type CarryOnOptions, carryOn, chosenOf, engineNamed } from "./carry-on.ts";
import { printSweep } from "./print-sweep.ts";

/** What was typed; undefined if it was not. */
export interface SweepOptions extends CarryOnOptions {
  readonly plan: string;
  readonly out: string | undefined;
  readonly dryRun: boolean;
  readonly json: boolean;
}

/** Makes the shards of a plan, and has them measured. */
export async function sweepPlan(options: SweepOptions, io: Io): Promise<ExitCode> {
  const display = progressDisplay(io);
  const planned = await plannedSweep(options.plan, hostOf(io, display.update)).finally(display.stop);
  const { sweep: made } = planned;
  // Whatever cannot be measured is refused before anything is written.
  if (options.dryRun) {
    const named = engineNamed(made, options);
    printSweep(planned, { ...options, engine: named }, io);
    if (named === LOCAL) warnOfProcessors(made, options.machine, io);
    return EXIT.fine;
  }
  const { engine: name, classes } = chosenOf(made, options);
  const engine = engineOf(name);
  if (engine !== null) for (const one of classes) settingsOf(engine, made, one);
  else if (!options.filesOnly) refuseMissingProcessors(made, classes);
  const folder = options.out ?? join("sweeps", made.name);
  // The engine that was typed is the sweep's from now on.
  const sweep = { ...made, engine: name };
  writePlanned(folder, { ...planned, sweep });
  note(io, `${made.name}: ${countText(made.shards.length, "shard")} in ${printable(folder)}`);
  return carryOn(folder, sweep, options, io);
}

/** Of classes that are for this machine or another, which a dry run cannot know. */
function warnOfProcessors(sweep: Sweep, machine: string | undefined, io: Io): void {
  for (const one of machine === undefined ? Object.keys(sweep.machines) : [machine]) {
    const why = whyNoProcessors(sweep, one);
    if (why !== null) note(io, `warning: ${why}; it cannot be measured here`);
  }
}
