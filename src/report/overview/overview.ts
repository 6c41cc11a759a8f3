import type { CaseLine, Environment } from "../../record/schema/result-lines.ts";
import type { Axis } from "./facet-names.ts";
import type { Outcomes } from "./outcomes.ts";

/** What is known of a collection without reading it again: everything about it that fits on one page, and can be linked to. */
export interface Overview {
  readonly sweep: string;
  /** What the variants are compared with: its name, safe to print and short. */
  readonly baseline: string;
  readonly uncompared: readonly Uncompared[];
  /** When the first of its shards began, and the last. */
  readonly first: string;
  readonly last: string;
  readonly shards: number;
  readonly repeats: number;
  readonly places: readonly OverviewPlace[];
  /** By class of machines and setting, in the order of classes and axes. */
  readonly facets: readonly Facet[];
  /** Axes on which settings differ. */
  readonly axes: readonly Axis[];
  readonly lines: readonly OverviewLine[];
  readonly outcomes: Outcomes;
  readonly reasons: readonly Reason[];
  /** Cases without a time whose reason is not among those told. */
  readonly unnamed: number;
  /** Settings that one class has and another lacks. */
  readonly lacking: readonly {
    readonly place: number;
    readonly settings: number;
    readonly example: string;
  }[];
}

/** Machines of one class, in one place. */
export interface OverviewPlace {
  /** `epyc`, or `epyc (2)` for another place within the class. */
  readonly label: string;
  readonly machine: string;
  readonly number: number;
  readonly shards: number;
  readonly environment: Environment;
  /** In which fields it differs from the first place of its class. */
  readonly differs: readonly string[];
  readonly outcomes: Outcomes;
}

/** One class of machines in one setting: what a page of its own is about. */
export interface Facet {
  /** As `--facet` takes it: `machine=epyc,head-dim=64`. */
  readonly name: string;
  /** In words, without the class. */
  readonly words: string;
  /** Index of its class. */
  readonly place: number;
  /** Index of its setting, the same for all classes. */
  readonly setting: number;
  readonly values: ReadonlyMap<string, string>;
  readonly shards: number;
  /** How its cases ended, in each shard that measured them. */
  readonly outcomes: Outcomes;
  /** Rows of its report, at most: a case that several shards measured is one. */
  readonly rows: number;
  /** Seconds from the beginning of each shard to its last round, together. */
  readonly seconds: number;
  /** Half the width of an interval of time over the time: the median over cases; null if no case has an interval. */
  readonly noise: number | null;
  /** The share of rounds with a warning. */
  readonly disturbed: number;
  /** How many times as long the baseline took in one shard as in another, the median over its cases; null of one shard. */
  readonly drift: number | null;
  /** Which gains most at the longest length; null if nothing was compared. */
  readonly best: { readonly label: string; readonly length: number; readonly gain: number } | null;
}

/** Measured cases of a kernel that have no speed-up: the baseline was not measured by it in their shard. */
export interface Uncompared {
  /** Safe to print. */
  readonly kernel: string;
  readonly cases: number;
}

/** One variant by one kernel on one class of machines, over all settings: a row of a table. */
export interface OverviewLine {
  readonly place: number;
  readonly mode: NonNullable<CaseLine["mode"]>;
  /** Safe to print, with the kernel if there are several. */
  readonly label: string;
  readonly variant: string;
  readonly kernel: string;
  /** Whether its cells are seconds; they are speed-ups over the baseline otherwise. */
  readonly isBaseline: boolean;
  /** By rising length. */
  readonly cells: readonly OverviewCell[];
}

/** What the settings of a class gave at one length, each setting at its median over shards. */
export interface OverviewCell {
  readonly length: number;
  readonly settings: number;
  readonly median: number;
  readonly low: OverviewEnd;
  readonly high: OverviewEnd;
  /** The median over settings by the values of each axis on which they differ: in the order of `Overview.axes`. */
  readonly byAxis: readonly (readonly (number | null)[])[];
  /** The same over those settings alone that all classes have at this length; null if they share none. */
  readonly shared: number | null;
}

/** The setting at an end of a range. */
export interface OverviewEnd {
  readonly value: number;
  /** Index of the facet. */
  readonly facet: number;
}

/** Why cases have no time. */
export interface Reason {
  readonly outcome: CaseLine["outcome"];
  /** One of them; numbers in others may be different. */
  readonly text: string;
  readonly cases: number;
  /** Classes in which it occurs, and a facet. */
  readonly places: readonly number[];
  readonly facet: number;
}
