import type { Problem } from "../../core/problem.ts";
import { remembered } from "../../core/remembered.ts";
import { FLOAT_BYTES, layoutOf, offsetIn, TENSORS } from "../../core/shape.ts";
import type { SoftmaxPattern } from "../../mechanisms/softmax-pattern/declare.ts";
import { bindHeads } from "../../pattern/bind.ts";
import { compileSchedule } from "../compile-schedule.ts";
import type { Runnable } from "../kernel.ts";
import { EMPTY_STATE, FINAL, type Schedule, TASK_WORDS } from "../schedule.ts";
import {
  countTiles,
  forEachGroup,
  maskOf,
  type TileMaskWords,
  type Tokens,
  tokensOf,
} from "../walk-schedule.ts";
import { Workspace } from "../workspace.ts";
import { type HeadGroup, headGroups } from "./head-groups.ts";
import { packColumns, packRows } from "./pack.ts";
import { prepareForms } from "./prepared-forms.ts";
import { addProduct } from "./product.ts";
import type { RowState } from "./softmax-tile.ts";
import { type Weighing, weighingOf } from "./weighing.ts";

/**
 * Query rows and keys of a tile. The packed tiles, the scores and the output of 32 rows stay within a 256 KiB
 * cache.
 */
export const TILE = { queries: 32, keys: 64 };

/** What one head of a group needs while rows of it are open. */
interface OpenRows {
  readonly queries: Float64Array;
  readonly state: RowState;
  /** What all its rows carry from pass to pass, if there is more than one. */
  readonly kept: RowState;
}

/**
 * Attention over any pattern, in any form: walks the schedule, O(N·d) memory. `logSums` `[batch, heads, queries]`, if given,
 * get the logarithms of each row's sum of `exp(score)`, +∞ for a row that attends nothing: what a backward pass makes
 * weights of again.
 */
export function prepareTiles(
  problem: Problem,
  mechanism: SoftmaxPattern,
  output: Float32Array,
  logSums: Float64Array | null = null,
): Runnable {
  const { shape, inputs } = problem;
  const { headDim, valueDim, batch } = shape;
  const patterns = bindHeads(mechanism, problem);
  const compiled = new Map(patterns.map((pattern) => [pattern, compileSchedule(pattern, TILE)]));
  const schedules = patterns.map((pattern) => compiled.get(pattern) as Schedule);
  const groups = headGroups(shape, schedules);
  const [ofQ, ofK, ofV, ofOutput] = TENSORS.map((name) => layoutOf(shape, name));

  const workspace = new Workspace();
  for (const { tasks, tokens, masks } of compiled.values()) workspace.add(tasks, tokens, masks);
  const rowState = (rows: number): RowState => ({
    maximum: workspace.float64(rows),
    total: workspace.float64(rows),
    output: workspace.float64(rows * valueDim),
  });
  const keys = workspace.float64(TILE.keys * headDim);
  const values = workspace.float64(TILE.keys * valueDim);
  const scores = workspace.float64(TILE.queries * TILE.keys);
  const keptRows = schedules.some(({ passes }) => passes > 1) ? shape.queries : 0;
  const mostHeads = groups.reduce((most, { heads }) => Math.max(most, heads.length), 0);
  const open = Array.from(
    { length: mostHeads },
    (): OpenRows => ({
      queries: workspace.float64(TILE.queries * headDim),
      state: rowState(TILE.queries),
      kept: rowState(keptRows),
    }),
  );
  const forms = prepareForms(problem, mechanism, workspace);
  const weighings = new Map(
    [...compiled].map(([pattern, schedule]) => [
      schedule,
      weighingOf(mechanism.normaliser, pattern, workspace),
    ]),
  );

  /** One packed tile of keys, full or masked, against the open rows of one head. */
  const runTile = (
    head: number,
    weighing: Weighing,
    { queries, state }: OpenRows,
    rows: Tokens,
    tileKeys: Tokens,
    mask: TileMaskWords | null,
    finite: boolean,
  ): void => {
    const { count } = tileKeys;
    forms.scores[head].write(queries, rows.count, keys, count, headDim, scores, TILE.keys);
    forms.bias?.add(head, scores, TILE.keys, rows, tileKeys);
    const tile = {
      scores,
      stride: TILE.keys,
      rows: rows.count,
      keys: count,
      queries: rows,
    };
    weighing.weigh(tile, state, valueDim, mask);
    if (finite || mask === null) {
      const { output } = state;
      addProduct(scores, 0, TILE.keys, values, TILE.keys, output, 0, valueDim, rows.count, valueDim, count);
    } else addAttendedValues(scores, values, rows.count, count, state.output, valueDim, mask);
  };

  const runGroup = ({ schedule, kvHead, heads }: HeadGroup, entry: number): void => {
    const { tasks, tokens, masks } = schedule;
    const weighing = weighings.get(schedule) as Weighing;
    const keysAt = offsetIn(ofK, entry, kvHead, 0);
    const valuesAt = offsetIn(ofV, entry, kvHead, 0);
    forEachGroup(tasks, TILE.queries, (entries, first, end) => {
      const rows = tokensOf(tokens, entries);
      for (let index = 0; index < heads.length; index++) {
        const { queries, state, kept } = open[index];
        const { factor, open: openQueries } = forms.scores[heads[index]];
        packRows(inputs.q, offsetIn(ofQ, entry, heads[index], 0), rows, headDim, factor, queries);
        forms.rotation?.turnRows(queries, rows, forms.firstQuery);
        openQueries?.(queries, rows.count, headDim);
        if ((tasks[first + 7] & EMPTY_STATE) !== 0) clearState(state, weighing);
        else fetchState(kept, rows, state, valueDim);
      }
      for (let at = first; at < end; at += TASK_WORDS) {
        const [firstKey, list, keyCount] = [tasks[at + 3], tasks[at + 4], tasks[at + 5]];
        for (let from = 0; from < keyCount; from += TILE.keys) {
          const count = Math.min(TILE.keys, keyCount - from);
          const tileKeys = tokensOf(tokens, { first: firstKey + from, list, count });
          packRows(inputs.k, keysAt, tileKeys, headDim, 1, keys);
          forms.rotation?.turnRows(keys, tileKeys, 0);
          const finite = packColumns(inputs.v, valuesAt, tileKeys, valueDim, values, TILE.keys);
          const mask = maskOf(masks, tasks, at);
          for (let index = 0; index < heads.length; index++) {
            runTile(heads[index], weighing, open[index], rows, tileKeys, mask, finite);
          }
        }
      }
      for (let index = 0; index < heads.length; index++) {
        const { state, kept } = open[index];
        if ((tasks[end - 1] & FINAL) !== 0) {
          const base = offsetIn(ofOutput, entry, heads[index], 0);
          writeRows(state, rows, valueDim, weighing, output, base);
          if (logSums !== null)
            writeLogSums(state, rows, logSums, (entry * shape.heads + heads[index]) * shape.queries);
        } else keepState(state, kept, rows, valueDim);
      }
    });
  };

  /** Counted when asked for: preparing a call does not need it. */
  const sum = (of: (tiles: ReturnType<typeof countTiles>, heads: number) => number): number => {
    const counted = new Map<Schedule, ReturnType<typeof countTiles>>();
    return groups.reduce((total, { schedule, heads }) => {
      const tiles = remembered(counted, schedule, () => countTiles(schedule, TILE.queries));
      return total + batch * of(tiles, heads.length);
    }, 0);
  };
  return {
    run() {
      forms.refresh();
      for (let entry = 0; entry < batch; entry++) for (const group of groups) runGroup(group, entry);
    },
    output: () => output,
    workspaceBytes: workspace.bytes,
    get executedFlops() {
      const perPair = forms.pairFlops + 2 * valueDim;
      return sum(
        ({ pairs, queries, keys }, heads) =>
          heads * pairs * perPair + forms.rowFlops(heads * queries, keys, heads),
      );
    },
    get bytes() {
      return (
        FLOAT_BYTES *
        sum(
          ({ queries, keys }, heads) =>
            headDim * (heads * queries + keys) + valueDim * (heads * shape.queries + keys),
        )
      );
    },
    dispose() {},
  };
}

