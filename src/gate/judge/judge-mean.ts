import type { ComparedMean } from "../../compare/comparison.ts";
import { meanBounds } from "../../stats/mean-bounds.ts";
import { median } from "../../stats/median.ts";
import { detectableEffect } from "../../stats/two-stage-power.ts";
import { type Direction, decide, sameWithin } from "../../stats/two-stage-rule.ts";
import { formatPercent } from "../../text/format.ts";
import type { BlockMeans } from "./block-means.ts";
import { blockDeviation, isEnough, ratioOf, type StagePlan } from "./judge-cell.ts";

/** What was measured of the means of one cell. */
export interface MeanEvidence {
  readonly first: BlockMeans;
  /** In which direction the means of stage 1 sent the cell on; null if they did not. */
  readonly routed: Direction | null;
  /** Of stage 2; empty if the cell was not sent on. */
  readonly second: BlockMeans;
  /** Why no mean of this run can be trusted; null if they can. */
  readonly withheld: string | null;
}

/** The verdict on a mean, and why it makes the whole run inconclusive. */
export type JudgedMean = ComparedMean & { readonly doubt: string | null };

/** A mean that is off by more than its noise explains nine times in ten is not passed over. */
const SUSPICIOUS = 0.1;

/**
 * Costs that fall a few times in a block make its numbers skewed, and Student's bounds too short: by
 * simulation this one is exceeded by them once in twenty, as that of medians is.
 */
export const SAME_TAIL = 0.02;

/**
 * The verdict on the mean of one cell of a gate; null if no block holds one, as in files of older versions.
 */
export function judgeMean(
  { first, routed, second, withheld }: MeanEvidence,
  { rule, k }: StagePlan,
): JudgedMean | null {
  const decides = routed === null ? first : second;
  const planned = routed === null ? rule.stage1Blocks : rule.stage2Blocks;
  const shown = decides.logRatios.length > 0 ? decides : first;
  if (shown.logRatios.length === 0) return null;
  const deviation = blockDeviation([first, second]);
  const detectable = deviation === null ? null : detectableEffect(deviation, k, rule);
  const common = {
    base_s: median(shown.base_s),
    head_s: median(shown.head_s),
    time: ratioOf(shown),
    detectable,
    calls: shown.calls,
  };
  const unresolved = (note: string | null, doubt: string | null = null): JudgedMean => {
    return { ...common, verdict: "unresolved", note, doubt };
  };
  if (!isEnough(decides.logRatios.length, planned)) {
    const note = `the means of ${decides.logRatios.length} of ${planned} blocks count`;
    return unresolved(note, routed === "slower" ? note : null);
  }
  const found = routed === null ? null : decide({ ...decides, minima: null }, k, rule).direction;
  const direction = found === routed ? found : null;
  if (withheld !== null) {
    return unresolved(
      withheld,
      direction === "slower" ? `it looks slower in the mean, but ${withheld}` : null,
    );
  }
  if (direction !== null) return { ...common, verdict: direction, note: null, doubt: null };
  const isQuiet = detectable !== null && detectable <= rule.ungatedAbove;
  if (isQuiet && sameWithin(decides.logRatios, rule.margin, SAME_TAIL)) {
    return { ...common, verdict: "same", note: null, doubt: null };
  }
  if (routed === "slower" && looksSlower(decides, rule.least)) {
    const note =
      "it may be slower in the mean, by costs on few calls, but these blocks do not prove it: allow more";
    return unresolved(note, note);
  }
  if (isQuiet) return unresolved(null);
  const sees = detectable === null ? "nothing" : `no slow-down under ${formatPercent(detectable)}`;
  return unresolved(`the mean is too noisy to be judged: ${sees} would reliably be seen in it`);
}

function looksSlower({ logRatios }: BlockMeans, least: number): boolean {
  const { mean, boundsAt } = meanBounds("judgeMean", logRatios, 2);
  return mean >= Math.log1p(least) && boundsAt(SUSPICIOUS).low > 0;
}
