import {
  type BlockLine,
  type CellFacts,
  type CheckedLine,
  type GateLine,
  type LostLine,
  type StageLine,
  YARDSTICK,
} from "../../core/block-lines.ts";
import { formatPercent, formatSeconds } from "../../core/format.ts";
import type { PlannedCase } from "../../core/result-lines.ts";
import type { ReadBlocks } from "../../record/read-blocks.ts";
import { meanBounds } from "../../stats/mean-bounds.ts";
import { decide, type GateRule, routes } from "../../stats/two-stage-rule.ts";
import type { ComparedCell, OneSided, TimeRatio, WorkChange } from "../comparison.ts";
import { type Quantity, workChanges } from "../work-changes.ts";
import { type BlockNumbers, blockNumbers, pairCounts } from "./block-numbers.ts";
import { isEnough, type JudgedTime, judgeCell } from "./judge-cell.ts";

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
    spoiled: [
      ...unfinished(first, firstBlocks, second, secondBlocks),
      ...(first === undefined ? [] : nullArm(first, firstBlocks, rule)),
      ...(second === undefined ? [] : nullArm(second, secondBlocks, rule)),
      ...fixedKernel(allBlocks),
    ],
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

/** What was found out without a clock: cells that both sides have right, changed work, cells of one side alone. */
function exactFindings(
  { plan }: GateLine,
  lines: ReadBlocks["lines"],
  lost: readonly LostLine[],
  accepted: ReadonlySet<Quantity>,
) {
  const checked = new Map(lines.filter((line) => line.type === "checked").map((line) => [line.cell, line]));
  const both: PlannedCase[] = [];
  const neither: string[] = [];
  const unchecked: string[] = [];
  const work: WorkChange[] = [];
  const oneSided: OneSided[] = [];
  for (const planned of plan.cells) {
    const line = checked.get(planned.case);
    if (line === undefined) {
      unchecked.push(`${planned.case}: it was not checked`);
      continue;
    }
    const found = withWrong(line, lost);
    const [baseRight, headRight] = [found.base, found.head].map(({ outcome }) => outcome === "right");
    if (baseRight && headRight) {
      both.push(planned);
      work.push(...workChanges(planned.case, found.base, found.head, { accepted }));
    } else if (baseRight) oneSided.push(oneSidedOf(planned.case, "base", found.head));
    else if (headRight) oneSided.push(oneSidedOf(planned.case, "head", found.base));
    else neither.push(`${planned.case}: right on neither side, ${found.base.reason ?? found.base.outcome}`);
  }
  return { both, neither, unchecked, checked, work, oneSided };
}

/** Preparing that takes so many times as long, and so many seconds more, is worth a word. */
const LONGER = { times: 3, seconds: 1e-3 } as const;

function preparing(line: CheckedLine | undefined): readonly string[] {
  const [base, head] = [line?.base.prepare_s ?? null, line?.head.prepare_s ?? null];
  if (base === null || head === null || line === undefined) return [];
  if (!(head > LONGER.times * base && head - base > LONGER.seconds)) return [];
  return [
    `${line.cell} took ${formatSeconds(head)} to prepare in head, ${formatSeconds(base)} in base: timed a few times only, and not gated`,
  ];
}

/** A cell that turned wrong in a block is wrong. */
function withWrong(line: CheckedLine, lost: readonly LostLine[]): CheckedLine {
  const wrong = lost.find((one) => one.wrong && one.cell === line.cell && one.side !== null);
  if (wrong === undefined || wrong.side === null) return line;
  const { side, reason } = wrong;
  return { ...line, [side]: { ...line[side], outcome: "wrong", reason: `in a block: ${reason}` } };
}

function oneSidedOf(name: string, side: OneSided["side"], other: CellFacts): OneSided {
  return { case: name, side, reason: other.reason ?? other.outcome, broken: other.outcome === "wrong" };
}

/** Stages that did not come to their end. */
function unfinished(
  first: StageLine | undefined,
  firstBlocks: readonly BlockLine[],
  second: StageLine | undefined,
  secondBlocks: readonly BlockLine[],
): readonly string[] {
  if (first === undefined) return ["it ended before its first block"];
  if (firstBlocks.length < first.blocks) {
    return [`stage 1 ended after ${firstBlocks.length} of ${first.blocks} blocks`];
  }
  if (second === undefined) return ["it ended before stage 2"];
  if (second.cells.length > 0 && secondBlocks.length < second.blocks) {
    return [`stage 2 ended after ${secondBlocks.length} of ${second.blocks} blocks`];
  }
  return [];
}

/** Base against a second load of itself, by the rule that decides cells: whatever passes it, passes for no reason. */
function nullArm(stage: StageLine, blocks: readonly BlockLine[], rule: GateRule): readonly string[] {
  if (stage.cells.length === 0) return [];
  const vouching = stage.nulls
    .map((cell) => ({ cell, numbers: blockNumbers(blocks, cell, "twin") }))
    .filter(({ numbers }) => isEnough(numbers.logRatios.length, stage.blocks));
  if (vouching.length === 0) {
    return [
      `base against itself was disturbed too often, or not measured, to vouch for stage ${stage.stage}`,
    ];
  }
  return vouching.flatMap(({ cell, numbers }) => {
    const { direction, ratio } = decide(numbers, stage.nulls.length, rule);
    return direction === null
      ? []
      : [
          `${cell}: base against itself came out ${direction} (${percent(ratio - 1)}) in stage ${stage.stage}`,
        ];
  });
}

/** How far the fixed kernel may move. */
const STEADY = 0.05;

function fixedKernel(blocks: readonly BlockLine[]): readonly string[] {
  if (blocks.length === 0) return [];
  const { logRatios } = blockNumbers(blocks, YARDSTICK, "yardstick");
  // Cells whose blocks are disturbed get others in their place; this one has to do with what is left.
  if (!(logRatios.length >= 2 && 4 * logRatios.length >= blocks.length)) {
    return [
      `the fixed kernel was disturbed in ${blocks.length - logRatios.length} of ${blocks.length} blocks`,
    ];
  }
  const { mean } = meanBounds("fixedKernel", logRatios);
  if (Math.abs(mean) <= Math.log1p(STEADY)) return [];
  return [`the fixed kernel, which both sides share, moved by ${percent(Math.expm1(mean))}`];
}

function percent(share: number): string {
  return `${share < 0 ? "-" : "+"}${formatPercent(Math.abs(share))}`;
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
