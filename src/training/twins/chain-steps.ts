import type { Attend, Clusters, Convolve, Segments, Step } from "../../mechanisms/summary/declare.ts";
import type { Arrays } from "../arrays/arrays.ts";
import type { Tensor } from "../arrays/tensor.ts";
import { attendBlocks, balanced, mixedBlocks } from "./block-steps.ts";
import { clustersOf, spreadRows } from "./cluster-steps.ts";
import { logSumExp, NOT_ATTENDED } from "./pair-weights.ts";

/** The matrices of a chain so far, `[batch, heads, rows, width]` each; those of the layer `[heads, rows, width]`. Members of clusters are marks. */
export type Matrices = Map<string, Tensor>;

/** Carries out a step: adds what it makes to the matrices. */
export function carryOut(arrays: Arrays, step: Step, matrices: Matrices): void {
  const of = (name: string): Tensor => {
    const found = matrices.get(name);
    if (found === undefined)
      throw new RangeError(`summary: ${step.step} must read a matrix made before, got ${name}`);
    return found;
  };
  switch (step.step) {
    case "attend":
      attend(arrays, step, of, matrices);
      return;
    case "clusters": {
      const { members, means } = clustersOf(arrays, step, of);
      matrices.set(step.members, members);
      matrices.set(step.to, means);
      return;
    }
    default:
      matrices.set(step.to, made(arrays, step, of));
  }
}

function made(arrays: Arrays, step: Exclude<Step, Attend | Clusters>, of: (name: string) => Tensor): Tensor {
  switch (step.step) {
    case "means":
      return meansOf(arrays, of(step.of), step.segments);
    case "sum":
      return of(step.of[0]).add(of(step.of[1]));
    case "product":
      return (step.transposed ? of(step.a).transposed() : of(step.a)).matmul(of(step.b));
    case "weights": {
      const scores = of(step.queries).matmul(of(step.keys).transposed()).mul(step.scale);
      return scores.sub(logSumExp(scores, -1)).exp();
    }
    case "pseudo-inverse":
      return pseudoInverse(arrays, of(step.of), step.iterations);
    case "half-squares":
      return squares(of(step.of)).mul(step.factor / 2);
    case "log-sizes": {
      const bounds = segmentsOf(rowsOf(of(step.of)), step.segments);
      return arrays.matrix(bounds.length, 1, (row) => Math.log(bounds[row].to - bounds[row].from));
    }
    case "less-log-sums": {
      const rows = of(step.rows);
      const scores = rows.matmul(rows.transposed()).mul(step.scale).add(of(step.bias).transposed());
      return of(step.of).sub(logSumExp(scores, -1));
    }
    case "convolve":
      return convolved(step, of);
    case "balance":
      return balanced(of(step.queries).matmul(of(step.keys).transposed()).mul(step.scale), step.iterations);
    case "mix-blocks":
      return mixedBlocks(arrays, of(step.logs), of(step.of), step.size);
    case "attend-blocks":
      return attendBlocks(arrays, step, of);
    case "spread":
      return spreadRows(step, of);
    default:
      return step satisfies never;
  }
}

function rowsOf(x: Tensor): number {
  return x.shape[x.shape.length - 2];
}

function squares(x: Tensor): Tensor {
  return x.mul(x).sum(-1);
}

/** Consecutive rows of `count`. */
function segmentsOf(count: number, segments: Segments): { readonly from: number; readonly to: number }[] {
  if ("count" in segments) {
    const many = segments.count;
    return Array.from({ length: many }, (_, t) => ({
      from: Math.floor((t * count) / many),
      to: Math.floor(((t + 1) * count) / many),
    }));
  }
  const { size } = segments;
  return Array.from({ length: Math.ceil(count / size) }, (_, t) => ({
    from: t * size,
    to: Math.min((t + 1) * size, count),
  }));
}

function meansOf(arrays: Arrays, x: Tensor, segments: Segments): Tensor {
  const count = rowsOf(x);
  const bounds = segmentsOf(count, segments);
  const shares = arrays.matrix(bounds.length, count, (row, column) => {
    const { from, to } = bounds[row];
    return column >= from && column < to ? 1 / (to - from) : 0;
  });
  return shares.matmul(x);
}

function attend(arrays: Arrays, step: Attend, of: (name: string) => Tensor, matrices: Matrices): void {
  const { queries, keys, scale, bias, ended } = step;
  const products = (): Tensor => {
    if (queries === null) return of(keys ?? "").transposed();
    return keys === null ? of(queries) : of(queries).matmul(of(keys).transposed());
  };
  let scores = products().mul(scale);
  if (bias !== undefined) scores = scores.add(of(bias).transposed());
  const [rows, columns] = scores.shape.slice(-2);
  const seen = (row: number): number =>
    ended === undefined ? columns : Math.max(0, Math.floor((row + 1 + ended.keysBefore) / ended.size));
  if (ended !== undefined) {
    scores = scores.add(arrays.matrix(rows, columns, (row, key) => (key < seen(row) ? 0 : NOT_ATTENDED)));
  }
  const logs = logSumExp(scores, -1);
  let weights = scores.sub(logs).exp();
  // A row that sees nothing is 0, and not a mean of what it does not see.
  if (ended !== undefined) weights = weights.mul(arrays.matrix(rows, 1, (row) => (seen(row) > 0 ? 1 : 0)));
  for (const { to, values } of [{ to: step.to, values: step.values }, ...(step.also ?? [])]) {
    matrices.set(to, weights.matmul(of(values)));
  }
  if (step.logSums !== undefined) matrices.set(step.logSums, logs);
}

/** `Z₀ = Aᵀ / (‖A‖₁ ‖A‖∞)`, then so often `Z ← ¼ Z (13 I - AZ (15 I - AZ (7 I - AZ)))`. */
function pseudoInverse(arrays: Arrays, a: Tensor, iterations: number): Tensor {
  const size = rowsOf(a);
  const times = (factor: number): Tensor =>
    arrays.matrix(size, size, (row, column) => (row === column ? factor : 0));
  const sizes = a.atLeast(a.mul(-1));
  const columns = sizes.sum(-2).max(-1);
  const rows = sizes.sum(-1).max(-2);
  let inverse = a.transposed().div(columns.mul(rows));
  for (let iteration = 0; iteration < iterations; iteration++) {
    const product = a.matmul(inverse);
    const inner = times(15).sub(product.matmul(times(7).sub(product)));
    inverse = inverse.matmul(times(13).sub(product.matmul(inner))).div(4);
  }
  return inverse;
}

function convolved({ of: name, values, taps }: Convolve, of: (name: string) => Tensor): Tensor {
  const [x, from, weights] = [of(name), of(values), of(taps)];
  const count = weights.shape[weights.shape.length - 1];
  const [rows, others] = [rowsOf(x), rowsOf(from)];
  const before = Math.floor(count / 2);
  const wide = from.padded(-2, before, count);
  let sum = x;
  for (let tap = 0; tap < count; tap++) {
    const first = others - rows + tap;
    sum = sum.add(wide.part(-2, first, first + rows).mul(weights.part(-1, tap, tap + 1)));
  }
  return sum;
}
