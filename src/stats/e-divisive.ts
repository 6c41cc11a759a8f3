import { energySplit } from "./energy-split.ts";
import { randomisedRanks } from "./normal-scores.ts";
import type { SplitNull } from "./split-null.ts";

/** A place where the distribution of a sequence changes. */
export interface Divide {
  /** Index of the first value after it. */
  readonly at: number;
  /** Of the test within the stretch that it divides. */
  readonly p: number;
}

export interface DivisiveSettings {
  /** Values that a stretch must have, at least 2. */
  readonly least: number;
  /** The probability, at most, of a division where nothing changes. */
  readonly level: number;
  /** Its least size and exponent must be the same. */
  readonly nulls: SplitNull;
  /** Draws from 0 … bound-1, to order equal values. */
  readonly below: (bound: number) => number;
}

/**
 * E-divisive (Matteson & James 2014, JASA 109, 334-345) on normal scores of ranks: the sequence is divided where
 * `energySplit` says, if a permutation test within it finds that rare enough, and so is each part, until no part is
 * divided. Scores, since times have outliers, which hide a change from the distances of the times themselves: with 5 %
 * of values ten times as scattered, a step of 1.2 standard deviations 20 values before the end of 100 is found in 53 %
 * of sequences instead of 24 %, and without outliers in 69 % instead of 67 %.
 *
 * A part is tested at its share of the level, by length: the parts that do not change are disjoint, so that the
 * probability of dividing any of them is at most the level, however many changes there are. (Weights passed on after a
 * rejection: Bretz et al. 2009, Statist. Med. 28, 586-604.)
 *
 * Ascending. Values are independent of one another where nothing changes, or the test is not valid; `whitened` helps.
 */
export function eDivisive(values: Float64Array, settings: DivisiveSettings): readonly Divide[] {
  const { least, level, nulls, below } = settings;
  const found: Divide[] = [];
  const divide = (from: number, to: number): void => {
    if (to - from < 2 * least) return;
    const scores = nulls.scores(to - from);
    const ranks = randomisedRanks(values.subarray(from, to), below);
    const split = energySplit(
      Float64Array.from(ranks, (rank) => scores[rank]),
      least,
    );
    if (split === null) return;
    const share = (level * (to - from)) / values.length;
    const p = nulls.pValue(split.statistic, to - from, share);
    if (!(p <= share)) return;
    const at = from + split.at;
    divide(from, at);
    found.push({ at, p });
    divide(at, to);
  };
  divide(0, values.length);
  return found;
}
