/** What an option of `attnbench run` is given: a word, whether a switch is on, or several words. */
export type OptionValue = string | boolean | readonly string[];

/** Options of `attnbench run`, by their names there without dashes in front. */
export type RunOptions = Readonly<Record<string, OptionValue>>;

/** What the option of a name takes: nothing but whether it is on, a word, a list between commas, or several words. */
export type OptionForm = "switch" | "word" | "commas" | "repeated";

/** Values that the grid goes through; null where the option is left out. */
export interface Axis {
  readonly option: string;
  readonly values: readonly (OptionValue | null)[];
}

/** A sweep as it was planned, read and validated but for what only `run` can say of its options. */
export interface SweepPlan {
  /** Small letters, digits and dashes. */
  readonly name: string;
  readonly engine: string;
  /** The variant that every shard measures beside its own. */
  readonly baseline: string;
  readonly repeats: number;
  readonly shard: ShardBounds;
  /** As `run` takes them; undefined for its usual ones. */
  readonly variants: string | undefined;
  readonly lengths: string | undefined;
  /** In the order of their names: that of the plan means nothing. */
  readonly axes: readonly Axis[];
  /** Settings that are left out: those that agree with one of these in all that it says. */
  readonly exclude: readonly Readonly<Record<string, OptionValue | null>>[];
  /** Options that are the same in all settings. */
  readonly settings: RunOptions;
  /** In the order of their names; one at least. */
  readonly machines: readonly MachineClass[];
}

/** What a shard should not exceed. */
export interface ShardBounds {
  /** Seconds that it is expected to take, which are also its run's budget. */
  readonly seconds: number;
  readonly cases: number;
}

/** Machines whose times may be pooled, with what the plan says of them for each engine. */
export interface MachineClass {
  readonly name: string;
  /** By the names of engines, validated by theirs. */
  readonly settings: Readonly<Record<string, unknown>>;
}
