import type { AttendBlocks, Balance, MixBlocks } from "../../../mechanisms/summary/declare.ts";
import { MIXED_BLOCKS, TILE } from "../layout.ts";
import { attendFlops, rowsComputed, wholePanels } from "./chain-work.ts";
import { rowItems } from "./machine-step.ts";
import type { PlannedMatrix } from "./matrices.ts";
import { type Planning, planPacking } from "./plan-attend.ts";

/** Rows of scores that an item of balancing takes together: each is an exponential a number. */
const ROWS_TOGETHER = 16;
/** Floats of rows that are mixed together: a tile of blocks then stays near the core. */
const MIXED_TOGETHER = 256;
/** Floats between packed rows of blocks, besides their numbers. */
const APART = 16;
/** Queries of an item, about. */
const QUERIES_TOGETHER = 256;

/** What later steps know of a balanced matrix. */
export interface PlannedBalance {
  readonly scores: PlannedMatrix;
  readonly ready: number;
  /** The shares of so many blocks, as far as they are planned. */
  readonly shares: Map<number, PlannedMatrix>;
}

/** Scores, and the iterations that balance them; the last one of rows is that of shares. */
export function planBalance(planning: Planning, step: Balance): PlannedBalance {
  const { matrices, panelKeys, steps } = planning;
  const [queries, keys] = [matrices.named(step.queries), matrices.named(step.keys)];
  const packed = planPacking(planning, keys, undefined, step.scale * Math.LOG2E);
  let phase = Math.max(packed.ready, queries.ready);
  const { rows } = queries;
  const scores = matrices.made(step.to, rows, keys.rows, phase + 1);
  steps.push({
    kind: "scores",
    words: {
      of: { matrix: queries },
      by: { matrix: keys },
      to: { matrix: scores },
      packed: { place: packed.place },
      channels: packed.channels,
    },
    phase: phase++,
    items: rowItems(rows, TILE.queries, keys.rows * keys.columns),
    flops: attendFlops({ rows, keys: keys.rows }, packed.channels, [], panelKeys),
    touched: [],
  });
  const words = { of: { matrix: scores } };
  for (let iteration = 0; iteration < step.iterations; iteration++) {
    steps.push({
      kind: "balanceColumns",
      words,
      phase: phase++,
      items: rowItems(keys.rows, TILE.columns / 2, rows),
      flops: 0,
      touched: [],
    });
    if (iteration === step.iterations - 1) break;
    steps.push({
      kind: "balanceRows",
      words,
      phase: phase++,
      items: rowItems(rows, ROWS_TOGETHER, keys.rows),
      flops: 0,
      touched: [],
    });
  }
  return { scores, ready: phase, shares: new Map() };
}

/** The shares of the first `count` blocks in each. */
function planShares({ matrices, steps }: Planning, logs: PlannedBalance, count: number): PlannedMatrix {
  const { scores, ready, shares } = logs;
  const known = shares.get(count);
  if (known !== undefined) return known;
  const { rows } = scores;
  const result = matrices.made(`${scores.name} of ${count}`, rows, count, ready + 1);
  steps.push({
    kind: "shares",
    words: { of: { matrix: scores }, to: { matrix: result } },
    phase: ready,
    items: rowItems(rows, ROWS_TOGETHER, count),
    flops: 0,
    touched: [],
  });
  shares.set(count, result);
  return result;
}

/** A product with the same rows of all blocks: threads share the rows of a block. */
export function planMixBlocks(planning: Planning, step: MixBlocks, logs: PlannedBalance): void {
  const { matrices, panelKeys, steps } = planning;
  const { size } = step;
  const source = matrices.named(step.of);
  const blocks = logs.scores.rows;
  const inLast = source.rows - (blocks - 1) * size;
  const whole = planShares(planning, logs, blocks);
  const short = inLast < size ? planShares(planning, logs, blocks - 1) : undefined;
  const phase = Math.max(source.ready, whole.ready);
  const result = matrices.made(step.to, blocks * size, source.columns, phase + 1);
  const panels = wholePanels(source.columns, panelKeys);
  const together = Math.min(size, Math.max(1, Math.floor(MIXED_TOGETHER / panels)));
  steps.push({
    kind: "mixBlocks",
    words: {
      of: { matrix: source },
      by: { matrix: whole },
      bias: { matrix: short },
      to: { matrix: result },
      size,
      channels: together * panels + APART,
    },
    phase,
    items: rowItems(size, together, blocks * blocks * panels),
    flops: 2 * rowsComputed(blocks) * source.rows * panels,
    touched: [[source, Math.ceil(blocks / MIXED_BLOCKS)]],
  });
}

/** Attention within blocks: threads share the blocks. */
export function planAttendBlocks({ matrices, panelKeys, steps }: Planning, step: AttendBlocks): void {
  const { size } = step;
  const queries = matrices.named(step.queries);
  const keys = step.keys.map((name) => matrices.named(name));
  const values = step.values.map((name) => matrices.named(name));
  const phase = Math.max(...[queries, ...keys, ...values].map(({ ready }) => ready));
  const result = matrices.made(step.to, queries.rows, values[0].columns, phase + 1);
  const width = wholePanels(values[0].columns, panelKeys);
  const blocks = Math.ceil(queries.rows / size);
  let flops = 0;
  for (let first = 0; first < queries.rows; first += size) {
    const rows = rowsComputed(Math.min(size, queries.rows - first));
    for (const one of keys) {
      const count = Math.min(size, one.rows - first);
      flops += 2 * rows * (queries.columns * wholePanels(count, panelKeys) + count * width);
    }
  }
  const groups = Math.ceil(size / TILE.queries);
  steps.push({
    kind: "attendBlocks",
    words: {
      of: { matrix: queries },
      by: { matrix: keys[0] },
      ownKeys: { matrix: keys[1] },
      values: { matrix: values[0] },
      to: { matrix: result },
      others: [{ values: values[1], to: result }],
      size,
      width,
      channels: queries.columns,
      factor: { float: step.scale * Math.LOG2E },
    },
    phase,
    items: rowItems(
      blocks,
      Math.max(1, Math.floor(QUERIES_TOGETHER / size)),
      size * size * (queries.columns + width),
    ),
    flops,
    touched: [
      [queries, 1],
      [result, 1],
      ...keys.map((one) => [one, 1] as const),
      ...values.map((one) => [one, groups] as const),
    ],
  });
}
