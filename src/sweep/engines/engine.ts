import type * as z from "zod";
import type { Shard } from "../shard.ts";

/** How far a shard is, as its engine and its files tell. */
export type ShardState = "waiting" | "running" | "done" | "failed";

/** What an engine is handed: the folder is all that a machine of the sweep needs to see. */
export interface Submission<Settings = unknown> {
  /** The sweep's folder, absolute: see `folder.ts`. */
  readonly folder: string;
  readonly sweep: string;
  /** The class of machines, with the settings that the plan has for this engine, validated by the engine's own schema. */
  readonly machine: string;
  readonly settings: Settings;
  /** Shards of that class that are not done, in order. */
  readonly shards: readonly Shard[];
  /**
   * The words that start attnbench on this machine, without a shell: an absolute Node and the launcher. An engine whose
   * machines have it elsewhere has a setting for that.
   */
  readonly program: readonly string[];
  /** Where the sweep was begun, absolute: files that its plan names are found from there, as those of `run` are. */
  readonly directory: string;
}

/** What of a submission is still to be expected, by positions among its shards, in order. */
export interface Standing {
  readonly waiting: readonly number[];
  readonly running: readonly number[];
  /** What keeps shards waiting that may need a person, a line each, in the engine's own words. */
  readonly remarks?: readonly string[];
}

/** Something that measures shards elsewhere, and keeps its own account of them. */
export interface Engine<Settings = unknown> {
  readonly id: string;
  /** What a plan may say of a class of machines for this engine; a plan that says nothing has `{}` validated. */
  readonly settings: z.ZodType<Settings>;
  /** The files that it needs, by their paths in the sweep's folder, for a person to read and change. Pure. */
  files(submission: Submission<Settings>): ReadonlyMap<string, string>;
  /**
   * Hands the shards over, by the files as they are in the folder now. Returns what they are known by there: one line,
   * which nothing but `look` and `cancel` reads, so that it may name several jobs.
   */
  submit(submission: Submission<Settings>): Promise<string>;
  /** What was handed over under that id and is still expected; neither is in it: it ended, well or not. */
  look(id: string): Promise<Standing>;
  cancel(id: string): Promise<void>;
}
