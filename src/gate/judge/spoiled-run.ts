import { type BlockLine, type StageLine, YARDSTICK } from "../../record/schema/block-lines.ts";
import { meanBounds } from "../../stats/mean-bounds.ts";
import { decide, type GateRule } from "../../stats/two-stage-rule.ts";
import { formatPercent } from "../../text/format.ts";
import { blockMeans } from "./block-means.ts";
import { blockNumbers } from "./block-numbers.ts";
import { isEnough } from "./judge-cell.ts";

/** A stage that was started, and its blocks so far. */
export interface StageBlocks {
  readonly line: StageLine | undefined;
  readonly blocks: readonly BlockLine[];
}

/**
 * Why a run is inconclusive altogether: it has no end, base against itself differs, the fixed kernel moved.
 */
export function spoiledBy(first: StageBlocks, second: StageBlocks, rule: GateRule): readonly string[] {
  return [
    ...unfinished(first, second),
    ...nullArm(first, rule),
    ...nullArm(second, rule),
    ...fixedKernel([...first.blocks, ...second.blocks]),
  ];
}

/** Why no mean of a run can be trusted, by the same guards; null if all can. */
export function meansWithheld(first: StageBlocks, second: StageBlocks, rule: GateRule): string | null {
  for (const { line: stage, blocks } of [first, second]) {
    if (stage === undefined || stage.cells.length === 0) continue;
    const twins = stage.nulls
      .map((cell) => blockMeans(blocks, cell, "twin"))
      .filter(({ logRatios }) => isEnough(logRatios.length, stage.blocks));
    if (twins.length === 0) return `no mean of base against itself vouches for those of stage ${stage.stage}`;
    for (const twin of twins) {
      const { direction } = decide({ ...twin, minima: null }, stage.nulls.length, rule);
      if (direction !== null) return `base against itself came out ${direction} in the mean`;
    }
  }
  const { logRatios } = blockMeans([...first.blocks, ...second.blocks], YARDSTICK, "yardstick");
  if (logRatios.length < 2) return "no mean of the fixed kernel vouches for those of the cells";
  const { mean } = meanBounds("meansWithheld", logRatios);
  if (Math.abs(mean) <= Math.log1p(STEADY)) return null;
  return `the mean of the fixed kernel, which both sides share, moved by ${percent(Math.expm1(mean))}`;
}

/** Stages that did not finish. */
function unfinished(first: StageBlocks, second: StageBlocks): readonly string[] {
  if (first.line === undefined) return ["it ended before its first block"];
  if (first.blocks.length < first.line.blocks) {
    return [`stage 1 ended after ${first.blocks.length} of ${first.line.blocks} blocks`];
  }
  if (second.line === undefined) return ["it ended before stage 2"];
  if (second.line.cells.length > 0 && second.blocks.length < second.line.blocks) {
    return [`stage 2 ended after ${second.blocks.length} of ${second.line.blocks} blocks`];
  }
  return [];
}

/**
 * Base against a second load of itself, by the rule that decides cells: whatever it calls changed, it calls
 * so for no reason.
 */
function nullArm({ line: stage, blocks }: StageBlocks, rule: GateRule): readonly string[] {
  if (stage === undefined || stage.cells.length === 0) return [];
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
  // Cells whose blocks are disturbed get replacements; this one has to make do with what is left.
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
