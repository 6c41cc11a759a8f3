import { printable, UsageError } from "../../../core/errors.ts";
import type { Shard } from "../../shard.ts";
import { WORK_EXIT } from "../../work-exit.ts";
import type { Submission } from "../engine.ts";
import { bashArray, bashWord } from "./bash-words.ts";
import { body } from "./body.ts";
import { header } from "./header.ts";
import { isWord, type SlurmSettings } from "./settings.ts";
import { tasksOf } from "./tasks.ts";

/** The most shards of a script: each is a line of it, and Slurm takes scripts of 4 MiB. */
const MOST_SHARDS = 100_000;

/** Of a class of machines, in the sweep's folder. */
export function scriptPath(machine: string): string {
  return `slurm/${plainName("a class", machine)}.sbatch`;
}

/**
 * The script that measures a class's shards, for `sbatch`. It holds their names, since Slurm keeps a copy of a script and of
 * no other file: a task that starts days later, after the sweep was resumed, still measures what it was made for. Nothing of
 * the plan is executed: in `#SBATCH` lines is what has a strict form, and all other text is in words that bash takes as they
 * are. The sweep's folder is where it is submitted, and not in it.
 */
export function script(submission: Submission<SlurmSettings>): string {
  const { sweep, machine, settings, shards, directory } = submission;
  const path = scriptPath(machine);
  if (!(shards.length >= 1 && shards.length <= MOST_SHARDS)) {
    throw new UsageError(
      `machines.${machine}.slurm: an array has 1 to ${MOST_SHARDS} shards, got ${shards.length}; make shards larger, or sweeps smaller`,
    );
  }
  const tasks = tasksOf(shards, settings);
  const program = settings.program ?? submission.program;
  for (const text of [...program, directory]) refuseUnwritable(text);
  return `#!/bin/bash${settings.modules.length > 0 ? " -l" : ""}
# Measures shards of the sweep ${plainName("a sweep", sweep)} on machines of the class ${machine}, by Slurm. Written by
# attnbench; you may change it. By hand, in the sweep's folder: sbatch ${path}
#
${header(`attnbench-${sweep}-${machine}`, shards.length, tasks, settings).join("\n")}

# The sweep's shards by name. Task i of the array measures those at i, i + tasks, i + 2 tasks and so on.
shards=${bashArray(shards.map(nameOf))}
tasks=${tasks.tasks}
cpus=${tasks.cpus}
# The words that start attnbench, and where files are found that the plan names.
attnbench=${bashArray(program)}
directory=${bashWord(directory)}
# What attnbench ends with if the same words go on with a shard, now or later.
again=${WORK_EXIT.again}
${settings.modules.map((one) => `module load ${one}\n`).join("")}${body(path)}`;
}

function nameOf({ name }: Shard): string {
  if (/^[0-9a-f]{16}$/.test(name)) return name;
  throw new UsageError(`a shard: must be named by 16 hexadecimal digits, got '${printable(name, 40)}'`);
}

function plainName(what: string, name: string): string {
  if (/^[a-z0-9][a-z0-9-]{0,39}$/.test(name)) return name;
  throw new UsageError(
    `${what}: must be named by small letters, digits and dashes, got '${printable(name, 60)}'`,
  );
}

function refuseUnwritable(text: string): void {
  if (isWord(text)) return;
  throw new UsageError(
    `slurm: words and paths of a script must be of at most 4000 characters, without NUL, got '${printable(text, 60)}'`,
  );
}
