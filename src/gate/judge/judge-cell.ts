import type { ComparedCell, TimeRatio, TimeVerdict } from "../../compare/comparison.ts";
import { meanBounds } from "../../stats/mean-bounds.ts";
import { median } from "../../stats/median.ts";
import { detectableEffect } from "../../stats/two-stage-power.ts";
import { type Direction, decide, type GateRule, sameWithin } from "../../stats/two-stage-rule.ts";
import { formatPercent } from "../../text/format.ts";
import type { BlockNumbers } from "./block-numbers.ts";

/** What was measured for one cell. */
export interface CellEvidence {
  readonly first: BlockNumbers;
  /** In which direction stage 1 sent it on; null if it did not. */
  readonly routed: Direction | null;
  /** Of stage 2; empty if it was not sent on. */
  readonly second: BlockNumbers;
}

/** What the stages of a run were planned to be. */
export interface StagePlan {
  /** With the blocks of stage 2 as they were decided. */
  readonly rule: GateRule;
  /** Medians and means sent on the same way as what is judged; at least 1. */
  readonly k: number;
}

/** What the medians of a cell say. */
export type JudgedTime = Pick<
  ComparedCell,
  "base_s" | "head_s" | "time" | "count" | "detectable" | "note"
> & {
  readonly verdict: TimeVerdict;
  /** Why it makes the whole run inconclusive; null if it does not. */
  readonly doubt: string | null;
};

/** The verdict on the medians of one cell of a gate; null if no block of it counts. */
export function judgeCell(
  { first, routed, second }: CellEvidence,
  { rule, k }: StagePlan,
): JudgedTime | null {
  const decides = routed === null ? first : second;
  const planned = routed === null ? rule.stage1Blocks : rule.stage2Blocks;
  const shown = decides.logRatios.length > 0 ? decides : first;
  if (shown.logRatios.length === 0) return null;
  const detectable = detectableOf([first, second], rule, k);
  const common = {
    base_s: median(shown.base_s),
    head_s: median(shown.head_s),
    time: ratioOf(shown),
    count: shown.logRatios.length,
    detectable,
  };
  if (!isEnough(decides.logRatios.length, planned)) {
    const note = `${decides.logRatios.length} of ${planned} blocks count: the others were disturbed, or were not measured`;
    return { ...common, verdict: "unresolved", note, doubt: routed === "faster" ? null : note };
  }
  const direction = routed === null ? null : sameWay(routed, decide(decides, k, rule).direction);
  if (detectable === null || detectable > rule.ungatedAbove) {
    const note = `too noisy to be gated: ${detectable === null ? "nothing" : `no slow-down under ${formatPercent(detectable)}`} would reliably be seen`;
    return {
      ...common,
      verdict: "unresolved",
      note,
      doubt: direction === "slower" ? `it looks slower, but is ${note}` : null,
    };
  }
  if (direction !== null) return { ...common, verdict: direction, note: null, doubt: null };
  const verdict: TimeVerdict = sameWithin(decides.logRatios, rule.margin) ? "same" : "unresolved";
  if (verdict === "same" || routed === null) return { ...common, verdict, note: null, doubt: null };
  const looks = mean(decides) >= Math.log1p(rule.least);
  const note = looks ? "it may be slower, but these blocks do not prove it: allow more" : null;
  return { ...common, verdict, note, doubt: note };
}

/** Whether enough of the planned blocks count that the rest may be missing by accident. */
export function isEnough(blocks: number, planned: number): boolean {
  return blocks >= 2 && 4 * blocks >= 3 * planned;
}

/** A cell that was sent on as slower cannot be found faster: that would be a second chance. */
function sameWay(routed: Direction, found: Direction | null): Direction | null {
  return found === routed ? found : null;
}

function mean({ logRatios }: Pick<BlockNumbers, "logRatios">): number {
  return meanBounds("judgeCell", logRatios).mean;
}

/** The middle of the blocks' ratios with its 95 % interval. */
export function ratioOf(numbers: Pick<BlockNumbers, "logRatios">): TimeRatio {
  const ratio = Math.exp(mean(numbers));
  if (numbers.logRatios.length < 2) return { ratio, low: null, high: null };
  const { low, high } = meanBounds("judgeCell", numbers.logRatios).boundsAt(0.025);
  return { ratio, low: Math.exp(low), high: Math.exp(high) };
}

/** The smallest slow-down that such noise lets through 9 times in 10; null under two blocks. */
function detectableOf(stages: readonly BlockNumbers[], rule: GateRule, k: number): number | null {
  const deviation = blockDeviation(stages);
  return deviation === null ? null : detectableEffect(deviation, k, rule);
}

/** The standard deviation of a cell's blocks about the mean of their stage; null if no stage has two. */
export function blockDeviation(stages: readonly Pick<BlockNumbers, "logRatios">[]): number | null {
  let squares = 0;
  let freedom = 0;
  for (const { logRatios } of stages) {
    if (logRatios.length < 2) continue;
    const { mean: middle } = meanBounds("blockDeviation", logRatios);
    squares += logRatios.reduce((sum, one) => sum + (one - middle) ** 2, 0);
    freedom += logRatios.length - 1;
  }
  return freedom === 0 ? null : Math.sqrt(squares / freedom);
}
