import { holm } from "../../stats/holm.ts";
import { median } from "../../stats/median.ts";
import { MEANS_ERROR } from "../compare-means.ts";
import { type CellEvidence, type CellInView, canTell } from "../compare-times.ts";
import type { Verdict } from "../comparison.ts";
import { detectableShare } from "../detectable-share.ts";
import { joinVerdicts } from "../join-verdicts.ts";
import { sizedVerdict, verdictOf } from "../verdict.ts";

/** What is kept of each cell: the numbers that its verdict rests on, NaN where there are none. */
const COLUMNS = [
  "ratio",
  "low",
  "high",
  "p",
  "leastP",
  "spread",
  "freedom",
  "meanRatio",
  "meanLow",
  "meanHigh",
  "meanP",
] as const;

type Columns = Record<(typeof COLUMNS)[number], Float64Array>;

/** A cell by its place in the table, and what became of it. */
export interface Judged {
  readonly cell: number;
  readonly verdict: Verdict;
  /** The logarithm of the ratio that the verdict rests on. */
  readonly log: number;
}

/** Evidence of very many cells, under a hundred bytes each. */
export interface VerdictTable {
  /** Adds a cell, and returns its place. */
  add(evidence: CellEvidence): number;
  /** Judges each cell in view of all. */
  judge(threshold: number): JudgedTable;
}

export interface JudgedTable {
  readonly cells: number;
  readonly counts: Readonly<Record<Verdict, number>>;
  /** Those whose times changed, in the order in which they were added. */
  readonly changed: readonly Judged[];
  /** The slow-down that half of the cells would have shown; null if none would have shown any. */
  readonly sight: number | null;
  /** How certain a cell's changes are in view of all. */
  inView(cell: number): CellInView;
}

export function verdictTable(): VerdictTable {
  let columns = newColumns(1024);
  let count = 0;
  return {
    add({ median: one, mean }) {
      if (count === columns.ratio.length) columns = newColumns(2 * count, columns);
      const values: Record<keyof Columns, number | undefined> = {
        ratio: one?.ratio,
        low: one?.low,
        high: one?.high,
        p: one?.p,
        leastP: one?.leastP,
        spread: one?.spread,
        freedom: one?.freedom,
        meanRatio: mean?.ratio,
        meanLow: mean?.low,
        meanHigh: mean?.high,
        meanP: mean?.p,
      };
      for (const name of COLUMNS) columns[name][count] = values[name] ?? Number.NaN;
      return count++;
    },
    judge: (threshold) => judged(columns, count, threshold),
  };
}

function newColumns(length: number, from?: Columns): Columns {
  const made = COLUMNS.map((name) => {
    const column = new Float64Array(length);
    if (from !== undefined) column.set(from[name]);
    return [name, column] as const;
  });
  return Object.fromEntries(made) as Columns;
}

function judged(columns: Columns, cells: number, threshold: number): JudgedTable {
  const medians = adjusted(columns.p.subarray(0, cells));
  const means = adjusted(columns.meanP.subarray(0, cells));
  const counts: Record<Verdict, number> = { slower: 0, faster: 0, unresolved: 0, "same-median": 0, same: 0 };
  const changed: Judged[] = [];
  const seen: number[] = [];
  for (let cell = 0; cell < cells; cell++) {
    const [ratio, low, high] = [columns.ratio[cell], columns.low[cell], columns.high[cell]];
    const ofMedian = Number.isNaN(ratio)
      ? ({ verdict: "unresolved", note: null } as const)
      : verdictOf({ ratio, low, high, p: columns.p[cell], adjustedP: medians.p[cell] }, threshold);
    const meanRatio = columns.meanRatio[cell];
    const sure = means.p[cell] <= MEANS_ERROR;
    const ofMean = { ratio: meanRatio, low: columns.meanLow[cell], high: columns.meanHigh[cell] };
    const mean = Number.isNaN(meanRatio)
      ? null
      : { verdict: sizedVerdict(ofMean, sure, threshold), note: null };
    const { verdict } = joinVerdicts(ofMedian, mean);
    counts[verdict]++;
    if (verdict === "slower" || verdict === "faster") {
      changed.push({ cell, verdict, log: Math.log(ofMedian.verdict === verdict ? ratio : meanRatio) });
    }
    if (Number.isNaN(ratio) || !canTell({ leastP: columns.leastP[cell] }, medians.cells)) continue;
    const precision = { spread: columns.spread[cell], freedom: columns.freedom[cell] };
    const share = detectableShare(precision, medians.cells, threshold);
    if (share !== null) seen.push(share);
  }
  return {
    cells,
    counts,
    changed,
    sight: seen.length === 0 ? null : median(seen),
    inView: (cell) => ({
      median: { adjustedP: medians.p[cell], cells: medians.cells },
      mean: { adjustedP: means.p[cell], cells: means.cells },
    }),
  };
}

/** Each p in view of all that are known; 1 for one that is not, as if it were not there. */
function adjusted(pValues: Float64Array): { readonly p: Float64Array; readonly cells: number } {
  const known = pValues.filter((p) => !Number.isNaN(p));
  const all = holm(known);
  let next = 0;
  return { p: pValues.map((p) => (Number.isNaN(p) ? 1 : all[next++])), cells: known.length };
}
