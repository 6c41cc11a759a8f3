import type {
  ComparedCell,
  ComparedMean,
  OneSided,
  TimeRatio,
  WorkChange,
} from "../../compare/comparison.ts";
import { joinVerdicts } from "../../compare/join-verdicts.ts";
import type { Quantity } from "../../compare/work-changes.ts";
import type { ReadBlocks } from "../../record/read-blocks.ts";
import type { BlockLine, CheckedLine, LostLine } from "../../record/schema/block-lines.ts";
import { identityOf } from "../../record/schema/identity.ts";
import type { PlannedCase } from "../../record/schema/result-lines.ts";
import { meanBounds } from "../../stats/mean-bounds.ts";
import type { Direction } from "../../stats/two-stage-rule.ts";
import { blockMeans } from "./block-means.ts";
import { type BlockNumbers, blockNumbers, pairCounts } from "./block-numbers.ts";
import { exactFindings, preparing } from "./exact-findings.ts";
import { type JudgedTime, judgeCell } from "./judge-cell.ts";
import { type JudgedMean, judgeMean } from "./judge-mean.ts";
import { directionsOf } from "./routing.ts";
import { meansWithheld, spoiledBy } from "./spoiled-run.ts";

/** One pass of the method, with all that its blocks say. */
export interface JudgedRun {
  readonly cells: readonly ComparedCell[];
  /** Why single cells make the run inconclusive, a sentence each. */
  readonly doubts: readonly string[];
  /**
   * Why it is inconclusive altogether: base against itself differs, the fixed kernel moved, blocks are
   * missing.
   */
  readonly spoiled: readonly string[];
  /** Why no mean can be trusted; null if they can. */
  readonly meansWithheld: string | null;
  /** Cells that neither side has right, with the reason. */
  readonly neither: readonly string[];
  /** Cells that head takes far longer to prepare, a sentence each: that is timed once, and not gated. */
  readonly slowerToPrepare: readonly string[];
  readonly work: readonly WorkChange[];
  readonly oneSided: readonly OneSided[];
  readonly geometricMean: TimeRatio | null;
  /** Cells that stage 2 decided, or was to. */
  readonly routed: readonly string[];
  readonly injected: string | null;
  readonly pairs: { readonly all: number; readonly disturbed: number };
  readonly lost: readonly LostLine[];
  readonly blocks: number;
}

/** Judges one run of a file of blocks. The same lines always give the same verdicts. */
export function judgeRun(
  { gate, lines }: Pick<ReadBlocks, "gate" | "lines">,
  run: number,
  accepted: ReadonlySet<Quantity>,
): JudgedRun {
  const ofRun = lines.filter((line) => !("run" in line) || line.run === run);
  const stages = ofRun.filter((line) => line.type === "stage");
  const [first, second] = [1, 2].map((stage) => stages.find((one) => one.stage === stage));
  const allBlocks = ofRun.filter((line) => line.type === "block");
  const [firstBlocks, secondBlocks] = [1, 2].map((stage) => allBlocks.filter((one) => one.stage === stage));
  const lost = ofRun.filter((line) => line.type === "lost");
  const exact = exactFindings(gate, lines, lost, accepted);
  const { rule } = gate.plan;
  const stageRule = { ...rule, stage2Blocks: second?.blocks ?? rule.stage2Blocks };
  const routed = new Set(second?.cells ?? []);
  const begun = { line: first, blocks: firstBlocks };
  const ended = { line: second, blocks: secondBlocks };
  const withheld = meansWithheld(begun, ended, rule);
  const evidence = exact.both.map((planned) => {
    const { case: name } = planned;
    const sends = directionsOf(firstBlocks, name, rule);
    const isRouted = routed.has(name);
    return {
      planned,
      sends,
      medians: {
        first: blockNumbers(firstBlocks, name, "head"),
        routed: isRouted ? sends.median : null,
        second: blockNumbers(secondBlocks, name, "head"),
      },
      means: {
        first: blockMeans(firstBlocks, name, "head"),
        routed: isRouted ? sends.mean : null,
        second: blockMeans(secondBlocks, name, "head"),
        withheld,
      },
    };
  });
  // Medians and means are as many chances of a false alarm.
  const least = evidence.some(({ means }) => means.first.logRatios.length > 0) ? 2 : 1;
  const sentOn = (direction: string) =>
    evidence.flatMap(({ medians, means }) => [medians, means]).filter((one) => one.routed === direction)
      .length;
  const planFor = (direction: Direction | null) => {
    return { rule: stageRule, k: Math.max(least, sentOn(direction ?? "slower")) };
  };
  const cells: ComparedCell[] = [];
  const doubts: string[] = [...exact.unchecked];
  for (const { planned, sends, medians, means } of evidence) {
    const name = planned.case;
    const judged = judgeCell(medians, planFor(medians.routed)) ?? unmeasured(exact.checked.get(name));
    // A cell that looked changed in stage 1 and was not measured again: an unmodified gate does not do that.
    const looksChanged = sends.median !== null || sends.mean !== null;
    if (second !== undefined && looksChanged && !routed.has(name)) {
      doubts.push(`${name}: stage 1 sends it on, but stage 2 does not hold it`);
    }
    if (judged === null) continue;
    const mean = judgeMean(means, planFor(means.routed));
    const doubt = judged.doubt ?? mean?.doubt ?? null;
    // What is surely slower is no longer in doubt.
    if (doubt !== null && mean?.verdict !== "slower") doubts.push(`${name}: ${doubt}`);
    cells.push(cellOf(planned, judged, mean));
  }
  return {
    cells,
    doubts,
    spoiled: spoiledBy(begun, ended, rule),
    meansWithheld: withheld,
    neither: exact.neither,
    slowerToPrepare: exact.both.flatMap(({ case: name }) => preparing(exact.checked.get(name))),
    work: exact.work,
    oneSided: exact.oneSided,
    geometricMean: meanOver(firstBlocks, new Set(exact.both.map((one) => one.case))),
    routed: [...routed],
    injected: first?.injected ?? null,
    pairs: pairCounts(allBlocks),
    lost,
    blocks: allBlocks.length,
  };
}

