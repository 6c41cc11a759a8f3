import type { BlockLine, CheckedLine, LostLine } from "../../core/block-lines.ts";
import type { PlannedCase } from "../../core/result-lines.ts";
import type { ReadBlocks } from "../../record/read-blocks.ts";
import { meanBounds } from "../../stats/mean-bounds.ts";
import { type GateRule, routes } from "../../stats/two-stage-rule.ts";
import type { ComparedCell, OneSided, TimeRatio, WorkChange } from "../comparison.ts";
import type { Quantity } from "../work-changes.ts";
import { type BlockNumbers, blockNumbers, pairCounts } from "./block-numbers.ts";
import { exactFindings, preparing } from "./exact-findings.ts";
import { type JudgedTime, judgeCell } from "./judge-cell.ts";
import { spoiledBy } from "./spoiled-run.ts";

/** One going-through of the method, with all that its blocks say. */
export interface JudgedRun {
  readonly cells: readonly ComparedCell[];
  /** Why nothing can be said of the run on account of single cells, a sentence each. */
  readonly doubts: readonly string[];
  /** Why nothing can be said of it at all: base against itself differs, the fixed kernel moved, blocks are missing. */
  readonly spoiled: readonly string[];
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
  const evidence = exact.both.map((planned) => {
    const one = blockNumbers(firstBlocks, planned.case, "head");
    const isRouted = routed.has(planned.case) && one.logRatios.length > 0;
    return {
      planned,
      first: one,
      routed: isRouted ? routes(one.logRatios, rule) : null,
      second: blockNumbers(secondBlocks, planned.case, "head"),
    };
  });
  const sentOn = (direction: string) => evidence.filter((one) => one.routed === direction).length;
  const cells: ComparedCell[] = [];
  const doubts: string[] = [...exact.unchecked];
  for (const one of evidence) {
    const k = Math.max(1, sentOn(one.routed ?? "slower"));
    const judged = judgeCell(one, { rule: stageRule, k }) ?? unmeasured(exact.checked.get(one.planned.case));
    if (one.first.logRatios.length > 0 && second !== undefined && isPassedOver(one, routed, rule)) {
      doubts.push(`${one.planned.case}: stage 1 sends it on, and stage 2 does not hold it`);
    }
    if (judged !== null) {
      const { doubt, ...time } = judged;
      if (doubt !== null) doubts.push(`${one.planned.case}: ${doubt}`);
      cells.push(cellOf(one.planned, time));
    }
  }
  return {
    cells,
    doubts,
    spoiled: spoiledBy({ line: first, blocks: firstBlocks }, { line: second, blocks: secondBlocks }, rule),
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

/** Whether a cell looked changed in stage 1 and was not looked at again: no gate that was left alone does that. */
function isPassedOver(
  { planned, first }: { readonly planned: PlannedCase; readonly first: BlockNumbers },
  routed: ReadonlySet<string>,
  rule: GateRule,
): boolean {
  return !routed.has(planned.case) && routes(first.logRatios, rule) !== null;
}

/** A cell without a block that counts: what its calls took when it was checked says how long they are, and no more. */
function unmeasured(checked: CheckedLine | undefined): JudgedTime | null {
  const [base_s, head_s] = [checked?.base.call_s ?? 0, checked?.head.call_s ?? 0];
  if (!(base_s > 0 && head_s > 0)) return null;
  const note = "no block of it counts: all were disturbed, or none was measured";
  const time = { ratio: head_s / base_s, low: null, high: null };
  return { base_s, head_s, time, count: 0, verdict: "unresolved", detectable: null, note, doubt: note };
}

/** Cells of a run that could not be resolved, where they are more than half: the rest says too little. */
export function mostUnresolved({ cells }: Pick<JudgedRun, "cells">): number | null {
  const unresolved = cells.filter(({ verdict }) => verdict === "unresolved").length;
  return 2 * unresolved > cells.length ? unresolved : null;
}

function cellOf(planned: PlannedCase, time: Omit<JudgedTime, "doubt">): ComparedCell {
  const { useful_flops: _, predicted_s: __, unsupported: ___, ...identity } = planned;
  return { ...identity, ...time };
}

/** The geometric mean over cells, with an interval over the blocks of stage 1, each of which holds them all. */
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
