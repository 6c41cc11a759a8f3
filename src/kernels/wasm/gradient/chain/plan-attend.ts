import type { Attend, LogSums } from "../../../../mechanisms/summary/declare.ts";
import {
  type Attended,
  endedKeys,
  keysRead,
  outerRows,
  rowsComputed,
  wholePanels,
} from "../../chain/chain-work.ts";
import { rowItems, type StepWord } from "../../chain/machine-step.ts";
import { type PlannedMatrix, wholeGroups } from "../../chain/matrices.ts";
import { planPacking } from "../../chain/plan-attend.ts";
import { segmentsOf } from "../../chain/segments.ts";
import { PANEL_KEYS, TILE } from "../../layout.ts";
import { GRADIENT_ROWS } from "../layout.ts";
import type { PlanningBack } from "./along.ts";

const ROWS_TOGETHER = 480;

/** Tiles that stay open for a group of rows, at most. */
const MOST_OPEN = (2 * GRADIENT_ROWS) / TILE.queries;

/** Sums of segments may be so many times as many rows as the matrix has that segments are of. */
const MOST_SUMS = 4;

/** Cross attention whose way back is planned. */
interface AttentionBack {
  /** By what the forward pass left of its rows. */
  readonly left: string;
  readonly queries: string | null;
  readonly keys: string | null;
  readonly bias?: string;
  readonly scale: number;
  readonly ended?: Attend["ended"];
  readonly results: readonly { readonly to: string; readonly values: string }[];
  /** The vector along which log-sums have a gradient, and the sign that they have in it. */
  readonly logs?: { readonly along: PlannedMatrix; readonly sign: number };
}

/** Cross attention, and the logarithms of its sums. */
export function planAttendBack(planning: PlanningBack, step: Attend): void {
  const { to, values, also = [], logSums, ...rest } = step;
  planAttentionBack(planning, {
    ...rest,
    left: to,
    results: [{ to, values }, ...also],
    ...(logSums !== undefined && { logs: { along: planning.along.to(logSums), sign: -1 } }),
  });
}

/** `of - ln Σ exp(…)`: what comes to a row goes to `of`, and with the opposite sign to the logarithm. */
export function planLogSumsBack(planning: PlanningBack, step: LogSums): void {
  const { along } = planning;
  const [of, from] = [along.sums(step.of), along.to(step.to)];
  if (of !== undefined) planAdding(planning, of, from, planning.phase);
  planAttentionBack(planning, {
    left: step.to,
    queries: step.rows,
    keys: step.rows,
    bias: step.bias,
    scale: step.scale,
    results: [],
    logs: { along: from, sign: 1 },
  });
}

/** Adds rows to where they are summed. */
export function planAdding(
  { steps }: PlanningBack,
  to: PlannedMatrix,
  from: PlannedMatrix,
  phase: number,
): void {
  steps.push({
    kind: "add",
    words: { of: { matrix: to }, by: { matrix: from }, to: { matrix: to } },
    phase,
    items: rowItems(to.rows, ROWS_TOGETHER, to.columns),
    flops: to.rows * to.columns,
    touched: [
      [to, 2],
      [from, 1],
    ],
  });
}

