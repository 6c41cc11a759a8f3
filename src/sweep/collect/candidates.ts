import { existsSync, statSync } from "node:fs";
import { piecesOf } from "../../files/read-pieces.ts";
import type { OpenRuns } from "../../record/collection/open-runs.ts";
import { BASELINE } from "../../record/schema/baseline.ts";
import { placesIn } from "../folder.ts";
import type { ShardFiles } from "../states.ts";
import type { Sweep } from "../sweep-file.ts";
import type { RunSource } from "./copy-run.ts";
import { collectedSource, shardSource } from "./sources.ts";

/** Where the results of a shard may be taken from. */
export interface Candidate {
  /** Its file in the folder, done or under way, or an earlier collection. */
  readonly kind: "done" | "part" | "earlier";
  readonly source: RunSource;
}

/** What may be collected. */
export interface Collectable {
  readonly folder: string;
  readonly files: ShardFiles;
  /** Whether parts of shards under way are. */
  readonly partial: boolean;
  /** The collection that is extended; null if it is new. */
  readonly earlier: { readonly path: string; readonly runs: OpenRuns } | null;
}

/**
 * The shards that may be collected, in the order of their names, each with what it may be taken from, the best first: what is
 * done, before more or less of what is not.
 */
export function candidates(
  { name: sweep, baseline = BASELINE, shards }: Sweep,
  { folder, files, partial, earlier }: Collectable,
): ReadonlyMap<string, readonly Candidate[]> {
  const places = placesIn(folder);
  const found = new Map<string, Candidate[]>();
  for (const shard of shards) {
    const expected = { sweep, baseline, shard };
    if (files.isDone(shard)) {
      const source = shardSource(places.done(shard.name), expected, true);
      found.set(shard.name, [{ kind: "done", source }]);
    } else if (partial && hasLine(places.part(shard.name))) {
      const source = shardSource(places.part(shard.name), expected, false);
      found.set(shard.name, [{ kind: "part", source }]);
    }
  }
  if (earlier !== null) {
    const { path, runs } = earlier;
    for (const run of runs.index) {
      const { name = "" } = run.head.shard ?? {};
      const source = collectedSource(path, run, () => runs.pieces(run));
      const own = found.get(name) ?? [];
      const isMore = own[0]?.kind === "part" && run.to - run.from > statSync(places.part(name)).size;
      found.set(name, isMore ? [{ kind: "earlier", source }, ...own] : [...own, { kind: "earlier", source }]);
    }
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Whether anything was written whole: a process that was killed at once leaves less. */
function hasLine(path: string): boolean {
  if (!existsSync(path)) return false;
  for (const piece of piecesOf(path)) if (piece.includes(0x0a)) return true;
  return false;
}
