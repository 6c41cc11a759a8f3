import { variants } from "../../variants/index.ts";
import { printable, textOf, UsageError } from "../core/errors.ts";
import { familyOf } from "../core/family.ts";
import type { Quantity, TableCell, TableEntry, TableSize } from "../core/table-one.ts";
import { parameterize, type Variant } from "../core/variant.ts";
import { builtInKinds, type Kinds } from "../mechanisms/kinds.ts";
import { searchedPath, tableRowOf } from "../mechanisms/table-row.ts";
import { allowsCausal } from "../mechanisms/why-undefined.ts";
import type { CaseRow, Results } from "../record/case-row.ts";
import { operationOf } from "../record/schema/case-task.ts";

/** What a row is made for. */
export interface TableAsked extends Omit<TableSize, "length"> {
  readonly params: Readonly<Record<string, unknown>>;
  /** Asked for; a variant that is always causal, or never, is as it can be. */
  readonly causal: boolean;
  readonly lengths: readonly number[];
  /** Tokens beyond which no path is searched, which takes a moment each; `MOST_TOKENS` if omitted. */
  readonly searched?: number;
}

/** Tokens beyond which values are not worked out: pairs of some patterns are counted row by row. */
export const MOST_TOKENS = 2 ** 20;

/** Of sixty variants at ten lengths, longer searches took most of the time that a report takes. */
const SEARCHED_IN_REPORTS = 4096;

/** A variant's row of Table 1 with its values. Refuses parameters that the declaration does not allow. */
export function tableEntry(variant: Variant, kinds: Kinds, asked: TableAsked): TableEntry {
  const { heads, headDim, lengths, searched = MOST_TOKENS } = asked;
  const judged = kinds.judged(parameterize(variant, asked.params));
  const causal = allowsCausal(judged, asked.causal) ? asked.causal : !asked.causal;
  const row = tableRowOf(judged, causal);
  const { whyNot } = judged.kind.pattern(judged.mechanism, causal);
  const defined = lengths.filter((length) => length <= MOST_TOKENS && (whyNot?.(length) ?? null) === null);
  const cells = (quantities: readonly Quantity[] = []): readonly TableCell[] =>
    quantities.map((quantity) => {
      const { at, ...told } = quantity;
      refuseNoFormula(variant, quantity);
      const valueFor = (length: number) => {
        const value = at?.({ length, heads, headDim });
        refuseNoValue(variant, quantity, value);
        return value ?? null;
      };
      return {
        ...told,
        values: lengths.map((length) => ({
          length,
          value: defined.includes(length) ? valueFor(length) : null,
        })),
      };
    });
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
      if (length > searched) return [];
      const found = searchedPath(row, causal, { length, heads, headDim });
      return found === null ? [] : [{ length, ...found }];
    }),
  };
}

/** What a plug-in declares may be anything. */
function refuseNoFormula({ id }: Variant, { text }: Quantity): void {
  if (typeof text === "string" && text !== "") return;
  throw new UsageError(`${id}: table: a formula must have a text, got '${printable(textOf(text), 60)}'`);
}

function refuseNoValue({ id }: Variant, { text }: Quantity, value: number | null | undefined): void {
  if (value === undefined || value === null || value >= 0) return;
  throw new UsageError(
    `${id}: table: the value of ${printable(text, 60)} must be a number from 0 on, or Infinity, got ${printable(textOf(value), 60)}`,
  );
}

/**
 * Adds rows of Table 1 for passes of built-in variants, since the file does not hold what a plug-in declared; and none for
 * calls that attend other pairs than the variant says: those of a mask, of given edges, of other queries than keys.
 */
export function withTableOne<R extends Results>(results: R): R {
  const plain = results.rows.filter(isPlain);
  const alike = Map.groupBy(plain, ({ variant, causal, params, heads, head_dim }) =>
    JSON.stringify([variant, causal, params, heads, head_dim]),
  );
  const tableOne = [...alike.values()].flatMap((rows) => entryOf(rows) ?? []);
  return { ...results, tableOne };
}

function isPlain(row: CaseRow): boolean {
  const { mask, given_edges: edges, queries = row.length } = row;
  return (
    operationOf(row).unit === "pass" && mask === undefined && edges === undefined && queries === row.length
  );
}

/** The entry of cases that differ only in length; null if the variant is unknown, or its declaration has changed. */
function entryOf(rows: readonly CaseRow[]): TableEntry | null {
  const [{ variant: id, causal, params, heads, head_dim: headDim }] = rows;
  const variant = variants.find((one) => one.id === id);
  if (variant === undefined) return null;
  const lengths = [...new Set(rows.map(({ length }) => length))].sort((a, b) => a - b);
  const asked = { params, causal, heads, headDim, lengths, searched: SEARCHED_IN_REPORTS };
  try {
    const entry = tableEntry(variant, builtInKinds, asked);
    return entry.causal === causal ? { ...entry, params } : null;
  } catch (thrown) {
    if (thrown instanceof UsageError) return null;
    throw thrown;
  }
}