function clearState(state: RowState, { maximum, total }: Weighing): void {
  state.maximum.fill(maximum);
  state.total.fill(total);
  state.output.fill(0);
}

/** Fetches the state that an earlier pass kept. */
function fetchState(kept: RowState, rows: Tokens, state: RowState, valueDim: number): void {
  for (let row = 0; row < rows.count; row++) moveState(kept, rows.token(row), state, row, valueDim);
}

/** Keeps the state for a later pass. */
function keepState(state: RowState, kept: RowState, rows: Tokens, valueDim: number): void {
  for (let row = 0; row < rows.count; row++) moveState(state, row, kept, rows.token(row), valueDim);
}

function moveState(from: RowState, source: number, to: RowState, target: number, valueDim: number): void {
  to.maximum[target] = from.maximum[source];
  to.total[target] = from.total[source];
  for (let i = 0; i < valueDim; i++) to.output[target * valueDim + i] = from.output[source * valueDim + i];
}

/** Normalises rows into the output. */
function writeRows(
  state: RowState,
  rows: Tokens,
  valueDim: number,
  weighing: Weighing,
  output: Float32Array,
  base: number,
): void {
  for (let row = 0; row < rows.count; row++) {
    const query = rows.token(row);
    const factor = weighing.factor(state, row, query);
    const target = base + query * valueDim;
    for (let i = 0; i < valueDim; i++) output[target + i] = state.output[row * valueDim + i] * factor;
  }
}

function writeLogSums(state: RowState, rows: Tokens, logSums: Float64Array, base: number): void {
  for (let row = 0; row < rows.count; row++) {
    const maximum = state.maximum[row];
    logSums[base + rows.token(row)] =
      maximum === Number.NEGATIVE_INFINITY ? Number.POSITIVE_INFINITY : maximum + Math.log(state.total[row]);
  }
}

/**
 * The same product over attended keys only, summed in the same order: if a value is not finite, even weight 0
 * would spread it to rows that do not attend it.
 */
function addAttendedValues(
  weights: Float64Array,
  values: Float64Array,
  rows: number,
  keys: number,
  output: Float64Array,
  valueDim: number,
  mask: TileMaskWords,
): void {
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < valueDim; i++) {
      let sum = 0;
      for (let key = 0; key < keys; key++) {
        if (mask.attends(row, key)) sum += weights[row * TILE.keys + key] * values[i * TILE.keys + key];
      }
      output[row * valueDim + i] += sum;
    }
  }
}
