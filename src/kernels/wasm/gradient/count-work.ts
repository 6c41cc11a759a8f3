import { FLOAT_BYTES, type Shape } from "../../../core/shape.ts";
import type { Forms } from "../../../pairwise/forms.ts";
import { FULL, type Schedule, TASK_WORDS } from "../../schedule.ts";
import { BIASES, type HeadWork, hull, rowFlops } from "../count-work.ts";
import { PANEL_QUERIES, panelRows, TILE } from "../layout.ts";
import { groupsOf } from "./segments.ts";

/**
 * What the tiles of a head's gradient do: scores, and dout times values, by panels of queries and keys that are attended at all;
 * what queries get by the key; and what keys get by panels of keys and the panels of queries that attend any of them.
 */
export function gradientWork(
  schedule: Schedule,
  { length, queries, headDim, valueDim }: Shape,
  panelKeys: number,
  { bias, turn }: Pick<Forms, "bias" | "turn">,
): HeadWork {
  const sizes = { headDim, valueDim, panelKeys };
  const perBias = bias === undefined ? 0 : bias.table === undefined ? 1 : 2;
  const { tasks, masks } = schedule;
  let flops = 0;
  let queriesRead = 0;
  let keysRead = 0;
  for (const { task: first, rows, end } of groupsOf(schedule).flat()) {
    queriesRead += rows;
    for (let task = first; task < end; task += TASK_WORDS) {
      const [firstKey, , keyCount, mask] = tasks.subarray(task + 3, task + 7);
      keysRead += keyCount;
      const spans = mask === FULL ? null : masks.subarray(mask, mask + rows);
      flops += taskFlops({ spans, rows, firstKey, keyCount }, sizes, perBias);
    }
  }
  // Of queries the product of dout with out, and two factors.
  flops += rowFlops(2 * queriesRead + 2 * length, headDim, { turn, score: undefined });
  flops += 2 * queriesRead * (headDim + valueDim);
  const read = queriesRead * (headDim + 2 * valueDim) + keysRead * (headDim + valueDim);
  return { flops, bytes: FLOAT_BYTES * (read + queries * headDim + length * (headDim + valueDim)) };
}

/** What a group of rows and the keys of one task are. */
export interface TaskPairs {
  /** The keys that each row attends, as masks have them; null if all. */
  readonly spans: Uint32Array | null;
  readonly rows: number;
  readonly firstKey: number;
  readonly keyCount: number;
}

/** Widths of rows, and keys that are computed together. */
export interface TileWidths {
  readonly headDim: number;
  readonly valueDim: number;
  readonly panelKeys: number;
}

/** Operations of the five products of a task, and `perBias` of each bias that is read. */
export function taskFlops(
  { spans, rows, firstKey, keyCount }: TaskPairs,
  { headDim, valueDim, panelKeys }: TileWidths,
  perBias = 0,
): number {
  const [keyWidth, valueWidth] = [headDim, valueDim].map((width) => Math.ceil(width / panelKeys) * panelKeys);
  let flops = 0;
  for (const [from, to] of tilesOf(firstKey, keyCount, panelKeys)) {
    const attended = panelSpans(spans, rows, from - firstKey, to - firstKey);
    const origin = from - (from % panelKeys) - firstKey;
    for (const [panel, [start, stop]] of attended.entries()) {
      if (start >= stop) continue;
      const panels = Math.ceil((stop - origin) / panelKeys) - Math.floor((start - origin) / panelKeys);
      const computed = panelRows(rows - panel * PANEL_QUERIES);
      flops += 2 * computed * (panels * panelKeys * (headDim + valueDim) + (stop - start) * keyWidth);
      if (perBias === 0) continue;
      const vectors = Math.ceil((stop - origin) / BIASES) - Math.floor((start - origin) / BIASES);
      flops += Math.min(PANEL_QUERIES, rows - panel * PANEL_QUERIES) * vectors * BIASES * perBias;
    }
    const ofKeys = keyRowsComputed(attended, rows, from - firstKey, to - firstKey);
    flops += 2 * ofKeys * (keyWidth + valueWidth);
  }
  return flops;
}

/** The same where every row attends every key, without going through panels. */
export function fullFlops(
  { rows, firstKey, keyCount }: Omit<TaskPairs, "spans">,
  { headDim, valueDim, panelKeys }: TileWidths,
): number {
  if (keyCount === 0) return 0;
  const [keyWidth, valueWidth] = [headDim, valueDim].map((width) => Math.ceil(width / panelKeys) * panelKeys);
  const end = firstKey + keyCount;
  const scored = Math.ceil(end / panelKeys) * panelKeys - Math.floor(firstKey / panelKeys) * panelKeys;
  let ofKeys = 0;
  for (const [from, to] of tilesOf(firstKey, keyCount, panelKeys)) ofKeys += rows * inPanels(to - from);
  const ofRows = inPanels(rows) * (scored * (headDim + valueDim) + keyCount * keyWidth);
  return 2 * (ofRows + ofKeys * (keyWidth + valueWidth));
}

/** Rows that panels of them compute. */
function inPanels(rows: number): number {
  const rest = rows % PANEL_QUERIES;
  return rows - rest + (rest === 0 ? 0 : panelRows(rest));
}

/** The keys of a task in tiles, which end where a panel does. */
function tilesOf(first: number, count: number, panelKeys: number): (readonly [from: number, to: number])[] {
  const tiles: (readonly [number, number])[] = [];
  for (let from = first; from < first + count; ) {
    const to = Math.min(first + count, from - (from % panelKeys) + TILE.columns);
    tiles.push([from, to]);
    from = to;
  }
  return tiles;
}

/** The keys that each panel of queries attends between two, as the module finds them. */
function panelSpans(
  spans: Uint32Array | null,
  rows: number,
  from: number,
  to: number,
): (readonly [start: number, stop: number])[] {
  return Array.from({ length: Math.ceil(rows / PANEL_QUERIES) }, (_, panel) =>
    spans === null ? [from, to] : hull(spans.subarray(panel * PANEL_QUERIES, (panel + 1) * PANEL_QUERIES)),
  );
}

/** Rows of keys times queries that are multiplied, over all panels of keys. */
function keyRowsComputed(
  attended: readonly (readonly [start: number, stop: number])[],
  rows: number,
  from: number,
  to: number,
): number {
  let computed = 0;
  for (let key = from; key < to; key += PANEL_QUERIES) {
    const count = Math.min(PANEL_QUERIES, to - key);
    let meeting = 0;
    for (const [panel, [start, stop]] of attended.entries()) {
      if (start < Math.min(stop, key + count) && stop > key)
        meeting += Math.min(PANEL_QUERIES, rows - panel * PANEL_QUERIES);
    }
    computed += meeting * panelRows(count);
  }
  return computed;
}
