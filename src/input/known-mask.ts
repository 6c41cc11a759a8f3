import type { KeyMask } from "../core/call-settings.ts";
import { UsageError } from "../core/errors.ts";
import type { ElementFormat } from "./element-formats.ts";
import { type MaskedShape, type MaskRows, readMaskRows, unknownRows } from "./mask-rows.ts";
import type { StoredTensor } from "./stored-tensor.ts";

/** What a mask is, if it is a known pattern. */
export interface KnownMask {
  readonly causal: boolean;
  /** What it excludes besides the future; null if nothing. */
  readonly mask: KeyMask | null;
}

/**
 * The pattern of a mask that is broadcast to `[batch, heads, queries, length]`: everything, causal, a window
 * along the diagonal, padding on either side, and combinations of these. The diagonal ends at the last query
 * and the last key: query i of M stands at key i + N - M. Anything else is a UsageError that names it.
 */
export function knownMask(tensor: StoredTensor<ElementFormat>, shape: MaskedShape): KnownMask {
  const { queries, length } = shape;
  const rows = readMaskRows(tensor, shape);
  const first = length - queries;
  const fit = fitOf(rows, first);
  if (fit === null)
    throw new UsageError(
      `${tensor.label} must leave at least one key, got no key in any row; save the mask of the call`,
    );
  for (let query = 0; query < queries; query++) {
    const low = Math.max(fit.from, first + query - fit.left);
    const high = Math.min(fit.to, first + query + fit.right + 1);
    const empty = rows.from[query] === rows.to[query];
    if (empty ? low >= high : low === rows.from[query] && high === rows.to[query]) continue;
    throw unknownRows(tensor, rows, query);
  }
  if (first !== 0 && fit.right === -first) throw atFirstKey(tensor, shape);
  const causal = fit.right <= 0;
  const left = fit.left >= length - 1 ? null : fit.left;
  const right = fit.right === 0 || fit.right >= queries - 1 ? null : fit.right;
  // A window off the diagonal excludes first or last keys by itself.
  const from = fit.from === Math.max(0, first - fit.left) ? 0 : fit.from;
  const to = fit.to === length + Math.min(0, fit.right) ? null : fit.to;
  const mask: KeyMask = { left, right, from, to };
  const leavesAll = left === null && right === null && from === 0 && to === null;
  return { causal, mask: leavesAll ? null : mask };
}

/**
 * The only window and padding that the rows could be, the first of which stands at the key `first`; null if
 * all are empty. Whether they are is checked later.
 */
function fitOf({ from, to }: MaskRows, first: number) {
  const queries = from.length;
  let low = Number.POSITIVE_INFINITY;
  let high = 0;
  let firstRow = -1;
  let lastRow = -1;
  for (let query = 0; query < queries; query++) {
    if (from[query] === to[query]) continue;
    if (firstRow < 0) firstRow = query;
    lastRow = query;
    low = Math.min(low, from[query]);
    high = Math.max(high, to[query]);
  }
  if (firstRow < 0) return null;
  let left = Number.POSITIVE_INFINITY;
  let right = Number.POSITIVE_INFINITY;
  // If a row ends before the padding, its window ends it; so it does if rows before or after are empty.
  for (let query = firstRow; query <= lastRow; query++) {
    if (from[query] === to[query]) continue;
    if (left === Number.POSITIVE_INFINITY && from[query] > low) left = first + query - from[query];
    if (right === Number.POSITIVE_INFINITY && to[query] < high) right = to[query] - 1 - first - query;
  }
  if (left === Number.POSITIVE_INFINITY && lastRow < queries - 1) left = first + lastRow + 1 - high;
  if (right === Number.POSITIVE_INFINITY && firstRow > 0) right = low - first - firstRow;
  return { from: low, to: high, left, right };
}

/**
 * The error for a mask that is causal from the first key on. Here the last query stands at the last key,
 * whatever the length, so that at a shorter length it would be another mask.
 */
function atFirstKey({ label }: StoredTensor<ElementFormat>, { queries, length }: MaskedShape): UsageError {
  const unused =
    queries < length
      ? `no query attends the last ${length - queries} keys: save k, v and the mask without them`
      : "omit the mask to measure without it, or with --causal";
  return new UsageError(
    `${label} must be aligned at the last key, got ${queries} queries of ${length} keys aligned at the first; ${unused}`,
  );
}
