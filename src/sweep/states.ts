import { readdirSync, readFileSync } from "node:fs";
import { FailureError, messageOf, printable, UsageError } from "../core/errors.ts";
import { lookAtLock } from "../files/lock-file.ts";
import { replaceFile } from "../files/replace-file.ts";
import { whyDamaged } from "./done-file.ts";
import type { ShardState } from "./engines/engine.ts";
import { ENDINGS, placesIn } from "./folder.ts";
import type { Shard } from "./shard.ts";

/**
 * Seconds without a word after which whoever measures a shard on another machine counts as dead: a single check of a long
 * case may take many minutes.
 */
export const SHARD_SILENCE_S = 1800;

/** The lock of a shard, and not one that is being taken. */
const LOCK = /^[0-9a-f]{16}\.lock$/;

/** How far a shard is, as its files tell. */
export interface FileStanding {
  readonly state: ShardState;
  /** Whether some of it was measured, while it waits. */
  readonly begun: boolean;
  /** Why it ended, if it failed. */
  readonly reason?: string;
}

/** What the files of a sweep tell of its shards, read in one look at the folder. */
export class ShardFiles {
  readonly #folder: string;
  readonly #names: ReadonlySet<string>;

  constructor(folder: string) {
    this.#folder = folder;
    this.#names = new Set(namesIn(placesIn(folder).shards));
  }

  /** Whether it has a file of results that are said to be all. What is in it was not looked at. */
  isDone({ name }: Pick<Shard, "name">): boolean {
    return this.#names.has(`${name}${ENDINGS.done}`);
  }

  /** How far it is. One with results is done if a short look at them finds nothing wrong; others have failed. */
  of({ name }: Pick<Shard, "name">): FileStanding {
    const has = (ending: string): boolean => this.#names.has(`${name}${ending}`);
    const damage = this.isDone({ name }) ? whyNotWhole(this.#folder, name) : null;
    if (this.isDone({ name }) && damage === null) return { state: "done", begun: true };
    const begun = has(ENDINGS.part);
    const places = placesIn(this.#folder);
    if (has(ENDINGS.lock) && lookAtLock(places.lock(name), SHARD_SILENCE_S) !== null) {
      return { state: "running", begun };
    }
    if (damage !== null) return { state: "failed", begun, reason: damage };
    if (has(ENDINGS.failed)) return { state: "failed", begun, reason: reasonIn(places.failed(name)) };
    return { state: "waiting", begun };
  }

  /** Names of shards that have a lock, alive or not. */
  locked(): readonly string[] {
    return [...this.#names]
      .filter((name) => LOCK.test(name))
      .map((name) => name.slice(0, -ENDINGS.lock.length));
  }

  /** Results that are done of shards that the sweep no longer has, as after its plan was edited. */
  strays(shards: readonly Shard[]): readonly string[] {
    const known = new Set(shards.map(({ name }) => `${name}${ENDINGS.done}`));
    return [...this.#names].filter((name) => /^[0-9a-f]{16}\.jsonl$/.test(name) && !known.has(name)).sort();
  }
}

/** Remembers why a shard ended without being done. */
export function writeFailed(folder: string, { name }: Pick<Shard, "name">, reason: string, at: Date): void {
  replaceFile(placesIn(folder).failed(name), `${at.toISOString()} ${printable(reason, 2000)}\n`);
}

/** Why results are damaged, and what becomes of them; null if no look at them tells so. */
function whyNotWhole(folder: string, name: string): string | null {
  const advice = "attnbench sweep resume sets it aside, and has it measured anew";
  try {
    const why = whyDamaged(folder, name);
    return why === null ? null : `${why}; ${advice}`;
  } catch (thrown) {
    if (!(thrown instanceof FailureError || thrown instanceof UsageError)) throw thrown;
    return thrown.message;
  }
}

function reasonIn(path: string): string {
  try {
    return printable(readFileSync(path, "utf8").trim().replace(/^\S+ /, ""), 500);
  } catch (thrown) {
    return `it failed, and why cannot be read: ${messageOf(thrown)}`;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
