/** What one shard measured of a case: a block of its rounds, in one process on one machine. */
export interface ShardTimes {
  /** The first of its rounds; those of another shard have other numbers. */
  readonly block: number;
  /** The round after its last. */
  readonly end: number;
  /** Median over its rounds, in seconds, and the ends of its 95 % interval; null under six rounds. */
  readonly median_s: number;
  readonly low_s: number | null;
  readonly high_s: number | null;
  /** As in `CaseLine`. */
  readonly prepare_s: number | null;
}

/** The shards of a sweep whose runs were merged: of one class of machines, in one place. */
export interface MergedShards {
  readonly sweep: string;
  /** The class. */
  readonly machine: string;
  /** In the order in which their rounds are numbered. */
  readonly shards: readonly MergedShard[];
  /** How many rounds were planned of a case in all shards together, by its name. */
  readonly planned: ReadonlyMap<string, number>;
}

export interface MergedShard {
  /** By content, as in `src/sweep/shard.ts`. */
  readonly name: string;
  readonly repeat: number;
  readonly started: string;
  /** One-minute load average when it began; null if unknown. */
  readonly load: number | null;
  /** Its rounds: from `block` on, and under `end`. */
  readonly block: number;
  readonly end: number;
  readonly seed: number;
  readonly input: string;
  /** The processors that it might run on; null if all. */
  readonly cores_allowed: string | null;
}
