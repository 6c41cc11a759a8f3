import type { Attend, LogSums, Weights } from "../../../mechanisms/summary/declare.ts";
import type { ScratchPlan } from "../call.ts";
import { MOST_HEAD_DIM, MOST_VALUES, PANEL_KEYS, TILE } from "../layout.ts";
import { attendFlops, keysRead, wholePanels } from "./chain-work.ts";
import type { LeftBehind } from "./left-behind.ts";
import { type MachineStep, rowItems, type StepWord } from "./machine-step.ts";
import { type Matrices, type PlannedMatrix, wholeGroups } from "./matrices.ts";
import { segmentsOf } from "./segments.ts";

/** What steps are planned with. */
export interface Planning {
  readonly plan: ScratchPlan;
  readonly matrices: Matrices;
  readonly panelKeys: number;
  readonly steps: MachineStep[];
  /** What steps leave for the way back, if there is one. */
  readonly left?: LeftBehind;
}

/** Rows of an item of few columns, and of packing. */
const ROWS_TOGETHER = 480;

/** Keys that are packed once. */
interface Packed {
  readonly place: number;
  readonly channels: number;
  readonly ready: number;
}

/** Packs all keys in a phase before they are read: phase `from`, which is the first in which they are there. */
export function planPacking(
  { plan, steps }: Planning,
  keys: PlannedMatrix,
  bias: PlannedMatrix | undefined,
  factor: number,
  from = Math.max(keys.ready, bias?.ready ?? 0),
): Packed {
  const channels = keys.columns + Number(bias !== undefined);
  const place = plan.words(wholePanels(keys.rows, PANEL_KEYS.wide) * channels);
  steps.push({
    kind: "pack",
    words: {
      by: { matrix: keys },
      bias: { matrix: bias },
      packed: { place },
      channels,
      factor: { float: factor },
    },
    phase: from,
    items: rowItems(keys.rows, ROWS_TOGETHER, channels),
    flops: 0,
    touched: [[keys, 1]],
  });
  return { place, channels, ready: from + 1 };
}

/** Keys that each query does not attend to: `count` a query, in a place of the plan from phase `ready` on. */
export interface LeftOut {
  readonly place: number;
  readonly count: number;
  readonly ready: number;
}

/** Cross attention: by rows, or, where there are many keys for few queries, by segments of keys. */
export function planAttend(planning: Planning, step: Attend, leftOut?: LeftOut): void {
  const { matrices, panelKeys, plan, steps } = planning;
  const queries = step.queries === null ? undefined : matrices.named(step.queries);
  const keys = step.keys === null ? undefined : matrices.named(step.keys);
  const bias = step.bias === undefined ? undefined : matrices.named(step.bias);
  const results = [{ to: step.to, values: step.values }, ...(step.also ?? [])];
  if (results.length > MOST_VALUES) {
    throw new TypeError(`chain: a step attends to at most ${MOST_VALUES} values, got ${results.length}`);
  }
  const values = results.map(({ values }) => matrices.named(values));
  const rows = queries?.rows ?? (keys as PlannedMatrix).columns;
  const keyCount = keys?.rows ?? (queries as PlannedMatrix).columns;
  const channels = queries?.columns ?? (keys as PlannedMatrix).columns;
  if (channels > MOST_HEAD_DIM) throw new TypeError(`chain: a query is at most ${MOST_HEAD_DIM} wide`);
  const ready = Math.max(...[queries, keys, bias, leftOut, ...values].map((needed) => needed?.ready ?? 0));
  const factor = step.scale * Math.LOG2E;
  const width = values.reduce((sum, { columns }) => sum + wholePanels(columns, panelKeys), 0);
  const { ended } = step;
  const attended = { rows, keys: keyCount, ...(ended !== undefined && { ended }) };
  // Unit vectors need no products.
  const products = queries === undefined || keys === undefined ? 0 : channels + Number(bias !== undefined);
  const flops = attendFlops(attended, products, values, panelKeys);
  const make = (from: number): PlannedMatrix[] =>
    results.map(({ to }, index) => matrices.made(to, rows, values[index].columns, from));
  const logSumsFrom = (from: number): PlannedMatrix | undefined =>
    step.logSums === undefined ? undefined : matrices.vector(step.logSums, rows, from);
  const common = {
    of: { matrix: queries },
    by: { matrix: keys },
    bias: { matrix: bias },
    factor: { float: factor },
    width,
    ...leavingSums(planning, step.to, rows),
    ...(leftOut && { best: { place: leftOut.place }, leftOut: leftOut.count }),
  } as const;
  const outcome = (made: readonly PlannedMatrix[], logSums: PlannedMatrix | undefined) => ({
    values: { matrix: values[0] },
    to: { matrix: made[0] },
    others: values.slice(1).map((one, index) => ({ values: one, to: made[index + 1] })),
    logSums: { matrix: logSums },
  });

  if (keys !== undefined && keyCount > rows && ended === undefined) {
    const { segments, segmentRows } = segmentsOf(keyCount);
    const partialWords = wholeGroups(rows) * (2 + width);
    const partials = plan.words(segments * partialWords);
    const made = make(ready + 2);
    const logSums = logSumsFrom(ready + 2);
    const state = { segmentRows, segments, partials: { place: partials }, partialBytes: partialWords * 4 };
    const words = { ...common, ...outcome(made, logSums), ...state };
    steps.push({
      kind: "gather",
      words: { ...words, channels: channels + Number(bias !== undefined) },
      phase: ready,
      items: rowItems(keyCount, segmentRows, rows * (channels + width)),
      flops,
      touched: [
        ...(queries === undefined ? [] : [[queries, Math.ceil(keyCount / TILE.columns)] as const]),
        ...[keys, ...values].map((one) => [one, 1] as const),
      ],
    });
    steps.push({
      kind: "joinGathered",
      words,
      phase: ready + 1,
      items: rowItems(rows, TILE.queries, segments * width),
      flops: 2 * segments * rows * width,
      touched: made.map((one) => [one, 1] as const),
    });
    return;
  }
  // Scores by unit vectors are multiplied when their maximum is known.
  const sign = step.scale < 0 ? -1 : 1;
  const packed = keys && planPacking(planning, keys, bias, queries === undefined ? sign : factor);
  const phase = Math.max(ready, packed?.ready ?? 0);
  const made = make(phase + 1);
  const read = keysRead(attended) / keyCount;
  steps.push({
    kind: "attend",
    words: {
      ...common,
      ...outcome(made, logSumsFrom(phase + 1)),
      packed: { place: packed?.place ?? 0 },
      channels: packed?.channels ?? channels,
      size: ended?.size ?? 0,
      before: ended?.keysBefore ?? 0,
    },
    phase,
    items: rowItems(rows, ROWS_TOGETHER, keyCount * (channels + width)),
    flops,
    touched: [
      ...(queries === undefined ? [] : [[queries, 1] as const]),
      ...values.map((one) => [one, read] as const),
      ...made.map((one) => [one, 1] as const),
    ],
  });
}

