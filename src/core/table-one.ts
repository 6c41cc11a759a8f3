import type { ParameterValues } from "./parameters.ts";
import type { Pattern } from "./pattern.ts";

/**
 * A row of Table 1 of Vaswani et al. 2017, arXiv 1706.03762: what a layer costs, how much of it must be done one after
 * the other, and through how many layers a token reaches another.
 */
export interface TableRow {
  /** Complexity of one layer and head: the leading term, without constant factors; omitted if nothing is said of it. */
  readonly perLayer?: Quantity;
  /** Operations that cannot be done at the same time, by the way in which it is computed; omitted if nothing is said. */
  readonly sequential?: readonly Quantity[];
  /**
   * Layers until any token reaches any other that it may see, the same way; omitted if nothing is said. With residual
   * connections, as everywhere: a token keeps what it has. Of tokens that never meet it is infinite.
   */
  readonly path?: readonly Quantity[];
  /**
   * Patterns of the layers in turn, before causality, through which the path can be searched: where a row reads just the
   * tokens that it attends. Omitted if the path is no matter of patterns.
   */
  readonly layers?: readonly Pattern[];
}

/** One cell of the table. */
export interface Quantity {
  /**
   * The formula, N for tokens and d for the width of a head, such as `N(2w + 1)d`; or words where there is none, such as
   * `data-dependent`.
   */
  readonly text: string;
  /** What its other letters stand for. */
  readonly letters?: Letters;
  /** In which way it is computed or seen, if there are several, such as `recurrent`. */
  readonly as?: string;
  /** Its value, `Infinity` included; null where it takes too long to find. Omitted where there are only words. */
  at?(size: TableSize): number | null;
  /** Whether the formula is only a bound from above. */
  readonly atMost?: true;
}

/** What letters of a formula stand for: a number, or a formula of its own, such as `2d`. */
export type Letters = Readonly<Record<string, number | string>>;

/** What a formula may depend on. */
export interface TableSize {
  /** Tokens N. */
  readonly length: number;
  /** Width of a head, written d. */
  readonly headDim: number;
  /** Heads of the layer, whose patterns may differ. */
  readonly heads: number;
}

/** What a pattern contributes to the row of what attends over it. */
export interface PatternTerms {
  /** Keys that a row attends far from the ends, the leading term, such as `2w + 1`. Letters stand by themselves. */
  readonly keys?: KeyCount;
  /** The maximum path length; omitted if no formula is known. */
  readonly path?: Quantity;
  /** Whether some token reads every other and is read by every other. */
  readonly hub?: boolean;
}

/** How many keys a row attends, as a formula. */
export type KeyCount = Pick<Quantity, "text" | "letters">;

/** A number that does not depend on the size. */
export function constant(value: number, as?: string): Quantity {
  const text = value === Number.POSITIVE_INFINITY ? "∞" : `${value}`;
  return { text, at: () => value, ...(as !== undefined && { as }) };
}

/** A variant's row as data, with its values: what `list` prints and a report shows. */
export interface TableEntry {
  readonly variant: string;
  readonly family: string;
  readonly causal: boolean;
  readonly params: ParameterValues;
  readonly heads: number;
  readonly headDim: number;
  /** Empty where nothing is said. */
  readonly perLayer: readonly TableCell[];
  readonly sequential: readonly TableCell[];
  readonly path: readonly TableCell[];
  readonly searches: readonly TableSearch[];
}

/** One way to compute or to see it. */
export interface TableCell extends Pick<Quantity, "text" | "letters" | "as" | "atMost"> {
  /** By length; null where there are only words, or none can be told. */
  readonly values: readonly TableValue[];
}

export interface TableValue {
  readonly length: number;
  readonly value: number | null;
}

/** The path length that a breadth-first search found at a length; of some tokens only if it is not exact. */
export interface TableSearch {
  readonly length: number;
  readonly layers: number;
  readonly exact: boolean;
}
