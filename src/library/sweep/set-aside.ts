import { existsSync } from "node:fs";
import { printable } from "../../core/errors.ts";
import { takeLock } from "../../files/lock-file.ts";
import { whyDamaged } from "../../sweep/done-file.ts";
import { placesIn } from "../../sweep/folder.ts";
import { moveAside } from "../../sweep/move-aside.ts";
import type { Shard } from "../../sweep/shard.ts";
import { SHARD_SILENCE_S, ShardFiles } from "../../sweep/states.ts";
import type { Host } from "../host.ts";

/** Sets results aside that count as done and are damaged, so that their shards are measured anew. Each is told. */
export function setAllDamagedAside(folder: string, shards: readonly Shard[], host: Pick<Host, "warn">): void {
  const files = new ShardFiles(folder);
  for (const shard of shards) {
    if (!files.isDone(shard) || whyDamaged(folder, shard.name) === null) continue;
    const taken = takeLock(placesIn(folder).lock(shard.name), SHARD_SILENCE_S);
    // Somebody else is at it.
    if (!("lock" in taken)) continue;
    try {
      // They may have set it aside, and measured it anew, in the meantime.
      setDamagedAside(folder, shard.name, host);
    } finally {
      taken.lock.release();
    }
  }
}

/** The same of one shard, whose lock this process has. */
export function setDamagedAside(folder: string, name: string, { warn }: Pick<Host, "warn">): void {
  const why = existsSync(placesIn(folder).done(name)) ? whyDamaged(folder, name) : null;
  if (why === null) return;
  warn(`${why}; it is kept as ${printable(moveAside(folder, name, "done"))}, and measured anew`);
}
