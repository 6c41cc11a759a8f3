import type { Place } from "../compare/place.ts";

/** What was measured of one commit on one machine at one time, as a line of the file has it. */
export interface StoredEntry {
  /** SHA-256 of everything else here, in 16 hexadecimal digits: the same entry, added twice or on two branches, is one. */
  readonly id: string;
  /** 40 or 64 hexadecimal digits. */
  readonly commit: string;
  /** When it was committed, ISO 8601 in UTC. */
  readonly committed: string;
  /** When it was measured. */
  readonly measured: string;
  readonly source: "run" | "gate" | "sweep";
  /** Set if what was measured differed from the commit. */
  readonly dirty?: true | undefined;
  /** The class of machines in a sweep's plan; omitted if it was no sweep. */
  readonly class?: string | undefined;
  /** Machine, runtime and settings, as `compare` sees them. */
  readonly place: Place;
  /** By the names of cells, which may be a stranger's. */
  readonly cells: ReadonlyMap<string, HistoryCell>;
}

/** An entry as its readers want it. */
export interface HistoryEntry extends StoredEntry {
  /** The machine under the numbers, `Machine.name`: equal texts are one machine, as far as `compare` would compare times. */
  readonly machine: string;
  /** What it is, in words. */
  readonly about: string;
}

export interface HistoryCell {
  /** Seconds per call: median over rounds, or over blocks. */
  readonly median_s: number;
  /** Ends of its 95 % interval; omitted if there were too few. */
  readonly low_s?: number | undefined;
  readonly high_s?: number | undefined;
}

/** One cell on one machine, in the order of commits. */
export interface Series {
  readonly cell: string;
  readonly machine: string;
  readonly points: readonly SeriesPoint[];
}

/** A commit: the median over its entries, of those that are not dirty if there are any. */
export interface SeriesPoint {
  readonly commit: string;
  readonly committed: string;
  readonly median_s: number;
}

/** Where a series changed: between `before`, the last commit of the old level, and `first`, the first of the new one. */
export interface ChangePoint {
  /** Of `first` among the points. */
  readonly index: number;
  readonly before: string;
  readonly first: string;
  /**
   * The points among which `first` is, as far as the series tells: their indices, both included. The change came with a
   * commit after the point before the first of them, and no later than the last.
   */
  readonly between: readonly [number, number];
  /** Median after over median before. */
  readonly ratio: number;
  /** Ends of its 95 % interval. */
  readonly low: number;
  readonly high: number;
  /** Of the permutation test. */
  readonly p: number;
}
