import type { Problem } from "../../core/problem.ts";
import { FLOAT_BYTES, rowOffset } from "../../core/shape.ts";
import { type SoftmaxPattern, scaleOf } from "../../mechanisms/softmax-pattern/declare.ts";
import { bindHeads } from "../../pattern/bind.ts";
import { compileSchedule } from "../compile-schedule.ts";
import type { Runnable } from "../kernel.ts";
import { EMPTY_STATE, FINAL, type Schedule, TASK_WORDS } from "../schedule.ts";
import type { Steps } from "../schedule-writer.ts";
import { countTiles, forEachGroup, maskOf, type TileMaskWords } from "../walk-schedule.ts";
import { Workspace } from "../workspace.ts";
import { packColumns, packRows } from "./pack.ts";
import { addProduct } from "./product.ts";
import { type RowState, softmaxFull, softmaxMasked } from "./softmax-tile.ts";

/**
 * Query rows and keys of a tile. The packed tiles, the scores and the output of 32 rows stay within a 256 KiB
 * cache.
 */
const TILE = { queries: 32, keys: 64 };

/** Softmax attention over any pattern: walks the schedule, O(N·d) memory. */
export function prepareTiles(problem: Problem, mechanism: SoftmaxPattern, output: Float32Array): Runnable {
  const { shape, inputs } = problem;
  const { headDim, length, batch, heads } = shape;
  const patterns = bindHeads(mechanism, problem);
  const shared = new Map(patterns.map((pattern) => [pattern, compileSchedule(pattern, TILE)]));
  const schedules = patterns.map((pattern) => shared.get(pattern) as Schedule);

  const workspace = new Workspace();
  for (const { tasks, masks } of shared.values()) workspace.add(tasks, masks);
  const queries = workspace.float64(TILE.queries * headDim);
  const keys = workspace.float64(TILE.keys * headDim);
  const values = workspace.float64(TILE.keys * headDim);
  const scores = workspace.float64(TILE.queries * TILE.keys);
  const state: RowState = {
    maximum: workspace.float64(TILE.queries),
    total: workspace.float64(TILE.queries),
    output: workspace.float64(TILE.queries * headDim),
  };
  // What rows carry from pass to pass, if there is more than one.
  const keepsState = schedules.some(({ passes }) => passes > 1);
  const kept: RowState = {
    maximum: workspace.float64(keepsState ? length : 0),
    total: workspace.float64(keepsState ? length : 0),
    output: workspace.float64(keepsState ? length * headDim : 0),
  };
  const scale = scaleOf(mechanism, headDim);

  /** One tile of keys, full or masked, against the rows that are open. */
  const runTile = (base: number, rows: number, tileKeys: Steps, mask: TileMaskWords | null): void => {
    const { count } = tileKeys;
    packRows(inputs.k, base, tileKeys, headDim, 1, keys);
    const finite = packColumns(inputs.v, base, tileKeys, headDim, values, TILE.keys);
    scores.fill(0);
    addProduct(queries, 0, headDim, keys, headDim, scores, 0, TILE.keys, rows, count, headDim);
    if (mask === null) softmaxFull(scores, TILE.keys, rows, count, state, headDim);
    else softmaxMasked(scores, TILE.keys, rows, count, state, headDim, mask);
    if (finite || mask === null) {
      addProduct(scores, 0, TILE.keys, values, TILE.keys, state.output, 0, headDim, rows, headDim, count);
    } else addAttendedValues(scores, values, rows, count, state.output, headDim, mask);
  };

  const runHead = ({ tasks, masks }: Schedule, base: number): void => {
    forEachGroup(tasks, TILE.queries, (rows, first, end) => {
      packRows(inputs.q, base, rows, headDim, scale, queries);
      if ((tasks[first + 7] & EMPTY_STATE) !== 0) clearState(state);
      else moveState(kept, rows.start, rows.step, state, 0, 1, rows.count, headDim);
      for (let at = first; at < end; at += TASK_WORDS) {
        const [keyStart, keyStep, keyCount] = [tasks[at + 3], tasks[at + 4], tasks[at + 5]];
        for (let from = 0; from < keyCount; from += TILE.keys) {
          const count = Math.min(TILE.keys, keyCount - from);
          const tileKeys = { start: keyStart + from * keyStep, step: keyStep, count };
          runTile(base, rows.count, tileKeys, maskOf(masks, tasks, at));
        }
      }
      if ((tasks[end - 1] & FINAL) !== 0) {
        writeRows(state, rows.start, rows.step, rows.count, headDim, output, base);
      } else moveState(state, 0, 1, kept, rows.start, rows.step, rows.count, headDim);
    });
  };

  /** Counted when asked for: preparing a call does not need it. */
  const work = (of: (count: ReturnType<typeof countTiles>) => number): number => {
    const counted = new Map(
      [...shared.values()].map((schedule) => [schedule, of(countTiles(schedule, TILE.queries))]),
    );
    return batch * schedules.reduce((total, schedule) => total + (counted.get(schedule) as number), 0);
  };
  return {
    run() {
      for (let entry = 0; entry < batch; entry++) {
        for (let head = 0; head < heads; head++) {
          runHead(schedules[head], rowOffset(shape, entry, head, 0));
        }
      }
    },
    output: () => output,
    workspaceBytes: workspace.bytes,
    get executedFlops() {
      return 4 * headDim * work(({ pairs }) => pairs);
    },
    get bytes() {
      return FLOAT_BYTES * headDim * work(({ queries, keys }) => queries + 2 * keys + length);
    },
    dispose() {},
  };
}

function clearState(state: RowState): void {
  state.maximum.fill(Number.NEGATIVE_INFINITY);
  state.total.fill(0);
  state.output.fill(0);
}

/** Copies the state of `count` rows between strided places. */
function moveState(
  from: RowState,
  fromStart: number,
  fromStep: number,
  to: RowState,
  toStart: number,
  toStep: number,
  count: number,
  headDim: number,
): void {
  for (let row = 0; row < count; row++) {
    const source = fromStart + row * fromStep;
    const target = toStart + row * toStep;
    to.maximum[target] = from.maximum[source];
    to.total[target] = from.total[source];
    for (let i = 0; i < headDim; i++) to.output[target * headDim + i] = from.output[source * headDim + i];
  }
}

/** Normalises rows into the output; a row that attended nothing is zero. */
function writeRows(
  state: RowState,
  start: number,
  step: number,
  count: number,
  headDim: number,
  output: Float32Array,
  base: number,
): void {
  for (let row = 0; row < count; row++) {
    const factor = state.maximum[row] === Number.NEGATIVE_INFINITY ? 0 : 1 / state.total[row];
    const target = base + (start + row * step) * headDim;
    for (let i = 0; i < headDim; i++) output[target + i] = state.output[row * headDim + i] * factor;
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
  headDim: number,
  mask: TileMaskWords,
): void {
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < headDim; i++) {
      let sum = 0;
      for (let key = 0; key < keys; key++) {
        if (mask.attends(row, key)) sum += weights[row * TILE.keys + key] * values[i * TILE.keys + key];
      }
      output[row * headDim + i] += sum;
    }
  }
}
