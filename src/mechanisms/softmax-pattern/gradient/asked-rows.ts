import type { RowPlace } from "../../../core/rows.ts";
import { kvHeadOf, type Shape } from "../../../core/shape.ts";
import { BIAS_TABLE } from "../../../pairwise/bind-biases.ts";
import { gradientName } from "../../gradient/declare.ts";
import type { RowSum } from "./row-sum.ts";

/** The rows of gradients that one head's queries add to, in one batch entry. */
export interface AskedOfHead<Sum extends RowSum> {
  /** By query. */
  readonly queries: ReadonlyMap<number, Sum>;
  /** By key; those of heads that share a head of k and v are the same. */
  readonly keys: ReadonlyMap<number, Sum>;
  readonly values: ReadonlyMap<number, Sum>;
  /** Of the table of a bias; null if it is not asked for. */
  readonly table: Sum | null;
  /** Of learned vectors, by name. */
  readonly vectors: ReadonlyMap<string, Sum>;
}

/** Sorts the rows that are asked for, each with its sum, by what adds to them. */
export function askedOf<Sum extends RowSum>(
  shape: Shape,
  sums: ReadonlyMap<RowPlace, Sum>,
): (batch: number, head: number) => AskedOfHead<Sum> {
  const all = [...sums];
  const of = (input: string) => all.filter(([{ tensor }]) => tensor === gradientName(input));
  const [q, k, v, table] = ["q", "k", "v", BIAS_TABLE].map(of);
  const known = new Set(["q", "k", "v", BIAS_TABLE].map(gradientName));
  const vectors = all.filter(([{ tensor = "" }]) => !known.has(tensor));
  const rowsOf = (some: typeof all, batch: number, head: number) =>
    new Map(
      some
        .filter(([place]) => place.batch === batch && place.head === head)
        .map(([{ row }, sum]) => [row, sum] as const),
    );
  return (batch, head) => ({
    queries: rowsOf(q, batch, head),
    keys: rowsOf(k, batch, kvHeadOf(shape, head)),
    values: rowsOf(v, batch, kvHeadOf(shape, head)),
    table: table.find(([place]) => place.head === head)?.[1] ?? null,
    vectors: new Map(
      vectors
        .filter(([place]) => place.head === head)
        .map(([{ tensor = "" }, sum]) => [tensor.slice(gradientName("").length), sum] as const),
    ),
  });
}
