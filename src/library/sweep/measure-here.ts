import { hostname } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { FailureError, printable } from "../../core/errors.ts";
import { holderText, isVisible, lockOrRefuse, lookAtLock } from "../../files/lock-file.ts";
import { measureShard } from "../../sweep/engines/local/measure-shard.ts";
import { placesIn } from "../../sweep/folder.ts";
import type { Shard } from "../../sweep/shard.ts";
import { SHARD_SILENCE_S, ShardFiles, writeFailed } from "../../sweep/states.ts";
import type { Sweep } from "../../sweep/sweep-file.ts";
import type { Host } from "../host.ts";
import { localSettingsOf, refuseMissingProcessors } from "./local-settings.ts";
import { programWords } from "./program.ts";
import { shardText } from "./shard-text.ts";

/** What became of the shards that were to be measured here. */
export interface MeasuredHere {
  readonly done: number;
  readonly failed: readonly { readonly shard: Shard; readonly reason: string }[];
  /** Shards that are still to be measured, here or elsewhere. */
  readonly left: number;
}

/** Seconds from one sign of life to the next, and between looks at a process that must end first. */
const REFRESH_S = 60;
const LOOK_S = 1;
/** Milliseconds of no wait. */
const SECOND_MS = 1000;

/**
 * Measures the shards of some classes here that are not done, one after another, each in a process of its own. One that
 * fails does not end the others. An interrupt ends it, and everything measured is kept.
 */
export async function measureHere(
  folder: string,
  sweep: Sweep,
  classes: readonly string[],
  host: Host,
): Promise<MeasuredHere> {
  refuseMissingProcessors(sweep, classes);
  const { signal } = host;
  const places = placesIn(folder);
  const lock = lockOrRefuse(places.here(hostname()), `sweep: ${printable(folder)}`);
  const alive = setInterval(() => lock.refresh(), REFRESH_S * SECOND_MS);
  try {
    await untilQuiet(folder, host);
    const before = new ShardFiles(folder);
    const own = sweep.shards.filter((one) => classes.includes(one.machine));
    const todo = own.filter((one) => !before.isDone(one));
    const progress = new SweepProgress(own, todo, host);
    const failed: { shard: Shard; reason: string }[] = [];
    for (const shard of todo) {
      if (signal.aborted) break;
      progress.begin(shard);
      const settings = localSettingsOf(sweep, shard.machine);
      const program = programWords();
      const hear = (line: string) => progress.tell(shard, line);
      const how = await measureShard({ folder, shard: shard.name, settings, program, signal, hear });
      // Its results may be complete where the log had no room.
      if (how.end === "failed" && !signal.aborted && !new ShardFiles(folder).isDone(shard)) {
        const reason = told(folder, shard, how.reason, host);
        failed.push({ shard, reason });
        host.warn(`${shard.name} failed: ${reason}`);
      }
      progress.end(shard);
    }
    const after = new ShardFiles(folder);
    const left = sweep.shards.filter((one) => !after.isDone(one)).length;
    return { done: own.filter((one) => after.isDone(one)).length, failed, left };
  } finally {
    clearInterval(alive);
    lock.release();
  }
}

/** Why a shard failed, which is in the folder unless its process could not say so, and from then on in any case. */
function told(folder: string, shard: Shard, heard: string, { today }: Host): string {
  const { state, reason } = new ShardFiles(folder).of(shard);
  if (state === "failed" && reason !== undefined) return reason;
  try {
    writeFailed(folder, shard, heard, today());
  } catch (thrown) {
    // On a full disk it is told all the same.
    if (!(thrown instanceof FailureError)) throw thrown;
  }
  return heard;
}

/** Waits for shards that other processes of this machine still measure, as those of a sweep that was killed. */
async function untilQuiet(folder: string, { signal, remark }: Host): Promise<void> {
  const places = placesIn(folder);
  for (const name of new ShardFiles(folder).locked()) {
    for (let looks = 0; !signal.aborted; looks++) {
      const held = lookAtLock(places.lock(name), SHARD_SILENCE_S);
      if (held?.holder == null || !isVisible(held.holder)) break;
      if (looks === 0)
        remark(`${name} is still being measured, by ${holderText(held.holder)}; waiting for its end`);
      await pause(LOOK_S * SECOND_MS, undefined, { signal }).catch(() => {});
    }
  }
}

/** How far a sweep is, and how long the rest takes if it goes on as it went. */
class SweepProgress {
  readonly #host: Host;
  readonly #total: number;
  #done: number;
  /** Predicted seconds of what is left, and of what was measured in `#spent` seconds. */
  #left: number;
  #predicted = 0;
  #spent = 0;
  #began = 0;

  constructor(all: readonly Shard[], todo: readonly Shard[], host: Host) {
    this.#host = host;
    this.#total = all.length;
    this.#done = all.length - todo.length;
    this.#left = todo.reduce((sum, { predicted_s }) => sum + predicted_s, 0);
  }

  begin(shard: Shard): void {
    this.#began = this.#host.now();
    this.tell(shard, "");
  }

  /** `said` is what the shard's process said last. */
  tell(shard: Shard, said: string): void {
    const text = said === "" ? shardText(shard, 60) : said;
    const pace = this.#predicted > 0 ? this.#spent / this.#predicted : 1;
    const under = Math.min(this.#host.now() - this.#began, pace * shard.predicted_s);
    const secondsLeft = Math.max(0, pace * this.#left - under);
    this.#host.observe({ phase: "sweep", case: text, done: this.#done, total: this.#total, secondsLeft });
  }

  end({ predicted_s }: Shard): void {
    this.#done++;
    this.#left -= predicted_s;
    this.#predicted += predicted_s;
    this.#spent += this.#host.now() - this.#began;
  }
}
