import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { placesIn } from "../../../src/sweep/folder.ts";
import type { Shard } from "../../../src/sweep/shard.ts";
import { type Sweep, writeSweep } from "../../../src/sweep/sweep-file.ts";
import { sampleShard, shardName } from "../../record/collection/sample-shards.ts";
import { fileOf } from "../../record/sample-lines.ts";

const MACHINES = ["epyc", "xeon"];

/** A sweep's folder within `parent`, of shards of which none is done. */
export function sampleSweep(
  parent: string,
  shards: number,
): { readonly folder: string; readonly sweep: Sweep } {
  const folder = mkdtempSync(join(parent, "sweep-"));
  mkdirSync(placesIn(folder).shards);
  const sweep: Sweep = {
    name: "zoo",
    engine: "local",
    directory: parent,
    machines: Object.fromEntries(MACHINES.map((machine) => [machine, {}])),
    shards: Array.from({ length: shards }, (_, index) => shardOf(index)),
  };
  writeSweep(folder, sweep);
  return { folder, sweep };
}

function shardOf(index: number): Shard {
  const machine = MACHINES[index % MACHINES.length];
  return { name: shardName(index), machine, repeat: 0, options: {}, cases: 1, predicted_s: 1 };
}

/** The results of a shard of that sweep, as its file holds them. */
export function shardText(index: number, rounds = 2): string {
  return fileOf(sampleShard(index, { machine: MACHINES[index % MACHINES.length], rounds }));
}

/** Has a shard be done, with these results. */
export function putDone(
  folder: string,
  index: number,
  content: string | Uint8Array = shardText(index),
): string {
  const path = placesIn(folder).done(shardName(index));
  writeFileSync(path, content);
  return path;
}
