import { normalQuantile } from "./normal.ts";

/**
 * The scores that ranks get (van der Waerden 1952): the quantiles of the standard normal distribution at 1/(count+1),
 * …, count/(count+1), ascending.
 */
export function normalScores(count: number): Float64Array {
  const scores = new Float64Array(count);
  for (let low = 0, high = count - 1; low < high; low++, high--) {
    scores[low] = normalQuantile((low + 1) / (count + 1));
    scores[high] = -scores[low];
  }
  return scores;
}

/**
 * The rank of each value, from 0. Equal values are put in a random order, so that the ranks of exchangeable values are
 * a uniformly random permutation, ties or not. `below` draws from 0 … bound-1.
 */
export function randomisedRanks(values: ArrayLike<number>, below: (bound: number) => number): Int32Array {
  const order = Array.from(values, (value, index) => {
    if (Number.isNaN(value)) throw new RangeError("randomisedRanks: values must be numbers, got NaN");
    return { value, index, tie: below(2 ** 32) };
  });
  order.sort((a, b) => a.value - b.value || a.tie - b.tie);
  const ranks = new Int32Array(order.length);
  for (const [rank, { index }] of order.entries()) ranks[index] = rank;
  return ranks;
}
