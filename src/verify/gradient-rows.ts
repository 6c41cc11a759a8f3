import { OUT } from "../core/outputs.ts";
import { hashText, randomStream, shuffled } from "../core/random.ts";
import type { RowPlace } from "../core/rows.ts";
import { isSelfAttention, kvHeadOf } from "../core/shape.ts";
import { gradientName } from "../mechanisms/gradient/declare.ts";
import type { JudgedTask } from "../mechanisms/judged.ts";
import type { AskedRows } from "../mechanisms/kind.ts";
import { outputsOf } from "../mechanisms/outputs.ts";
import { gateRows, LEAST_ROWS, ROWS_A_HEAD, rowsOfHead } from "./rows.ts";

/** Products that the reference may spend on rows that sum over all queries, in one precision, beyond one head of k and v. */
const SUMMED_WORK = 2 ** 31;

/** Whether rows of a tensor sum over queries: one of them costs the reference as much as all of its head. */
export function isSummed({ tensor = OUT }: Pick<RowPlace, "tensor">): boolean {
  return tensor !== OUT && tensor !== gradientName("q");
}

/**
 * The rows that are verified of every tensor that a call gives: queries for `out` and `dq`, keys for `dk` and `dv`, and
 * what else has a gradient. Of rows that sum over queries those of as many heads of k and v as the reference can afford,
 * and of one at least.
 */
export function rowsToCheck(task: JudgedTask, seed: number): RowPlace[] {
  if (task.kind.outputs === undefined) return gateRows(task.shape, seed);
  const { shape } = task;
  const ofQueries = gateRows(shape, seed);
  const tensors = outputsOf(task);
  const wanted = affordableRows(
    task,
    Math.min(ROWS_A_HEAD, Math.ceil(ofQueries.length / (shape.batch * shape.heads))),
  );
  const all = tensors.flatMap(({ name: tensor, layout: { batch, heads, rows } }) => {
    if (!isSummed({ tensor })) return ofQueries.map((place) => ({ tensor, ...place }));
    return Array.from({ length: batch * heads }, (_, slice) => {
      const [entry, head] = [Math.floor(slice / heads), slice % heads];
      // The same keys of dk and dv: what adds to one adds to the other.
      const isOfKeys = tensor === gradientName("k") || tensor === gradientName("v");
      const keys = [seed, hashText(isOfKeys ? "keys" : tensor), entry, head];
      return rowsOfHead(rows, wanted, keys).map((row) => ({ tensor, batch: entry, head, row }));
    }).flat();
  });
  const slices = shape.batch * shape.kvHeads;
  const order = shuffled(slices, randomStream(seed, slices)).map((slice) => [
    Math.floor(slice / shape.kvHeads),
    slice % shape.kvHeads,
  ]);
  return affordable(task, all, order);
}

/**
 * Those of some rows that the reference can afford: of rows that sum over queries those in the first heads of k and v that
 * the rows themselves name, or that `order` does.
 */
export function affordable(
  task: JudgedTask,
  places: readonly RowPlace[],
  order?: ReadonlyArray<readonly number[]>,
): RowPlace[] {
  const summed = places.filter(isSummed);
  if (task.kind.outputs === undefined || summed.length === 0) return [...places];
  const { shape } = task;
  const slices = shape.batch * shape.kvHeads;
  const perSlice = referenceProducts(task, summed) / slices;
  const many = Math.max(1, Math.floor(SUMMED_WORK / perSlice));
  if (many >= slices) return [...places];
  const named = order ?? summed.map(({ batch, head }) => [batch, kvHeadNamed(task, head)]);
  const kept = new Set<string>();
  for (const [batch, kvHead] of named) if (kept.size < many) kept.add(`${batch} ${kvHead}`);
  return places.filter(
    (place) => !isSummed(place) || kept.has(`${place.batch} ${kvHeadNamed(task, place.head, place.tensor)}`),
  );
}

/** The head of k and v that a row is of; weights have as many heads as q. */
function kvHeadNamed({ shape }: JudgedTask, head: number, tensor?: string): number {
  const ofKeys = tensor === undefined || tensor === gradientName("k") || tensor === gradientName("v");
  return ofKeys ? head : kvHeadOf(shape, Math.min(head, shape.heads - 1));
}

/** How many rows of each head of k and v the reference can afford, of as many as are wanted. */
function affordableRows(task: JudgedTask, wanted: number): number {
  const { batch, kvHeads } = task.shape;
  let rows = wanted;
  const costs = (many: number): number => {
    const asked = { ...askedOf(task), rows: many * batch * kvHeads, summed: many * batch * kvHeads };
    return task.kind.oracleProducts(asked) / (batch * kvHeads);
  };
  while (rows > LEAST_ROWS && costs(rows) > SUMMED_WORK && costs(rows >> 1) < costs(rows)) rows >>= 1;
  return Math.max(rows, Math.min(wanted, LEAST_ROWS));
}

/** Products that the reference takes for some rows in one precision, along every row of dout or along so many. */
export function referenceProducts(task: JudgedTask, places: readonly RowPlace[], along?: number): number {
  const asked = askedOf(task);
  return task.kind.oracleProducts({
    ...asked,
    rows: places.length,
    summed: places.filter(isSummed).length,
    along: along ?? asked.along,
  });
}

/** What does not depend on the rows. */
function askedOf(task: JudgedTask): Omit<AskedRows, "rows" | "summed"> & { readonly along: number } {
  const { shape, causal, kind, mechanism } = task;
  const { batch, heads, length, queries, headDim } = shape;
  const { pairs, usefulFlops } = kind.work(task);
  const every = causal && isSelfAttention(shape) ? length / 2 : length;
  return {
    heads: batch * heads,
    length,
    headDim,
    before: pairs === null ? every : pairs / queries,
    usefulFlops: usefulFlops / (batch * heads * queries),
    along: batch * heads * queries,
    mechanism,
  };
}
