import type { Task } from "../../core/problem.ts";
import { FLOAT_BYTES } from "../../core/shape.ts";
import type { LeastWork } from "../kind.ts";
import { attendSize, madeBy, readBy, type Sizes, sizeIn, sizesOf } from "./chain-sizes.ts";
import { type Attend, chainOf, type Matrix, type Step, type Summary } from "./declare.ts";
import { copiesOf, pairsOf, scoreWidth, stepFlops } from "./work.ts";

/**
 * What the output needs at least. A row that attends one key is its value, and needs no score; segments of one row
 * are their own means; all clusters but one may be empty; and blocks may be mixed of one each, their own, so that every
 * key is attended twice.
 */
export function leastWork({ mechanism, shape, causal }: Task<Summary>): LeastWork {
  const steps = chainOf(mechanism, shape, causal);
  const sizes = sizesOf(steps, mechanism.inputs, shape);
  const needed = new Set<Matrix>(["out"]);
  let flops = 0;
  for (const step of steps.toReversed()) {
    if (!madeBy(step, sizes).some(([name]) => needed.has(name))) continue;
    flops += copiesOf(step, sizes, shape) * leastFlops(step, steps, sizes, needed);
    const read = readLeast(step, sizes, needed);
    for (const name of read) needed.add(name);
  }
  const { batch, heads, kvHeads, queries, length, headDim, valueDim } = shape;
  // Few tokens may be cheaper to multiply with one another than with summaries.
  const few = Math.min(length, queries) < 2 * Math.max(headDim, valueDim);
  const copies = (name: Matrix): number => {
    if (name === "q") return batch * heads;
    if (name === "k" || name === "v") return batch * kvHeads;
    return Object.hasOwn(mechanism.inputs, name) ? (sizeIn(sizes, name).perHead ? heads : 1) : 0;
  };
  const floats = [...needed].reduce(
    (sum, name) => sum + copies(name) * rowsRead(name, steps, sizes) * widthRead(name, steps, sizes),
    batch * heads * queries * valueDim,
  );
  return { flops: few ? 0 : flops, bytes: FLOAT_BYTES * floats };
}

/** Whether no row attends more than one key. */
function isCopy(step: Attend, sizes: Sizes): boolean {
  return step.logSums === undefined && mostKeys(step, sizes) <= 1;
}

function mostKeys(step: Attend, sizes: Sizes): number {
  const { queries, keys } = attendSize(step, sizes);
  if (step.ended === undefined) return keys;
  return Math.floor((queries + step.ended.keysBefore) / step.ended.size);
}

/** What a step depends on. One block is itself, however it is mixed. */
function readLeast(step: Step, sizes: Sizes, needed: ReadonlySet<Matrix>): readonly Matrix[] {
  if (step.step === "attend" && isCopy(step, sizes)) return valuesNeeded(step, needed);
  return step.step === "mix-blocks" && sizeIn(sizes, step.logs).rows === 1 ? [step.of] : readBy(step);
}

function valuesNeeded({ to, values, also = [] }: Attend, needed: ReadonlySet<Matrix>): Matrix[] {
  return [{ to, values }, ...also].filter((one) => needed.has(one.to)).map((one) => one.values);
}

function leastFlops(step: Step, steps: readonly Step[], sizes: Sizes, needed: ReadonlySet<Matrix>): number {
  const of = (name: Matrix) => sizeIn(sizes, name);
  switch (step.step) {
    case "means":
      return of(step.to).rows >= of(step.of).rows ? 0 : stepFlops(step, sizes);
    case "attend": {
      if (isCopy(step, sizes)) return 0;
      const widths = valuesNeeded(step, needed).reduce((sum, name) => sum + of(name).width, 0);
      const clustered = steps.some((one) => one.step === "clusters" && one.to === step.queries);
      const pairs = clustered ? attendSize(step, sizes).keys : pairsOf(step, sizes);
      return 2 * pairs * (scoreWidth(step, sizes) + widths);
    }
    case "pseudo-inverse": {
      const { rows } = of(step.of);
      const product = steps.find((one) => one.step === "product" && one.a === step.to);
      const columns = product === undefined ? rows : of(product.to).width;
      return inverseFlops(rows, step.iterations, columns);
    }
    case "mix-blocks":
      return 0;
    case "attend-blocks": {
      const { rows } = of(step.queries);
      const last = rows % step.size;
      const pairs = [...Array.from({ length: Math.floor(rows / step.size) }, () => step.size), last];
      const several = pairs.filter((count) => count > 1).reduce((sum, count) => sum + count * count, 0);
      return 2 * several * (of(step.queries).width + of(step.to).width);
    }
    default:
      return stepFlops(step, sizes);
  }
}

/** The last iterations may be applied to the columns that the inverse is multiplied with, four products to each. */
function inverseFlops(rows: number, iterations: number, columns: number): number {
  const ways = Array.from({ length: iterations + 1 }, (_, applied) => {
    return 8 * (iterations - applied) * rows ** 3 + 2 * (4 ** applied - 1) * rows ** 2 * columns;
  });
  return Math.min(...ways);
}

/** Rows of an input that the output depends on. */
function rowsRead(name: Matrix, steps: readonly Step[], sizes: Sizes): number {
  const { rows } = sizeIn(sizes, name);
  const pooled = steps.find((step): step is Attend => step.step === "attend" && step.ended !== undefined);
  if (pooled?.ended === undefined) return rows;
  const { size, keysBefore } = pooled.ended;
  // Queries that attend one block are its mean, and the last tokens are in no block that has ended.
  if (name === "q") return Math.min(rows, Math.max(0, rows + keysBefore - (2 * size - 1)));
  return name === "k" || name === "v" ? Math.min(rows, size * Math.max(0, mostKeys(pooled, sizes))) : rows;
}

/** Columns of an input that the output depends on: of the rows that clusters start at, as many as there are rows. */
function widthRead(name: Matrix, steps: readonly Step[], sizes: Sizes): number {
  const { width } = sizeIn(sizes, name);
  const clusters = steps.find((step) => step.step === "clusters" && step.starts === name);
  return clusters?.step === "clusters" ? Math.min(width, sizeIn(sizes, clusters.of).rows) : width;
}
