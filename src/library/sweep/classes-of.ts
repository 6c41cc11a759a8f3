import { printable, UsageError } from "../../core/errors.ts";
import type { Sweep } from "../../sweep/sweep-file.ts";

/**
 * The classes whose shards an engine has: the one named; otherwise the plan's only one, or those of which it says something
 * for that engine, since some machines must not pass for others unasked.
 */
export function classesOf(
  { name, machines }: Pick<Sweep, "name" | "machines">,
  engine: string,
  machine: string | undefined,
): readonly string[] {
  const known = Object.keys(machines);
  if (machine !== undefined) {
    if (known.includes(machine)) return [machine];
    throw new UsageError(
      `--machine: must be a class of the sweep, got '${printable(machine, 60)}'; it has ${known.join(", ")}`,
    );
  }
  if (known.length === 1) return known;
  const told = known.filter((one) => Object.hasOwn(machines[one], engine));
  if (told.length > 0) return told;
  throw new UsageError(
    `sweep: machines must be of one class, and ${name} has ${known.join(", ")}, none of which the plan has settings for with ${engine}; add them, or say which class it is with --machine`,
  );
}
