import type { CaseRow, Results } from "../../record/case-row.ts";
import { BASELINE, isBaseline } from "../../record/schema/baseline.ts";
import { operationOf } from "../../record/schema/case-task.ts";
import { companyOf, type Identified } from "../../record/schema/identity.ts";
import { isTimed, timesAsFast } from "../speed-up.ts";
import { halfWidth } from "../tables/cell.ts";
import { settingKey } from "./axes.ts";
import { noOutcomes, type Outcomes } from "./outcomes.ts";
import { type PointLines, pointLines } from "./point-lines.ts";
import { type ReasonCounts, reasonCounts } from "./reason-counts.ts";

/** What is known of one class of machines in one setting while a collection is read. */
export interface FacetSoFar {
  /** Among the facets, in the order in which they appear. */
  readonly index: number;
  readonly place: number;
  readonly setting: number;
  readonly outcomes: Record<keyof Outcomes, number>;
  readonly halfWidths: number[];
  shards: number;
  seconds: number;
  rounds: number;
  disturbed: number;
}

/** What was taken in of a collection. */
export interface Collected {
  /** A case of each setting. */
  readonly settings: readonly Identified[];
  readonly facets: readonly FacetSoFar[];
  readonly lines: PointLines;
  readonly reasons: ReasonCounts;
  /** When the first shard began, and the last. */
  readonly first: string;
  readonly last: string;
  readonly repeats: number;
  /** What the cases are compared with. */
  readonly baseline: string;
  /** Measured cases without a speed-up, by kernel: the baseline was not measured by that in their shard. */
  readonly uncompared: ReadonlyMap<string, number>;
}

export interface Collector {
  /**
   * Takes in the results of one shard, measured in the place of this index. Returns the indices of the facets that it has
   * cases of.
   */
  take(place: number, results: Results): readonly number[];
  end(): Collected;
}

/**
 * Takes in the shards of a collection one by one, and keeps a few numbers of each case: its outcome, its speed-up within its
 * shard, the width of its interval.
 */
export function overviewCollector(): Collector {
  const placed = facetsSoFar();
  const lines = pointLines();
  const reasons = reasonCounts();
  const repeats = new Set<number>();
  const started: string[] = [];
  const uncompared = new Map<string, number>();
  let baseline = BASELINE;

  function take(place: number, { run, rows, rounds }: Results): readonly number[] {
    const { plan, shard } = run;
    started.push(run.started);
    if (shard !== undefined) {
      repeats.add(shard.repeat);
      baseline = shard.baseline ?? BASELINE;
    }
    const own = new Map<string, FacetSoFar>();
    const baselines = new Map(rows.filter(isBaseline).map((row) => [rivalry(row), row]));
    for (const row of rows) {
      const facet = placed.of(place, row);
      own.set(row.case, facet);
      facet.outcomes[row.outcome]++;
      const width = halfWidth(row);
      if (width !== null) facet.halfWidths.push(width);
      if (row.outcome !== "measured") reasons.take(row, facet);
      const value = numberOf(row, baselines.get(rivalry(row)));
      if (value !== null) lines.take(facet, row, value);
      else if (isTimed(row) && !operationOf(row).ofBaselineAlone)
        uncompared.set(row.kernel, (uncompared.get(row.kernel) ?? 0) + 1);
    }
    const input = rows[0]?.input ?? plan.input;
    for (const one of plan.cases) {
      if (own.has(one.case)) continue;
      const facet = placed.of(place, { ...one, input });
      own.set(one.case, facet);
      facet.outcomes.missing++;
    }
    const facets = new Set(own.values());
    let seconds = 0;
    for (const { case: name, at_s, warnings } of rounds) {
      seconds = Math.max(seconds, at_s);
      const facet = own.get(name);
      if (facet === undefined) continue;
      facet.rounds++;
      if (warnings.length > 0) facet.disturbed++;
    }
    for (const facet of facets) {
      facet.shards++;
      facet.seconds += seconds / facets.size;
    }
    return [...facets].map(({ index }) => index);
  }

  function end(): Collected {
    const times = started.sort();
    return {
      ...placed.all(),
      lines,
      reasons,
      first: times[0] ?? "",
      last: times.at(-1) ?? "",
      repeats: repeats.size,
      baseline,
      uncompared,
    };
  }

  return { take, end };
}

/** Facets and settings as they appear, each with its index. */
function facetsSoFar() {
  const settings: Identified[] = [];
  const settingOf = new Map<string, number>();
  const facets: FacetSoFar[] = [];
  const facetOf = new Map<string, FacetSoFar>();
  return {
    of(place: number, row: Identified): FacetSoFar {
      const key = settingKey(row);
      const setting = settingOf.get(key) ?? settings.push(row) - 1;
      settingOf.set(key, setting);
      const name = `${place} ${setting}`;
      const known = facetOf.get(name);
      if (known !== undefined) return known;
      const facet = {
        index: facets.length,
        place,
        setting,
        outcomes: noOutcomes(),
        halfWidths: [],
        shards: 0,
        seconds: 0,
        rounds: 0,
        disturbed: 0,
      };
      facets.push(facet);
      facetOf.set(name, facet);
      return facet;
    },
    all: () => ({ settings, facets }),
  };
}

/** What a case shares with its baseline: all that it has to, and its length. */
function rivalry(row: CaseRow): string {
  return `${row.length} ${companyOf(row)}`;
}

/** Of the baseline its seconds, of others their speed-up over it; null if there is none. */
function numberOf(row: CaseRow, baseline: CaseRow | undefined): number | null {
  if (!isTimed(row)) return null;
  if (isBaseline(row)) return row.median_s;
  if (operationOf(row).ofBaselineAlone || baseline === undefined) return null;
  return timesAsFast(baseline, row)?.ratio ?? null;
}
