import type { Attend, Clusters, Improved, Spread, Step } from "../../../mechanisms/summary/declare.ts";
import { CLUSTERS_TOGETHER, PANEL_KEYS, PLANES_TOGETHER } from "../layout.ts";
import { rowsComputed, wholePanels } from "./chain-work.ts";
import { rowItems, type StepItem } from "./machine-step.ts";
import type { PlannedMatrix } from "./matrices.ts";
import { type LeftOut, type Planning, planAttend } from "./plan-attend.ts";
import { segmentsOf } from "./segments.ts";

/** Assignments; between two of them centres move. */
const ROUNDS = 10;
const ROWS_TOGETHER = 480;
/** Words of a float64 number, and of a code. */
const WIDE = 2;

/** What later steps know of clusters. */
export interface PlannedClusters {
  readonly count: number;
  /** Which cluster each row is in, and the means in float64. */
  readonly members: number;
  readonly means: number;
  readonly ready: number;
}

const whole = (to: number, cost: number): StepItem[] => [{ from: 0, to, cost }];

/** Hashes rows, finds their clusters, and makes the means of those. */
export function planClusters({ matrices, steps, plan, left }: Planning, step: Clusters): PlannedClusters {
  const source = matrices.named(step.of);
  const planes = matrices.named(step.planes);
  const starts = matrices.named(step.starts);
  const { rows, columns } = source;
  const bits = planes.rows;
  const count = Math.min(step.count, rows);
  const { segments, segmentRows } = segmentsOf(rows);
  const countWords = count * (1 + bits);
  const sumWords = count * (1 + columns) * WIDE;
  const members = plan.words(rows);
  left?.leaveMembers(step.members, members, rows);
  const means = plan.words(segments * sumWords);
  const counts = plan.words(segments * countWords);
  const words = {
    of: { matrix: source },
    by: { matrix: planes },
    starts: { matrix: starts },
    size: count,
    members: { place: members },
    codes: { place: plan.words(rows * WIDE) },
    centres: { place: plan.words(count * WIDE) },
    segmentRows,
    segments,
    partials: { place: counts },
    partialBytes: countWords * 4,
  };
  let phase = Math.max(source.ready, planes.ready, starts.ready);
  const add = (
    kind: "hash" | "takeStarts" | "assign" | "recentre",
    items: readonly StepItem[],
    last = false,
  ): void => {
    const products = kind === "hash" ? 2 * rows * bits * columns : 0;
    const read = kind === "hash" ? [source, planes] : kind === "takeStarts" ? [starts] : [];
    const touched = read.map((one) => [one, 1] as const);
    steps.push({ kind, words: { ...words, before: Number(last) }, phase, items, flops: products, touched });
    phase++;
  };
  add("hash", rowItems(rows, ROWS_TOGETHER, bits * columns));
  add("takeStarts", whole(1, count));
  for (let round = 0; round < ROUNDS; round++) {
    add("assign", rowItems(rows, segmentRows, count), round === ROUNDS - 1);
    if (round < ROUNDS - 1) add("recentre", whole(1, count * bits * segments));
  }
  const sums = { ...words, partials: { place: means }, partialBytes: sumWords * 4 };
  const result = matrices.made(step.to, count, columns, phase + 2);
  steps.push({
    kind: "sumClusters",
    words: sums,
    phase,
    items: rowItems(rows, segmentRows, columns),
    flops: rows * columns,
    touched: [[source, 1]],
  });
  steps.push({
    kind: "joinClusters",
    words: { ...sums, to: { matrix: result } },
    phase: phase + 1,
    items: rowItems(count, CLUSTERS_TOGETHER, segments * columns),
    flops: segments * count * columns,
    touched: [],
  });
  return { count, members, means, ready: phase + 2 };
}

/** Gives every row what its cluster has, or, improved, its own part of that. */
export function planSpread(planning: Planning, step: Spread, clusters: PlannedClusters): void {
  if (step.improved !== undefined) {
    planImproved(planning, step, step.improved, clusters);
    return;
  }
  const { matrices, steps } = planning;
  const source = matrices.named(step.of);
  const phase = Math.max(source.ready, clusters.ready);
  const result = matrices.made(step.to, rowsOf(planning), source.columns, phase + 1);
  steps.push({
    kind: "spread",
    words: { of: { matrix: source }, to: { matrix: result }, members: { place: clusters.members } },
    phase,
    items: rowItems(result.rows, ROWS_TOGETHER, source.columns),
    flops: 0,
    touched: [[result, 1]],
  });
}

