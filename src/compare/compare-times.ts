import { type BootstrapRatio, bootstrapRatio } from "../stats/bootstrap-ratio.ts";
import { holm } from "../stats/holm.ts";
import type { RoundMedians } from "../stats/round-medians.ts";
import { countText } from "../text/count-text.ts";
import { compareMeans } from "./compare-means.ts";
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

/** Compares the times of cells, medians and means, and judges each in view of all. */
export function compareTimes(cells: readonly TimedCell[], threshold: number): readonly ComparedCell[] {
  const means = compareMeans(cells, threshold);
  return compareMedians(cells, threshold).map(({ verdict, note, ...cell }, index) => {
    const mean = means[index];
    return { ...cell, medianVerdict: verdict, mean, ...joinVerdicts({ verdict, note }, mean) };
  });
}

type JudgedMedian = Omit<ComparedCell, "verdict" | "medianVerdict" | "mean"> & {
  readonly verdict: TimeVerdict;
};

function compareMedians(cells: readonly TimedCell[], threshold: number): readonly JudgedMedian[] {
  const seen = cells.map(evidenceOf);
  const judged = seen.filter((one) => one !== null);
  const adjusted = holm(judged.map(({ p }) => p));
  let next = 0;
  return cells.map((cell, index) => {
    const evidence = seen[index];
    const { identity, base, head, baseRounds, headRounds } = cell;
    const times = { ...identity, base_s: base.median_s, head_s: head.median_s };
    const count = Math.min(baseRounds.size, headRounds.size);
    if (evidence === null) {
      const time = { ratio: head.median_s / base.median_s, low: null, high: null };
      return { ...times, time, count, verdict: "unresolved", detectable: null, note: whyNone(cell) };
    }
    const { ratio, low, high } = evidence;
    const judgement = verdictOf({ ...evidence, adjustedP: adjusted[next++] }, threshold);
    const compared = { ...times, time: { ratio, low, high }, count, ...judgement };
    if (canTell(evidence, judged.length)) {
      const detectable = detectableShare(evidence, judged.length, threshold);
      return { ...compared, detectable };
    }
    return { ...compared, detectable: null, note: compared.note ?? tooFewRounds(judged.length) };
  });
}

function evidenceOf({ baseRounds, headRounds }: TimedCell): BootstrapRatio | null {
  return Math.min(baseRounds.size, headRounds.size) >= LEAST_ROUNDS
    ? bootstrapRatio([...baseRounds.values()], [...headRounds.values()])
    : null;
}

/** Whether this many rounds could tell a change from chance at all, among this many cells. */
function canTell({ leastP }: BootstrapRatio, cells: number): boolean {
  return leastP * cells <= FAMILY_ERROR;
}

function tooFewRounds(cells: number): string {
  return `too few rounds to tell a change from chance among ${countText(cells, "cell")}; raise --rounds, or choose fewer cells`;
}

function whyNone({ baseRounds, headRounds }: TimedCell): string {
  return `under six rounds (${baseRounds.size} and ${headRounds.size}), too few to rule out chance; raise --rounds or --budget`;
}
