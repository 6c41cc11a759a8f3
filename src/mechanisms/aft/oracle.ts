import { FLOAT32_EPSILON, FLOAT32_LEAST, FLOAT32_TINIEST } from "../../core/error-budget.ts";
import type { ExactProblem } from "../../core/problem.ts";
import type { RowPlace } from "../../core/rows.ts";
import { layoutOf, offsetIn } from "../../core/shape.ts";
import { type Numbers, tensorNamed } from "../../core/tensors.ts";
import { type Oracle, type ReferenceRow, type Rounding, sumsOf } from "../oracle.ts";
import { addKey, addSums, type ChannelSums, copySums, emptySums, type KeyBias } from "./channel-sums.ts";
import { type Aft, biasedKeys, LEARNED } from "./declare.ts";

/**
 * Rows by the definition: the keys that have a bias are added row by row, O(N·d) each; the others before and
 * after them have the same weights in every row, and are summed in one sweep from each end.
 */
export function aftOracle(problem: ExactProblem<Aft>): Oracle {
  return {
    rows(places, round) {
      const rows: ReferenceRow[] = [];
      const { heads } = problem.shape;
      const slices = Map.groupBy(places.keys(), (index) => places[index].batch * heads + places[index].head);
      for (const indices of slices.values()) {
        const made = rowsOfHead(
          problem,
          indices.map((index) => places[index]),
          round,
        );
        for (const [at, index] of indices.entries()) rows[index] = made[at];
      }
      return rows;
    },
  };
}

/** Rows of one head of one batch entry. */
function rowsOfHead(
  problem: ExactProblem<Aft>,
  places: readonly RowPlace[],
  round: Rounding,
): ReferenceRow[] {
  const { inputs, mechanism, causal } = problem;
  const { q, k, v, shape } = inputs;
  const { length, headDim } = shape;
  const { batch, head } = places[0];
  const start = offsetIn(layoutOf(shape, "k"), batch, head, 0);
  const add = (sums: ChannelSums, key: number, bias: KeyBias | null): void =>
    addKey(sums, k, v, start + key * headDim, bias, round);
  const rows = places.map(({ row }) => {
    const end = causal ? row + 1 : length;
    return { row, end, ...biasedKeys(mechanism.biases, row, end) };
  });
  const before = sweep(
    rows.map(({ from }) => from),
    headDim,
    round,
    (sums, nth) => add(sums, nth, null),
  );
  // In a causal row nothing comes after the keys that have a bias.
  const after = sweep(
    rows.map(({ to, end }) => end - to),
    headDim,
    round,
    (sums, nth) => add(sums, length - 1 - nth, null),
  );
  const bias = biasOf(problem, head, round);
  return rows.map(({ row, from, to, end }): ReferenceRow => {
    const sums = copySums(before(from));
    addInBlocks(sums, from, to, round, (block, key) => add(block, key, bias(row, key)));
    addSums(sums, after(end - to), round);
    return gated(sums, q, start + row * headDim, round);
  });
}

/**
 * The sums of the first `count` keys of a sweep, for each of `counts`: one pass over the keys.
 */
function sweep(
  counts: readonly number[],
  channels: number,
  round: Rounding,
  add: (sums: ChannelSums, nth: number) => void,
): (count: number) => ChannelSums {
  const kept = new Map<number, ChannelSums>();
  const sums = emptySums(channels);
  let added = 0;
  for (const count of [...new Set(counts)].sort((a, b) => a - b)) {
    addInBlocks(sums, added, count, round, add);
    added = count;
    kept.set(count, copySums(sums));
  }
  return (count) => kept.get(count) as ChannelSums;
}

/** Keys that are summed by themselves first: one sum of a million would round as often, and be off by a thousand roundings. */
const BLOCK = 1024;

/** Adds keys `from … to - 1` to sums. */
function addInBlocks(
  sums: ChannelSums,
  from: number,
  to: number,
  round: Rounding,
  add: (block: ChannelSums, key: number) => void,
): void {
  for (let first = from; first < to; first += BLOCK) {
    const block = emptySums(sums.total.length);
    for (let key = first; key < Math.min(to, first + BLOCK); key++) add(block, key);
    addSums(sums, block, round);
  }
}

/** `u_i · v_j` of one head. */
function biasOf(
  { inputs, mechanism: { biases }, shape: { length } }: ExactProblem<Aft>,
  head: number,
  round: Rounding,
): (query: number, key: number) => KeyBias | null {
  if (biases === null) return () => null;
  const { rank } = biases;
  const [u, v] = [LEARNED.ofQueries, LEARNED.ofKeys].map((name) => tensorNamed(inputs, name));
  // A row for each token that there is room for, which in decoding are more than those so far.
  const start = head * length;
  const within = sumsOf(round);
  return (query, key) => {
    let value = 0;
    let size = 0;
    for (let r = 0; r < rank; r++) {
      const product = within(u[(start + query) * rank + r] * v[(start + key) * rank + r]);
      value = within(value + product);
      size += Math.abs(product);
    }
    return { value, size };
  };
}

/** `σ(q) ⊙ weighted / total`, and how far float32 may be off. */
function gated(sums: ChannelSums, q: Numbers, at: number, round: Rounding): ReferenceRow {
  const { weighted, total, magnitude, offWeighted, offTotal } = sums;
  const gates = total.map((_, c) => logistic(q[at + c], round));
  const means = total.map((divisor, c) => round(weighted[c] / divisor));
  const values = means.map((mean, c) => round(gates[c] * mean));
  const magnitudes = magnitude.map((sum, c) => (gates[c] * sum) / total[c]);
  const slack = (): Float64Array =>
    values.map((value, c) => {
      // A larger weight takes from the others: Σ_j Δw_j |v_j - mean|, at most.
      const moved = (offWeighted[c] + Math.abs(means[c]) * offTotal[c]) / total[c];
      // A gate, a weight and a product may each be subnormal, and lost.
      const lost = FLOAT32_LEAST * (magnitude[c] / total[c] + 1) + FLOAT32_TINIEST;
      const ofGate = Math.abs(value) * (1 + Math.max(0, -q[at + c]));
      return FLOAT32_EPSILON * (gates[c] * moved + magnitudes[c] + ofGate) + lost;
    });
  return { values, magnitudes, slack };
}

/** `1 / (1 + e^-x)`, of a large x on either side as well. */
function logistic(x: number, round: Rounding): number {
  const small = round(Math.exp(-Math.abs(x)));
  return round((x >= 0 ? 1 : small) / round(1 + small));
}
