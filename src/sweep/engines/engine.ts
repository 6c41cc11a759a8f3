import type { Shard } from "../shard.ts";

/** How far a shard is, as its engine and its files tell. */
export type ShardState = "waiting" | "running" | "done" | "failed";

/** What an engine is handed: the folder is all that a machine of the sweep needs to see. */
export interface Submission {
  /** The sweep's folder, absolute: see `folder.ts`. */
  readonly folder: string;
  readonly sweep: string;
  /** The class of machines, with the settings that the plan has for this engine, validated by the engine's own schema. */
  readonly machine: string;
  readonly settings: unknown;
  /** Shards of that class that are not done, in order. */
  readonly shards: readonly Shard[];
}

/** Something that measures shards elsewhere, and keeps its own account of them. */
export interface Engine {
  readonly id: string;
  /** The files that it needs, by their paths in the sweep's folder, for a person to read and change. Pure. */
  files(submission: Submission): ReadonlyMap<string, string>;
  /** Hands the shards over. Returns what it is known by there, such as a job's id. */
  submit(submission: Submission): Promise<string>;
  /** How many of the shards handed over under that id still wait or run there. */
  look(id: string): Promise<{ readonly waiting: number; readonly running: number }>;
  cancel(id: string): Promise<void>;
}
