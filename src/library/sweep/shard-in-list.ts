import { isAbsolute, join, normalize } from "node:path";
import { printable, UsageError } from "../../core/errors.ts";
import { readWhole } from "../../files/read-whole.ts";
import { parseInteger } from "../../text/units.ts";

/** The name of a shard that a file in the sweep's folder lists at a line, from 0: what engines that count have. */
export function shardInList(folder: string, list: string, index: string): string {
  if (isAbsolute(list) || normalize(list).startsWith("..")) {
    throw new UsageError(
      `--list: must be a file in the sweep's folder, by its path there, got '${printable(list)}'`,
    );
  }
  const names = readWhole(join(folder, list))
    .toString("utf8")
    .split("\n")
    .filter((line) => line.trim() !== "");
  return names[parseInteger("--index", index, 0, names.length - 1)].trim();
}
