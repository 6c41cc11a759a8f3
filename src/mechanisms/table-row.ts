import type { BoundPattern, Pattern } from "../core/pattern.ts";
import { measure } from "../core/pattern.ts";
import { shapeOf } from "../core/shape.ts";
import { constant, type Quantity, type TableRow, type TableSize } from "../core/table-one.ts";
import type { ParameterizedVariant } from "../core/variant.ts";
import { bindHeads } from "../pattern/bind.ts";
import { contains } from "../pattern/intervals.ts";
import { type LongestPath, longestPath, readBy } from "../pattern/longest-path.ts";
import type { Judged } from "./judged.ts";

/** The row of Table 1 of a variant of any kind: what it says itself takes precedence. */
export function tableRowOf(
  { mechanism, kind, table }: Judged & Pick<ParameterizedVariant, "table">,
  causal: boolean,
): TableRow {
  const row = { ...kind.table?.(mechanism, causal), ...table?.(causal) };
  const [first] = row.layers ?? [];
  if (row.path === undefined || first === undefined) return row;
  return { ...row, path: row.path.map((path) => unlessDense(path, first, causal)) };
}

/** The path length as a search finds it; null if there are no patterns to search, or a search would take too long. */
export function searchedPath(
  { layers = [] }: TableRow,
  causal: boolean,
  size: TableSize,
): LongestPath | null {
  if (layers.length === 0 || size.length < 2) return null;
  return longestPath(
    layers.map((pattern) => boundAt(pattern, causal, size)),
    causal,
  );
}

/** A pattern at a size, one per head. */
export function boundAt(
  pattern: Pattern,
  causal: boolean,
  { length, headDim, heads }: TableSize,
): BoundPattern[] {
  return bindHeads({ pattern }, { shape: shapeOf({ batch: 1, heads, length, headDim }), causal, threads: 1 });
}

/**
 * Where every row attends every key there is, one layer is enough, whatever the formula says of longer sequences; and a
 * single token has nowhere to go.
 */
function unlessDense(path: Quantity, pattern: Pattern, causal: boolean): Quantity {
  const { at } = path;
  if (at === undefined) return path;
  return {
    ...path,
    at(size) {
      if (size.length < 2) return 0;
      const layers = at(size);
      return layers !== null && layers > 1 && isDense(boundAt(pattern, causal, size), causal) ? 1 : layers;
    },
  };
}

/** Whether every row attends all that it may see, itself aside, in some head; ends at the first that does not. */
function isDense(heads: readonly BoundPattern[], causal: boolean): boolean {
  const [{ length }] = heads;
  for (let row = 0; row < length; row++) {
    const keys = readBy(heads, row);
    const itself = contains(keys, row) ? 0 : 1;
    if (measure(keys) + itself < (causal ? row + 1 : length)) return false;
  }
  return true;
}

/** All at once. */
export const AT_ONCE: readonly Quantity[] = [constant(1)];

/**
 * How many steps a sum over the tokens before takes, by the way in which it is computed: a state that goes from token to
 * token, one that goes from chunk to chunk, partial sums of partial sums, or all pairs of tokens.
 */
export const SCANNED: readonly Quantity[] = [
  constant(1, "all pairs"),
  { text: "log₂N", as: "scan", at: ({ length }) => Math.log2(length) },
  { text: "N/C", as: "chunks of C", letters: { C: "tokens of a chunk" } },
  { text: "N", as: "recurrent", at: ({ length }) => length },
];

/** The path through such a sum. */
export const SCANNED_PATH: readonly Quantity[] = [
  constant(1, "all pairs"),
  { text: "N", as: "updates of the state", at: ({ length }) => length },
];

/** Every row reads every token that it may see. */
export const ONE_LAYER: readonly Quantity[] = [constant(1)];

/** One token after the other. */
export const STEP_BY_STEP: readonly Quantity[] = [{ text: "N", at: ({ length }) => length }];
