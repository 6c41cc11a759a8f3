import { PANEL_QUERIES, panelRows, TILE } from "../layout.ts";
import type { PlannedMatrix } from "./matrices.ts";

/** Columns up to whole panels. */
export function wholePanels(columns: number, panelKeys: number): number {
  return Math.ceil(columns / panelKeys) * panelKeys;
}

/** Rows that panels of `rows` rows compute, which begin anew with every group of queries. */
export function rowsComputed(rows: number): number {
  const rest = rows % TILE.queries;
  let computed = rows - rest;
  for (let row = 0; row < rest; row += PANEL_QUERIES) computed += panelRows(rest - row);
  return computed;
}

/** Rows that panels of `rows` rows compute, one after another. */
export function outerRows(rows: number): number {
  const rest = rows % PANEL_QUERIES;
  return rows - rest + (rest === 0 ? 0 : panelRows(rest));
}

/** The keys that each of `rows` queries attends. */
export interface Attended {
  readonly rows: number;
  readonly keys: number;
  readonly ended?: { readonly size: number; readonly keysBefore: number };
}

/** Operations of scores and of weighted values, with whole panels counted. */
export function attendFlops(
  attended: Attended,
  channels: number,
  values: readonly PlannedMatrix[],
  panelKeys: number,
): number {
  const width = values.reduce((sum, { columns }) => sum + wholePanels(columns, panelKeys), 0);
  const { rows, keys, ended } = attended;
  if (ended === undefined) {
    return 2 * rowsComputed(rows) * (channels * wholePanels(keys, panelKeys) + keys * width);
  }
  let flops = 0;
  for (let first = 0; first < rows; first += TILE.queries) {
    const count = Math.min(TILE.queries, rows - first);
    const common = endedKeys(attended, first);
    flops += 2 * rowsComputed(count) * (channels * wholePanels(common, panelKeys) + common * width);
    const last = endedKeys(attended, first + count - 1);
    if (last === common) continue;
    const start = common - (common % panelKeys);
    flops += 2 * rowsComputed(count) * channels * wholePanels(last - start, panelKeys);
    for (let row = first; row < first + count; row++)
      flops += 2 * (endedKeys(attended, row) - common) * width;
  }
  return flops;
}

/** Keys that all groups of queries read, one after another. */
export function keysRead(attended: Attended): number {
  const { rows, keys, ended } = attended;
  if (ended === undefined) return Math.ceil(rows / TILE.queries) * keys;
  let read = 0;
  for (let first = 0; first < rows; first += TILE.queries) {
    read += endedKeys(attended, Math.min(rows, first + TILE.queries) - 1);
  }
  return read;
}

/** Keys that a query attends. */
export function endedKeys({ keys, ended }: Attended, query: number): number {
  if (ended === undefined) return keys;
  return Math.max(0, Math.min(keys, Math.floor((query + 1 + ended.keysBefore) / ended.size)));
}
