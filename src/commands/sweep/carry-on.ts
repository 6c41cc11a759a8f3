import { printable, unknownName } from "../../core/errors.ts";
import { classesOf } from "../../library/sweep/classes-of.ts";
import { handOver } from "../../library/sweep/hand-over.ts";
import { measureHere } from "../../library/sweep/measure-here.ts";
import { setAllDamagedAside } from "../../library/sweep/set-aside.ts";
import { ENGINE_SETTINGS, engineOf } from "../../sweep/engines/engines.ts";
import type { Sweep } from "../../sweep/sweep-file.ts";
import { countText } from "../../text/count-text.ts";
import { quotedPath } from "../../text/shell-quoted.ts";
import { hostOf } from "../host-of.ts";
import { EXIT, type ExitCode, type Io, note, print } from "../io.ts";
import { progressDisplay } from "../run-progress.ts";

/** How a sweep goes on, as typed. */
export interface CarryOnOptions {
  /** The sweep's own if undefined. */
  readonly engine: string | undefined;
  readonly machine: string | undefined;
  /** Whether an engine's files are written, and nothing is handed over. */
  readonly filesOnly: boolean;
}

/** Has those shards of a sweep measured that are not: here, until they are, or by an engine. */
export async function carryOn(
  folder: string,
  sweep: Sweep,
  options: CarryOnOptions,
  io: Io,
): Promise<ExitCode> {
  const { engine: name, classes } = chosenOf(sweep, options);
  const engine = engineOf(name);
  const own = sweep.shards.filter(({ machine }) => classes.includes(machine));
  setAllDamagedAside(folder, own, hostOf(io));
  if (engine === null)
    return options.filesOnly ? EXIT.fine : hereUntilDone(folder, sweep, { ...options, classes }, io);
  const typed = typedAgain(options);
  const handed = await handOver(folder, sweep, { engine, classes, filesOnly: options.filesOnly }, hostOf(io));
  for (const { machine: own, shards, id, files } of handed) {
    const what = `${own}: ${countText(shards, "shard")}`;
    const where = files.map((file) => printable(file)).join(", ");
    print(
      io,
      id === null ? `${what} in ${where}` : `${what} handed to ${name} as ${printable(id, 200)} (${where})`,
    );
  }
  if (handed.length === 0) print(io, "nothing to hand over: every shard is done, or expected already");
  const next = handed.some(({ id }) => id === null) ? "resume" : "status";
  note(
    io,
    `${next === "resume" ? "hand over" : "see how far it is"} with: attnbench sweep ${next} ${quotedPath(folder)}${next === "resume" ? typed : ""}`,
  );
  return EXIT.fine;
}

/** The words that say the same engine and class once more: a folder may be another's by default. */
function typedAgain({ engine, machine }: Pick<CarryOnOptions, "engine" | "machine">): string {
  const said = [
    engine === undefined ? "" : ` --engine ${engine}`,
    machine === undefined ? "" : ` --machine ${machine}`,
  ];
  return said.join("");
}

/** The engine and the classes asked for; refuses those that are not there. */
export function chosenOf(
  sweep: Pick<Sweep, "name" | "engine" | "machines">,
  options: Pick<CarryOnOptions, "engine" | "machine">,
): { readonly engine: string; readonly classes: readonly string[] } {
  const engine = engineNamed(sweep, options);
  return { engine, classes: classesOf(sweep, engine, options.machine) };
}

/** The engine that was typed, or the sweep's own; refuses one that is not there. */
export function engineNamed(
  sweep: Pick<Sweep, "engine">,
  { engine = sweep.engine }: Pick<CarryOnOptions, "engine">,
): string {
  if (ENGINE_SETTINGS.has(engine)) return engine;
  throw unknownName("engine", engine, [...ENGINE_SETTINGS.keys()]);
}

async function hereUntilDone(
  folder: string,
  sweep: Sweep,
  { classes, ...typed }: Pick<CarryOnOptions, "engine" | "machine"> & { readonly classes: readonly string[] },
  io: Io,
): Promise<ExitCode> {
  const display = progressDisplay(io);
  const { signal } = io;
  const { done, failed, left } = await measureHere(
    folder,
    sweep,
    classes,
    hostOf(io, display.update),
  ).finally(display.stop);
  const where = quotedPath(folder);
  // With one class there is nothing to tell apart.
  const ofClasses = Object.keys(sweep.machines).length === 1 ? "" : ` of ${classes.join(", ")}`;
  print(io, `${countText(done, "shard")}${ofClasses} done in ${printable(folder)}`);
  for (const { shard, reason } of failed) note(io, `failed: ${shard.name}: ${printable(reason, 500)}`);
  const again = `attnbench sweep resume ${where}${typedAgain(typed)}`;
  if (signal.aborted) {
    note(io, `interrupted; what was measured is kept: go on with ${again}`);
    return EXIT.failed;
  }
  if (failed.length > 0) {
    note(
      io,
      `${countText(failed.length, "shard")} failed: logs are in ${where}/logs, and ${again} tries them again`,
    );
    return EXIT.failed;
  }
  if (left > 0) {
    note(
      io,
      `${countText(left, "shard")} left, for other machines: on one, attnbench sweep resume ${where}${typedAgain({ ...typed, machine: "CLASS" })}`,
    );
  } else note(io, `collect the results with: attnbench sweep collect ${where} --out ${sweep.name}.jsonl`);
  return EXIT.fine;
}
