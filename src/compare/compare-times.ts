import { type BootstrapRatio, bootstrapRatios } from "../stats/bootstrap-ratio.ts";
import { holm } from "../stats/holm.ts";
import type { RoundMedians } from "../stats/round-medians.ts";
import type { WelchRatio } from "../stats/welch-ratio.ts";
import { countText } from "../text/count-text.ts";
import { comparedMean, meanEvidence } from "./compare-means.ts";
import type { ComparedCell, TimeVerdict } from "./comparison.ts";
import { detectableShare, FAMILY_ERROR } from "./detectable-share.ts";
import { joinVerdicts } from "./join-verdicts.ts";
import type { MatchedCell } from "./match-cells.ts";
import type { RoundMeans } from "./round-means.ts";
import { verdictOf } from "./verdict.ts";

/** A matched cell with the times it is based on. */
export interface TimedCell extends MatchedCell {
  readonly baseRounds: RoundMedians;
  readonly headRounds: RoundMedians;
  readonly baseMeans: RoundMeans;
  readonly headMeans: RoundMeans;
}

/** Rounds per side below which a median has no interval. */
const LEAST_ROUNDS = 6;

/** What the times of a cell say by themselves; null where they are too few to say anything. */
export interface CellEvidence {
  readonly median: BootstrapRatio | null;
  readonly mean: WelchRatio | null;
}

/** How certain a change is in view of all cells that can be judged, and how many those are. */
interface InView {
  readonly adjustedP: number;
  readonly cells: number;
}

/** The same of both measures of a cell. */
export interface CellInView {
  readonly median: InView;
  readonly mean: InView;
}

/** Compares the times of cells, medians and means, and judges each in view of all. */
export function compareTimes(cells: readonly TimedCell[], threshold: number): readonly ComparedCell[] {
  const evidenceOf = cellEvidence();
  const seen = cells.map(evidenceOf);
  const [medians, means] = (["median", "mean"] as const).map((measure) =>
    adjusted(seen.map((one) => one[measure]?.p ?? null)),
  );
  return cells.map((cell, at) =>
    comparedCell(cell, seen[at], { median: medians[at], mean: means[at] }, threshold),
  );
}

/** What cells say, one after the other: what they share is computed once. */
export function cellEvidence(): (cell: TimedCell) => CellEvidence {
  const ratioOf = bootstrapRatios();
  return (cell) => {
    const { baseRounds, headRounds } = cell;
    const enough = Math.min(baseRounds.size, headRounds.size) >= LEAST_ROUNDS;
    const median = enough ? ratioOf([...baseRounds.values()], [...headRounds.values()]) : null;
    return { median, mean: meanEvidence(cell) };
  };
}

/** Each p in view of all; null stands for a cell that says nothing, and is as if it were not there. */
function adjusted(pValues: readonly (number | null)[]): readonly InView[] {
  const judged = pValues.filter((p) => p !== null);
  const all = holm(judged);
  let next = 0;
  return pValues.map((p) => ({ adjustedP: p === null ? 1 : all[next++], cells: judged.length }));
}

/** A cell with its verdict. */
export function comparedCell(
  cell: TimedCell,
  evidence: CellEvidence,
  inView: CellInView,
  threshold: number,
): ComparedCell {
  const { verdict, note, ...compared } = comparedMedian(cell, evidence.median, inView.median, threshold);
  const mean = comparedMean(cell, evidence.mean, inView.mean, threshold);
  return { ...compared, medianVerdict: verdict, mean, ...joinVerdicts({ verdict, note }, mean) };
}

type JudgedMedian = Omit<ComparedCell, "verdict" | "medianVerdict" | "mean"> & {
  readonly verdict: TimeVerdict;
};

function comparedMedian(
  cell: TimedCell,
  evidence: BootstrapRatio | null,
  { adjustedP, cells }: InView,
  threshold: number,
): JudgedMedian {
  const { identity, base, head, baseRounds, headRounds } = cell;
  const times = { ...identity, base_s: base.median_s, head_s: head.median_s };
  const count = Math.min(baseRounds.size, headRounds.size);
  if (evidence === null) {
    const time = { ratio: head.median_s / base.median_s, low: null, high: null };
    return { ...times, time, count, verdict: "unresolved", detectable: null, note: whyNone(cell) };
  }
  const { ratio, low, high } = evidence;
  const judgement = verdictOf({ ...evidence, adjustedP }, threshold);
  const compared = { ...times, time: { ratio, low, high }, count, ...judgement };
  if (canTell(evidence, cells)) {
    return { ...compared, detectable: detectableShare(evidence, cells, threshold) };
  }
  return { ...compared, detectable: null, note: compared.note ?? tooFewRounds(cells) };
}

/** Whether this many rounds could tell a change from chance at all, among this many cells. */
export function canTell({ leastP }: Pick<BootstrapRatio, "leastP">, cells: number): boolean {
  return leastP * cells <= FAMILY_ERROR;
}

function tooFewRounds(cells: number): string {
  return `too few rounds to tell a change from chance among ${countText(cells, "cell")}; raise --rounds, or choose fewer cells`;
}

function whyNone({ baseRounds, headRounds }: TimedCell): string {
  return `under six rounds (${baseRounds.size} and ${headRounds.size}), too few to rule out chance; raise --rounds or --budget`;
}
