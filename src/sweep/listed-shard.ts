import { join } from "node:path";
import { printable, UsageError } from "../core/errors.ts";
import { readWhole } from "../files/read-whole.ts";
import { parseInteger, type Typed } from "../text/units.ts";

/** The most lines of a list. */
const MOST = 10_000_000;

/**
 * The name of the shard at a position, from 0, in a list of names in the sweep's folder, one a line: how an engine that
 * counts its tasks tells one which shard is its own.
 */
export function listedShard(folder: string, list: string, index: Typed): string {
  const where = `--list ${printable(list, 80)}`;
  if (list.startsWith("/") || list.split(/[/\\]/).includes("..")) {
    throw new UsageError(`${where}: must be a file in the sweep's folder, named from there`);
  }
  const at = parseInteger("--index", index, 0, MOST);
  const names = readWhole(join(folder, list)).toString("utf8").split("\n").filter(Boolean);
  if (at < names.length) return names[at];
  throw new UsageError(
    `--index: must be less than the ${names.length} lines of ${printable(list, 80)}, got ${at}`,
  );
}
