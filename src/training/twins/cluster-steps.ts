import type { Clusters, Spread } from "../../mechanisms/summary/declare.ts";
import type { Arrays } from "../arrays/arrays.ts";
import type { Tensor } from "../arrays/tensor.ts";
import { logSumExp, NOT_ATTENDED, softmaxSums } from "./pair-weights.ts";

/** Rounds of Lloyd's algorithm. */
const ASSIGNMENTS = 10;

/**
 * Which cluster each row is in, `[batch, heads, rows, clusters]`, a 1 in each row, and the means of the clusters. What is decided
 * is a constant to the gradient. A sum within float32's rounding of a threshold may be on its other side than in float64.
 */
export function clustersOf(
  arrays: Arrays,
  { of: name, planes: planesName, starts: startsName, count }: Clusters,
  of: (name: string) => Tensor,
): { readonly members: Tensor; readonly means: Tensor } {
  const rows = of(name);
  const planes = of(planesName);
  const [length, width] = rows.shape.slice(-2);
  const clusters = Math.min(count, length);
  const sums = rows.stopped().matmul(planes.part(-1, 0, width).transposed());
  const thresholds = planes.part(-1, width, width + 1).transposed();
  const codes = isMore(sums, thresholds);
  let centres = rowsAt(arrays, of(startsName).part(-1, 0, clusters), length).matmul(codes);
  let members = nearest(arrays, codes, centres);
  for (let round = 1; round < ASSIGNMENTS; round++) {
    const counts = members.sum(-2).transposed();
    const ones = members.transposed().matmul(codes);
    const isEmpty = isMore(counts.mul(0).add(0.5), counts);
    // The bits that more than half of its rows have; one without rows stays.
    centres = isMore(ones.mul(2), counts).mul(isEmpty.mul(-1).add(1)).add(centres.mul(isEmpty));
    members = nearest(arrays, codes, centres);
  }
  const sizes = members.sum(-2).transposed().atLeast(1);
  return { members, means: members.transposed().matmul(rows).div(sizes) };
}

/** 1 where a number is more than the other. */
function isMore(one: Tensor, other: Tensor): Tensor {
  return other.isLess(one);
}

/** A 1 in each row at the row that a start names, rounded down, the last for those beyond it: `[heads, clusters, rows]`. */
function rowsAt(arrays: Arrays, starts: Tensor, rows: number): Tensor {
  const named = starts
    .transposed()
    .atLeast(0)
    .atMost(rows - 1);
  const from = arrays.matrix(1, rows, (_, row) => row);
  const beyond = arrays.matrix(1, rows, (_, row) => row + 1);
  return named.isLess(from).mul(-1).add(1).mul(named.isLess(beyond));
}

/** A 1 in each row at the centre that fewest bits are apart from, the first of those as near: in whole numbers, which are exact. */
function nearest(arrays: Arrays, codes: Tensor, centres: Tensor): Tensor {
  const count = centres.shape.at(-2) ?? 0;
  const not = (x: Tensor): Tensor => x.mul(-1).add(1);
  const apart = codes.matmul(not(centres).transposed()).add(not(codes).matmul(centres.transposed()));
  const order = arrays.matrix(1, count, (_, centre) => centre);
  const places = apart.mul(count).add(order).mul(-1);
  return not(places.isLess(places.max(-1)));
}

/** Row i is the row of its cluster, or with the cluster's best keys weighed by the row itself. */
export function spreadRows(
  { of: name, members: membersName, improved }: Spread,
  of: (name: string) => Tensor,
): Tensor {
  const members = of(membersName);
  if (improved === undefined) return members.matmul(of(name));
  const { count, scale } = improved;
  const [queries, means, keys, values] = [
    improved.queries,
    improved.means,
    improved.keys,
    improved.values,
  ].map(of);
  const scores = means.matmul(keys.transposed()).mul(scale);
  const weights = scores.sub(logSumExp(scores, -1)).exp();
  const length = keys.shape.at(-2) ?? 0;
  const fixed = scores.stopped();
  const best = count < length ? fixed.isLess(fixed.nthLargest(count)).mul(-1).add(1) : fixed.mul(0).add(1);
  const rest = weights.mul(best.mul(-1).add(1)).matmul(values);
  const mass = weights.mul(best).sum(-1);
  const hidden = members.matmul(best).mul(-1).add(1).mul(NOT_ATTENDED);
  const own = softmaxSums(queries.matmul(keys.transposed()).mul(scale).add(hidden), values);
  return members.matmul(rest).add(members.matmul(mass).mul(own));
}