function rowsOf({ matrices }: Planning): number {
  return matrices.named("q").rows;
}

/** Whether it is for improved clusters, which attend by themselves to the keys that are not their best. */
export function spreadAnew({ to }: Attend, chain: readonly Step[]): boolean {
  return chain.some((one) => one.step === "spread" && one.improved !== undefined && one.of === to);
}

function planImproved(planning: Planning, step: Spread, improved: Improved, clusters: PlannedClusters): void {
  const { matrices, steps, plan, panelKeys } = planning;
  const [queries, keys, values] = [improved.queries, improved.keys, improved.values].map((name) =>
    matrices.named(name),
  );
  const { count } = clusters;
  const wanted = Math.min(improved.count, keys.rows);
  const width = wholePanels(values.columns, panelKeys);
  const order = plan.words(queries.rows);
  const best = plan.words(count * wanted);
  const phase = Math.max(clusters.ready, keys.ready);
  const common = {
    by: { matrix: keys },
    size: wanted,
    members: { place: clusters.members },
    best: { place: best },
    bestScores: { place: plan.words(count * wanted * WIDE) },
    order: { place: order },
    shares: { place: plan.words(count) },
    values: { matrix: values },
  };
  const means = { partials: { place: clusters.means } };
  steps.push({
    kind: "sortMembers",
    words: { ...common, segments: count, partials: { place: plan.words(count + 1) } },
    phase: clusters.ready,
    items: whole(queries.rows, 8 * queries.rows),
    flops: 0,
    touched: [],
  });
  steps.push({
    kind: "findBest",
    words: { ...common, ...means },
    phase,
    items: rowItems(count, CLUSTERS_TOGETHER, 4 * keys.rows * keys.columns),
    flops: 2 * count * keys.rows * keys.columns,
    touched: [[keys, Math.ceil(count / CLUSTERS_TOGETHER)]],
  });
  const rest = planRest(planning, step, improved, { place: best, count: wanted, ready: phase + 1 });
  const words = { ...common, rest: { matrix: rest.matrix } };
  const split = rest.matrix.ready;
  steps.push({
    kind: "splitWeights",
    words: { ...words, logSums: { matrix: rest.logSums }, factor: { float: improved.scale } },
    phase: split,
    items: rowItems(count, CLUSTERS_TOGETHER, wanted + values.columns),
    flops: count * values.columns,
    touched: [],
  });
  const result = matrices.made(step.to, queries.rows, values.columns, split + 2);
  const packed = wholePanels(wanted, PANEL_KEYS.wide);
  steps.push({
    kind: "spreadBest",
    words: {
      ...words,
      of: { matrix: queries },
      to: { matrix: result },
      channels: keys.columns,
      factor: { float: improved.scale * Math.LOG2E },
      width,
    },
    phase: split + 1,
    items: rowItems(queries.rows, ROWS_TOGETHER, wanted * (keys.columns + width)),
    flops:
      2 * rowsComputed(queries.rows) * (keys.columns * wholePanels(wanted, panelKeys) + wanted * width) +
      2 * queries.rows * values.columns,
    touched: [
      [queries, 1],
      [result, 1],
      [keys, (count * packed) / keys.rows],
      [values, (count * wanted) / values.rows],
    ],
  });
}

/** What means attend to besides their best keys, and the log-sums of that. */
function planRest(
  planning: Planning,
  { of }: Spread,
  { means, keys, values, scale }: Improved,
  best: LeftOut,
): { readonly matrix: PlannedMatrix; readonly logSums: PlannedMatrix } {
  const [to, logSums] = [`rest of ${of}`, `log-sums of the rest of ${of}`];
  planAttend(planning, { step: "attend", to, queries: means, keys, values, scale, logSums }, best);
  return { matrix: planning.matrices.named(to), logSums: planning.matrices.named(logSums) };
}

/** Words of float64 that a thread needs for a hash, or for a widened key. */
export function wideWords(kind: string, bits: number, columns: number): number {
  if (kind === "hash") return Math.ceil(bits / PLANES_TOGETHER) * PLANES_TOGETHER * (columns + 1) * WIDE;
  return kind === "findBest" ? columns * WIDE : 0;
}