/**
 * A cell without a block that counts: the time of its calls when checked says how long they are, and no more.
 */
function unmeasured(checked: CheckedLine | undefined): JudgedTime | null {
  const [base_s, head_s] = [checked?.base.call_s ?? 0, checked?.head.call_s ?? 0];
  if (!(base_s > 0 && head_s > 0)) return null;
  const note = "no block of it counts: all were disturbed, or none was measured";
  const time = { ratio: head_s / base_s, low: null, high: null };
  return { base_s, head_s, time, count: 0, verdict: "unresolved", detectable: null, note, doubt: note };
}

/** Cells of a run that could not be resolved, if they are more than half: the rest says too little. */
export function mostUnresolved({ cells }: Pick<JudgedRun, "cells">): number | null {
  const unresolved = cells.filter(({ verdict }) => verdict === "unresolved").length;
  return 2 * unresolved > cells.length ? unresolved : null;
}

function cellOf(planned: PlannedCase, judged: JudgedTime, judgedMean: JudgedMean | null): ComparedCell {
  const { verdict: medianVerdict, note: _note, doubt: _doubt, ...time } = judged;
  const mean = judgedMean === null ? null : meanOf(judgedMean);
  return { ...identityOf(planned), ...time, medianVerdict, mean, ...joinVerdicts(judged, mean) };
}

function meanOf({ doubt: _, ...mean }: JudgedMean): ComparedMean {
  return mean;
}

/**
 * The geometric mean over cells, with an interval over the blocks of stage 1, each of which holds them all.
 */
function meanOver(blocks: readonly BlockLine[], names: ReadonlySet<string>): TimeRatio | null {
  const byBlock = new Map<number, number[]>();
  for (const name of names) {
    const numbers: BlockNumbers = blockNumbers(blocks, name, "head");
    for (const [index, block] of numbers.blocks.entries()) {
      const values = byBlock.get(block);
      if (values === undefined) byBlock.set(block, [numbers.logRatios[index]]);
      else values.push(numbers.logRatios[index]);
    }
  }
  // A block that lacks cells would compare others.
  const whole = [...byBlock.values()].filter((values) => values.length === names.size);
  if (whole.length === 0) return null;
  const { mean, boundsAt } = meanBounds(
    "meanOver",
    whole.map((values) => values.reduce((sum, one) => sum + one, 0) / values.length),
  );
  if (whole.length < 2) return { ratio: Math.exp(mean), low: null, high: null };
  const { low, high } = boundsAt(0.025);
  return { ratio: Math.exp(mean), low: Math.exp(low), high: Math.exp(high) };
}