/** Where an attention leaves what the weights of its rows are made with. */
function leavingSums({ left, plan }: Planning, to: string, rows: number): { readonly sums?: StepWord } {
  return left === undefined ? {} : { sums: { place: left.sumsOf(to, rows, plan) } };
}

/** A vector less the log-sums of rows against each other. */
export function planLessLogSums(planning: Planning, step: LogSums): void {
  const { matrices, panelKeys, steps } = planning;
  const source = matrices.named(step.of);
  const rows = matrices.named(step.rows);
  const bias = matrices.named(step.bias);
  const packed = planPacking(planning, rows, bias, step.scale * Math.LOG2E);
  const phase = Math.max(packed.ready, source.ready);
  const result = matrices.vector(step.to, rows.rows, phase + 1);
  steps.push({
    kind: "attend",
    words: {
      of: { matrix: rows },
      by: { matrix: rows },
      bias: { matrix: bias },
      less: { matrix: source },
      ...leavingSums(planning, step.to, rows.rows),
      logSums: { matrix: result },
      packed: { place: packed.place },
      channels: packed.channels,
      factor: { float: step.scale * Math.LOG2E },
    },
    phase,
    items: rowItems(rows.rows, ROWS_TOGETHER, rows.rows * rows.columns),
    flops: attendFlops({ rows: rows.rows, keys: rows.rows }, packed.channels, [], panelKeys),
    touched: [],
  });
}

/** The weights of few queries and keys themselves. */
export function planWeights(planning: Planning, step: Weights): void {
  const { matrices, panelKeys, steps } = planning;
  const queries = matrices.named(step.queries);
  const keys = matrices.named(step.keys);
  const packed = planPacking(planning, keys, undefined, step.scale * Math.LOG2E);
  const phase = Math.max(packed.ready, queries.ready);
  const result = matrices.made(step.to, queries.rows, keys.rows, phase + 1);
  steps.push({
    kind: "weights",
    words: {
      of: { matrix: queries },
      by: { matrix: keys },
      to: { matrix: result },
      packed: { place: packed.place },
      channels: packed.channels,
    },
    phase,
    items: rowItems(queries.rows, TILE.queries, keys.rows * keys.columns),
    flops: attendFlops({ rows: queries.rows, keys: keys.rows }, packed.channels, [], panelKeys),
    touched: [],
  });
}