function planAttentionBack(planning: PlanningBack, attention: AttentionBack): void {
  const { plan, along, steps, panelKeys, phase } = planning;
  const { left, ended, results, scale, logs } = attention;
  const readOrNot = (name: string | null | undefined): PlannedMatrix | undefined =>
    name === null || name === undefined ? undefined : along.read(name);
  const sumsOrNot = (name: string | null | undefined): PlannedMatrix | undefined =>
    name === null || name === undefined ? undefined : along.sums(name);
  const [queries, keys, bias] = [attention.queries, attention.keys, attention.bias].map(readOrNot);
  const [ofSums, bySums, biasSums] = [attention.queries, attention.keys, attention.bias].map(sumsOrNot);
  const values = results.map((one) => along.read(one.values));
  const valueSums = results.map((one) => along.sums(one.values));
  const froms = results.map(({ to }) => along.to(to));
  const rows = queries?.rows ?? (keys as PlannedMatrix).columns;
  const keyCount = keys?.rows ?? (queries as PlannedMatrix).columns;
  const channels = (queries?.columns ?? (keys as PlannedMatrix).columns) + Number(bias !== undefined);
  const keyWidth = wholePanels(channels, panelKeys);
  const widths = values.map(({ columns }) => wholePanels(columns, panelKeys));
  const width = widths.reduce((sum, one) => sum + one, 0);
  const matrix = (one: PlannedMatrix | undefined): StepWord => ({ matrix: one });
  const attended = { rows, keys: keyCount, ...(ended !== undefined && { ended }) };
  const gathers = keys !== undefined && keyCount > rows && ended === undefined;

  const common = {
    of: matrix(queries),
    by: matrix(keys),
    bias: matrix(bias),
    ofSums: matrix(ofSums),
    bySums: matrix(bySums),
    biasSums: matrix(biasSums),
    sums: { place: along.leftSums(left) },
    logAlong: matrix(logs?.along),
    logSign: { float: logs?.sign ?? 0 },
    channels,
    width,
    factor: { float: scale * Math.LOG2E },
    scale: { float: scale },
    size: ended?.size ?? 0,
    before: ended?.keysBefore ?? 0,
  };
  const each = { values: values.map(matrix), along: froms.map(matrix), valueSums: valueSums.map(matrix) };
  // Unit vectors need no products.
  const products = queries === undefined || keys === undefined ? 0 : 1;
  const valueColumns = values.reduce((sum, { columns }) => sum + columns, 0);
  const pairs = pairsOf(attended, panelKeys);
  // Weights, and products of dout and values, which are made once more where rows do not stay open.
  const opening = 2 * pairs.panels * (products * channels + valueColumns);
  const adding = 2 * products * keyWidth * pairs.rows + 2 * (products * keyWidth + width) * pairs.keys;
  const opened =
    !gathers && Math.ceil(keyCount / TILE.columns) + Number(ended !== undefined) > MOST_OPEN ? 2 : 1;
  const flops = adding + opened * opening;
  const read = gathers
    ? 1
    : ended === undefined
      ? Math.ceil(rows / GRADIENT_ROWS)
      : keysRead(attended) / keyCount;
  const summed = new Set([ofSums, bySums, ...valueSums]);
  const touched = [
    ...[queries, ...froms].map((one) => [one, gathers ? Math.ceil(keyCount / TILE.columns) : 1] as const),
    [keys, read] as const,
    // Where keys are packed beforehand, so are their values.
    ...(gathers ? values : []).map((one) => [one, 1] as const),
    [ofSums, 2] as const,
    ...(gathers ? [bySums, ...valueSums].map((one) => [one, 2] as const) : []),
  ].flatMap(([one, times]) => (one === undefined ? [] : [[one, times] as const]));

  if (gathers) {
    const { segments, segmentRows } = segmentsOf(keyCount);
    const partialWords = wholeGroups(rows) * keyWidth;
    const partials = { place: plan.words(segments * partialWords) };
    const words = { ...common, rowMeans: { place: plan.words(4 * rows) }, each, segments, segmentRows };
    const means = { ...words, partials: { place: plan.words(4 * segments * rows) }, partialBytes: 16 * rows };
    steps.push({
      kind: "gatherMeans",
      words: means,
      phase,
      items: rowItems(keyCount, segmentRows, rows * (channels + width)),
      flops: opening,
      touched: touched.filter(([one]) => !summed.has(one)),
    });
    steps.push({
      kind: "joinMeans",
      words: means,
      phase: phase + 1,
      items: rowItems(rows, ROWS_TOGETHER, segments),
      flops: 2 * segments * rows,
      touched: [],
    });
    steps.push({
      kind: "gatherBack",
      words: { ...words, partials, partialBytes: partialWords * 4 },
      phase: phase + 2,
      items: rowItems(keyCount, segmentRows, rows * (channels + width)),
      flops,
      touched,
    });
    planning.phase = phase + 4;
    if (ofSums === undefined) return;
    steps.push({
      kind: "joinBack",
      words: {
        to: matrix(ofSums),
        segments,
        partials,
        partialBytes: partialWords * 4,
        width: keyWidth,
        scale: common.scale,
      },
      phase: phase + 3,
      items: rowItems(rows, TILE.queries, segments * keyWidth),
      flops: segments * rows * keyWidth,
      touched: [[ofSums, 2]],
    });
    return;
  }
  const packed =
    keys && planPacking(planning, keys, bias, queries === undefined ? 1 : scale * Math.LOG2E, phase);
  const packedValues = values.map((one) => planPackingRows(planning, one, phase));
  const { segments, segmentRows } = segmentsOf(rows, Math.max(1, Math.floor((MOST_SUMS * rows) / keyCount)));
  const partialWords = keyCount * (keyWidth + width);
  const partials = plan.words(segments * partialWords);
  steps.push({
    kind: "attendBack",
    words: {
      ...common,
      each: { ...each, packedValues: packedValues.map((place) => ({ place })) },
      packed: { place: packed?.place ?? 0 },
      segments,
      segmentRows,
      partials: { place: partials },
      partialBytes: partialWords * 4,
    },
    phase: phase + 1,
    items: rowItems(rows, segmentRows, keyCount * (channels + width)),
    flops,
    touched,
  });
  // A matrix may be keys and values: then one is joined after the other.
  let place = partials + keyCount * keyWidth * 4;
  const joined = [
    { to: bySums, biasSums, place: partials, width: keyWidth, scale: common.scale },
    ...valueSums.map((to, at) => {
      place += keyCount * (widths[at - 1] ?? 0) * 4;
      return { to, biasSums: undefined, place, width: widths[at], scale: { float: 1 } };
    }),
  ];
  const taken: PlannedMatrix[] = [];
  planning.phase = phase + 2;
  for (const one of joined) {
    if (one.to === undefined && one.biasSums === undefined) continue;
    const after = taken.filter((before) => before === one.to).length;
    if (one.to !== undefined) taken.push(one.to);
    planning.phase = Math.max(planning.phase, phase + 3 + after);
    steps.push({
      kind: "joinBack",
      words: {
        to: matrix(one.to),
        biasSums: matrix(one.biasSums),
        channels,
        segments,
        partials: { place: one.place },
        partialBytes: partialWords * 4,
        width: one.width,
        scale: one.scale,
      },
      phase: phase + 2 + after,
      items: rowItems(keyCount, TILE.queries, segments * one.width),
      flops: segments * keyCount * one.width,
      touched: one.to === undefined ? [] : [[one.to, 2]],
    });
  }
}

