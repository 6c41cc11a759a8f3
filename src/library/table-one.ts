import { familyOf } from "../core/family.ts";
import type { Quantity, TableCell, TableEntry, TableSize } from "../core/table-one.ts";
import { parameterize, type Variant } from "../core/variant.ts";
import type { Kinds } from "../mechanisms/kinds.ts";
import { searchedPath, tableRowOf } from "../mechanisms/table-row.ts";
import { allowsCausal } from "../mechanisms/why-undefined.ts";

/** What a row is made for. */
export interface TableAsked extends Omit<TableSize, "length"> {
  readonly params: Readonly<Record<string, unknown>>;
  /** Asked for; a variant that is always causal, or never, is as it can be. */
  readonly causal: boolean;
  readonly lengths: readonly number[];
}

/** Tokens beyond which values are not worked out: pairs of some patterns are counted row by row. */
export const MOST_TOKENS = 2 ** 20;

/** A variant's row of Table 1 with its values. Refuses parameters that the declaration does not allow. */
export function tableEntry(variant: Variant, kinds: Kinds, asked: TableAsked): TableEntry {
  const { heads, headDim, lengths } = asked;
  const judged = kinds.judged(parameterize(variant, asked.params));
  const causal = allowsCausal(judged, asked.causal) ? asked.causal : !asked.causal;
  const row = tableRowOf(judged, causal);
  const { whyNot } = judged.kind.pattern(judged.mechanism, causal);
  const defined = lengths.filter((length) => length <= MOST_TOKENS && (whyNot?.(length) ?? null) === null);
  const cells = (quantities: readonly Quantity[] | undefined): readonly TableCell[] =>
    (quantities ?? []).map(({ at, ...told }) => ({
      ...told,
      values: lengths.map((length) => ({
        length,
        value: defined.includes(length) ? (at?.({ length, heads, headDim }) ?? null) : null,
      })),
    }));
  return {
    variant: variant.id,
    family: familyOf(variant).id,
    causal,
    params: judged.params,
    heads,
    headDim,
    perLayer: cells(row.perLayer && [row.perLayer]),
    sequential: cells(row.sequential),
    path: cells(row.path),
    searches: defined.flatMap((length) => {
      const found = searchedPath(row, causal, { length, heads, headDim });
      return found === null ? [] : [{ length, ...found }];
    }),
  };
}
