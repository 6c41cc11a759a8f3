import { lstatSync } from "node:fs";
import { printable } from "../../core/errors.ts";
import { piecesOf } from "../../files/read-pieces.ts";
import type { IndexedRun } from "../../record/collection/open-runs.ts";
import type { PlacedRun } from "../../record/collection/run-reader.ts";
import { BASELINE } from "../../record/schema/baseline.ts";
import { countText } from "../../text/count-text.ts";
import type { Shard } from "../shard.ts";
import type { RunSource } from "./copy-run.ts";

/** A shard of a sweep, as its files should say. */
export interface Expected {
  readonly sweep: string;
  readonly baseline: string;
  readonly shard: Pick<Shard, "name" | "machine" | "repeat">;
}

/** The file of a shard; of one that is done all is in it. */
export function shardSource(path: string, expected: Expected, isDone: boolean): RunSource {
  const where = printable(path);
  return {
    path,
    pieces: () => piecesOf(path),
    whyNot(run) {
      const why = whyNotOf(run, expected) ?? (isDone ? whyNotDone(run) : null);
      return why === null ? null : `${where}: ${why}`;
    },
  };
}

/** A run of a collection that was written before. */
export function collectedSource(
  path: string,
  { number, from }: IndexedRun,
  pieces: () => Iterable<Buffer>,
): RunSource {
  return { path, place: { number, from }, pieces, whyNot: () => null };
}

/** Why a path is not to be read as a shard's file; null if it is one. */
export function whyNoFile(path: string): string | null {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats?.isFile() === true) return null;
  return `${printable(path)}: must be a regular file, got ${stats === undefined ? "none" : "a link, a folder or a device"}`;
}

function whyNotOf({ run }: PlacedRun, { sweep, baseline, shard }: Expected): string | null {
  const { shard: told } = run;
  if (told === undefined) return "must be a shard's results, got those of a run that is no shard";
  for (const field of ["name", "machine", "repeat"] as const) {
    if (told[field] === shard[field]) continue;
    return `the shard's ${field} must be ${shard[field]}, got ${told[field]}`;
  }
  const { baseline: over = BASELINE } = told;
  if (over !== baseline) return `the shard's baseline must be ${baseline}, got ${printable(over, 40)}`;
  return told.sweep === sweep ? null : `must be of the sweep ${sweep}, got one of ${told.sweep}`;
}

/** Every case of a run that has ended has its outcome. */
function whyNotDone({ run, lines, truncated }: PlacedRun): string | null {
  if (truncated) return "ends within a line";
  const told = new Set(lines.flatMap((line) => (line.type === "case" ? [line.case] : [])));
  const untold = run.plan.cases.filter((one) => !told.has(one.case)).length;
  if (untold === 0) return null;
  return `must have an outcome of every case, got none of ${countText(untold, "case")}; it was cut off`;
}
