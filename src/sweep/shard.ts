/**
 * What is measured together on one machine, because it is to be compared: the baseline and some variants, at the lengths
 * and in the one setting of `options`. Shards are independent of one another.
 */
export interface Shard {
  /**
   * By content: 16 hexadecimal digits of the SHA-256 of everything else here and of what is measured. The same shard of an
   * edited plan keeps its name, and what was measured of it stays.
   */
  readonly name: string;
  /** The class of machines it is measured on, one of the plan's. */
  readonly machine: string;
  /** From 0: the same, measured again in another process. */
  readonly repeat: number;
  /** Options of `attnbench run`, by their names there without dashes in front. */
  readonly options: Readonly<Record<string, string | number | boolean | readonly string[]>>;
  /** How many cases it measures. */
  readonly cases: number;
  /** Seconds that it is expected to take, verification included. */
  readonly predicted_s: number;
}
