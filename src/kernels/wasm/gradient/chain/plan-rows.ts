import type {
  Clusters,
  Convolve,
  HalfSquares,
  Means,
  Spread,
  Sum,
} from "../../../../mechanisms/summary/declare.ts";
import { outerRows, wholePanels } from "../../chain/chain-work.ts";
import { rowItems } from "../../chain/machine-step.ts";
import { segmentCount } from "../../chain/plan-steps.ts";
import { segmentsOf } from "../../chain/segments.ts";
import type { PlanningBack } from "./along.ts";
import { planAdding } from "./plan-attend.ts";

/** Steps that add rows, on the way back. */

const ROWS_TOGETHER = 512;

/** Every row of a segment gets its share of what came to the mean. */
export function planMeansBack(planning: PlanningBack, { of, to, segments }: Means): void {
  const { along, steps } = planning;
  const [sums, from] = [along.sums(of), along.to(to)];
  if (sums === undefined) return;
  const { count, size } = segmentCount(segments, sums.rows);
  const rows = Math.ceil(sums.rows / count);
  steps.push({
    kind: "meansBack",
    words: {
      // Which rows are in a segment follows from how many there are, and how many segments.
      of: { matrix: sums },
      to: { matrix: from },
      along: { matrix: from },
      ofSums: { matrix: sums },
      size,
    },
    phase: planning.phase++,
    items: rowItems(count, Math.max(1, Math.floor(ROWS_TOGETHER / rows)), rows * sums.columns),
    flops: 2 * sums.rows * sums.columns,
    touched: [[sums, 2]],
  });
}

export function planSumBack(planning: PlanningBack, { of, to }: Sum): void {
  const { along } = planning;
  const from = along.to(to);
  for (const name of of) {
    const sums = along.sums(name);
    if (sums !== undefined) planAdding(planning, sums, from, planning.phase++);
  }
}

/** `factor·x`, times what came to the half square of x. */
export function planSquaresBack(planning: PlanningBack, { of, to, factor }: HalfSquares): void {
  const { along, steps } = planning;
  const [source, sums, from] = [along.read(of), along.sums(of), along.to(to)];
  if (sums === undefined) return;
  steps.push({
    kind: "squaresBack",
    words: {
      of: { matrix: source },
      ofSums: { matrix: sums },
      along: { matrix: from },
      factor: { float: factor },
    },
    phase: planning.phase++,
    items: rowItems(sums.rows, ROWS_TOGETHER, sums.columns),
    flops: 2 * sums.rows * sums.columns,
    touched: [
      [source, 1],
      [sums, 2],
    ],
  });
}

/** Values get the convolution of what came with the taps the other way round, and taps products of both. */
export function planConvolveBack(planning: PlanningBack, step: Convolve): void {
  const { along, steps, matrices, plan, panelKeys, phase } = planning;
  const from = along.to(step.to);
  const [values, taps] = [along.read(step.values), along.read(step.taps)];
  const [ofSums, valueSums, tapSums] = [step.of, step.values, step.taps].map((name) => along.sums(name));
  const before = values.rows - from.rows;
  planning.phase = phase + 2;
  if (ofSums !== undefined) planAdding(planning, ofSums, from, phase);
  if (valueSums !== undefined) {
    const reversed = matrices.made(`${step.taps} reversed`, 1, taps.columns, 0);
    const width = wholePanels(values.columns, panelKeys);
    steps.push({
      kind: "reverseTaps",
      words: { of: { matrix: taps }, to: { matrix: reversed } },
      phase,
      items: rowItems(1, 1, taps.columns),
      flops: 0,
      touched: [],
    });
    steps.push({
      kind: "convolve",
      words: {
        of: { matrix: valueSums },
        by: { matrix: reversed },
        values: { matrix: from },
        to: { matrix: valueSums },
        before: 2 * Math.floor(taps.columns / 2) - (taps.columns - 1) - before,
        width,
      },
      phase: phase + 1,
      items: rowItems(values.rows, ROWS_TOGETHER, taps.columns * width),
      flops: 2 * outerRows(values.rows) * (taps.columns + 5) * width + values.rows * values.columns,
      touched: [
        [from, 1],
        [valueSums, 2],
      ],
    });
  }
  if (tapSums === undefined) return;
  const { segments, segmentRows } = segmentsOf(from.rows);
  const words = {
    by: { matrix: taps },
    values: { matrix: values },
    along: { matrix: from },
    to: { matrix: tapSums },
    before,
    segments,
    segmentRows,
    partials: { place: plan.words(segments * taps.columns) },
    partialBytes: taps.columns * 4,
  };
  steps.push({
    kind: "tapsBack",
    words,
    phase,
    items: rowItems(from.rows, segmentRows, taps.columns * values.columns),
    flops: 2 * from.rows * taps.columns * values.columns,
    touched: [
      [from, 1],
      [values, 1],
    ],
  });
  steps.push({
    kind: "joinTaps",
    words,
    phase: phase + 1,
    items: rowItems(1, 1, segments * taps.columns),
    flops: segments * taps.columns,
    touched: [[tapSums, 2]],
  });
}

/** Every row of a cluster gets its share of what came to the mean. */
export function planClustersBack(planning: PlanningBack, step: Clusters): void {
  const { along, steps, plan, phase } = planning;
  const [sums, from] = [along.sums(step.of), along.to(step.to)];
  if (sums === undefined) return;
  const words = {
    of: { matrix: sums },
    ofSums: { matrix: sums },
    along: { matrix: from },
    size: from.rows,
    members: { place: along.members(step.members) },
    shares: { place: plan.words(from.rows) },
  };
  steps.push({
    kind: "clusterShares",
    words,
    phase,
    items: rowItems(1, 1, sums.rows),
    flops: 0,
    touched: [],
  });
  steps.push({
    kind: "clustersBack",
    words,
    phase: phase + 1,
    items: rowItems(sums.rows, ROWS_TOGETHER, sums.columns),
    flops: 2 * sums.rows * sums.columns,
    touched: [[sums, 2]],
  });
  planning.phase = phase + 2;
}

/** What came to a row goes to that of its cluster. */
export function planSpreadBack(planning: PlanningBack, step: Spread): void {
  const { along, steps, plan, panelKeys, phase } = planning;
  const [sums, from] = [along.sums(step.of), along.to(step.to)];
  if (sums === undefined) return;
  const { segments, segmentRows } = segmentsOf(from.rows);
  const width = wholePanels(from.columns, panelKeys);
  const partialWords = sums.rows * width;
  const partials = { place: plan.words(segments * partialWords) };
  const common = { segments, partials, partialBytes: partialWords * 4, width };
  steps.push({
    kind: "spreadBack",
    words: {
      ...common,
      along: { matrix: from },
      size: sums.rows,
      segmentRows,
      members: { place: along.members(step.members) },
    },
    phase,
    items: rowItems(from.rows, segmentRows, from.columns),
    flops: from.rows * from.columns,
    touched: [[from, 1]],
  });
  steps.push({
    kind: "joinBack",
    words: { ...common, to: { matrix: sums }, scale: { float: 1 } },
    phase: phase + 1,
    items: rowItems(sums.rows, ROWS_TOGETHER, segments * width),
    flops: segments * sums.rows * width,
    touched: [],
  });
  planning.phase = phase + 2;
}
