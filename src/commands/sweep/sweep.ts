import { join } from "node:path";
import { plannedSweep, writePlanned } from "../../library/sweep/begin.ts";
import { hostOf } from "../host-of.ts";
import { EXIT, type ExitCode, type Io } from "../io.ts";
import { progressDisplay } from "../run-progress.ts";
import { printSweep } from "./print-sweep.ts";

/** What was typed; undefined if it was not. */
export interface SweepOptions {
  readonly plan: string;
  readonly out: string | undefined;
  readonly engine: string | undefined;
  readonly machine: string | undefined;
  readonly dryRun: boolean;
  readonly json: boolean;
}

/** Makes the shards of a plan, and has them measured. */
export async function sweep(options: SweepOptions, io: Io): Promise<ExitCode> {
  const display = progressDisplay(io);
  const planned = await plannedSweep(options.plan, hostOf(io, display.update)).finally(display.stop);
  if (options.dryRun) {
    printSweep(planned, options, io);
    return EXIT.fine;
  }
  const folder = options.out ?? join("sweeps", planned.sweep.name);
  writePlanned(folder, planned);
  return EXIT.fine;
}