/** Pairs that products compute: in panels of keys; of each row; and of each key, in panels of those. */
function pairsOf(attended: Attended, panelKeys: number) {
  const { rows, ended } = attended;
  const pairs = { panels: 0, rows: 0, keys: 0 };
  const together = ended === undefined ? rows : TILE.queries;
  for (let first = 0; first < rows; first += together) {
    const count = Math.min(together, rows - first);
    const last = endedKeys(attended, first + count - 1);
    pairs.panels += rowsComputed(count) * wholePanels(last, panelKeys);
    pairs.rows += rowsComputed(count) * last;
    for (let key = 0; key < last; key += TILE.columns) {
      pairs.keys += count * outerRows(Math.min(TILE.columns, last - key));
    }
  }
  return pairs;
}

/** Packs rows as they are, in panels whose columns lie side by side. */
function planPackingRows({ plan, steps }: PlanningBack, rows: PlannedMatrix, phase: number): number {
  const place = plan.words(wholePanels(rows.rows, PANEL_KEYS.wide) * rows.columns);
  steps.push({
    kind: "packRows",
    words: { of: matrixWord(rows), packed: { place } },
    phase,
    items: rowItems(rows.rows, ROWS_TOGETHER, rows.columns),
    flops: 0,
    touched: [[rows, 1]],
  });
  return place;
}

function matrixWord(one: PlannedMatrix): StepWord {
  return { matrix: one };
}
