import { printable, UsageError } from "../../core/errors.ts";
import { LOCAL } from "../../sweep/engines/engines.ts";
import type { Sweep } from "../../sweep/sweep-file.ts";

/**
 * The classes whose shards an engine has: the one named; otherwise those of which the plan says something for that engine, or
 * its only one if it says nothing of that for any: some machines must not pass for others unasked.
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
  const isPlain = known.length === 1 && Object.keys(machines[known[0]]).length === 0;
  if (isPlain) return known;
  const told = known.filter((one) => Object.hasOwn(machines[one], engine));
  if (told.length > 0) return told;
  if (known.length === 1) {
    const others = Object.keys(machines[known[0]]).join(", ");
    const whose = engine === LOCAL ? "this machine is one" : "its machines are such";
    throw new UsageError(
      `sweep: the plan has settings of ${known[0]} with ${others}, and none with ${engine}; add them, or say that ${whose} with --machine ${known[0]}`,
    );
  }
  throw new UsageError(
    `sweep: machines must be of one class, and ${name} has ${known.join(", ")}, none of which the plan has settings for with ${engine}; add them, or say which class it is with --machine`,
  );
}
