import type { Choice } from "../../src/core/choice.ts";
import type { Problem } from "../../src/core/problem.ts";
import { everyRow, type RowPlace } from "../../src/core/rows.ts";
import { rowOffset } from "../../src/core/shape.ts";
import type { Kernel } from "../../src/kernels/kernel.ts";
import { simpleKernel } from "../../src/kernels/simple-kernel.ts";
import { isSelection, type Selection } from "../../src/mechanisms/selection/declare.ts";

/** A query that chooses: candidates with their float32 scores, in rising order, and how many it takes. */
export interface Choosing {
  readonly place: RowPlace;
  readonly candidates: readonly number[];
  readonly scores: readonly number[];
  readonly taken: number;
}

/** Where a kernel that chooses may go wrong; each part left out is right. */
export interface ChoiceFaults {
  /** What a query chooses, from what it should. */
  readonly choose?: (right: readonly number[], choosing: Choosing) => readonly number[];
  /** What it says that it chose, from what it did. */
  readonly tell?: (chosen: readonly number[], choosing: Choosing) => readonly number[];
  /** What `choice()` returns, from what is right; undefined if it has no such method. */
  readonly hand?: ((choice: Choice) => unknown) | null;
  /** The head whose keys are looked at. */
  readonly head?: (place: RowPlace, heads: number) => number;
}

/** MoBA and top-k by float32 sums, row by row, right but for its faults. */
export function choosing(id: string, faults: ChoiceFaults = {}): Kernel {
  const { choose = (right) => right, tell = (chosen) => chosen, hand = (choice) => choice } = faults;
  return simpleKernel({
    id,
    supports: ({ mechanism }) => isSelection(mechanism) || "it only selects",
    prepare(problem, output) {
      const { mechanism, shape } = problem;
      if (!isSelection(mechanism)) throw new TypeError("it only selects");
      const { name, perRow } = arrayOf(mechanism, problem);
      const told = new Int32Array(shape.batch * shape.heads * shape.length * perRow);
      const choice: Choice = { [name]: told };
      return {
        run() {
          told.fill(-1);
          for (const [index, place] of everyRow(shape).entries()) {
            const from = faults.head?.(place, shape.heads) ?? place.head;
            const query = { ...queryOf(mechanism, problem, { ...place, head: from }), place };
            const chosen = choose(best(query), query);
            told.set(tell(chosen, query).slice(0, perRow), index * perRow);
            attend(problem, place, keysOf(mechanism, problem, place.row, chosen), output);
          }
        },
        ...(hand !== null && { choice: () => hand(choice) as Choice }),
      };
    },
  });
}

function arrayOf({ rule }: Selection, { shape: { length } }: Problem): { name: string; perRow: number } {
  if (rule.id === "top-k") return { name: "keys", perRow: Math.min(rule.keys, length) };
  if (rule.id !== "moba") throw new TypeError("it chooses by top-k and MoBA only");
  return { name: "blocks", perRow: Math.min(rule.chosen, Math.ceil(length / rule.block)) - 1 };
}

function queryOf({ rule }: Selection, problem: Problem, place: RowPlace): Omit<Choosing, "place"> {
  const { length } = problem.shape;
  const end = problem.causal ? place.row + 1 : length;
  if (rule.id !== "moba") {
    const candidates = Array.from({ length: end }, (_, key) => key);
    const taken = rule.id === "top-k" ? Math.min(rule.keys, end) : 0;
    return {
      candidates,
      scores: candidates.map((key) => dot(problem, place, keyAt(problem, place, key))),
      taken,
    };
  }
  const own = Math.floor(place.row / rule.block);
  const blocks = problem.causal ? own : Math.ceil(length / rule.block);
  const candidates = Array.from({ length: blocks }, (_, block) => block).filter((block) => block !== own);
  const scores = candidates.map((block) => {
    const first = block * rule.block;
    const count = Math.min(rule.block, length - first);
    const keys = Array.from({ length: count }, (_, at) => keyAt(problem, place, first + at));
    const mean = keys[0].map((_, i) =>
      Math.fround(keys.reduce((sum, key) => Math.fround(sum + key[i]), 0) / count),
    );
    return dot(problem, place, mean);
  });
  return { candidates, scores, taken: Math.min(rule.chosen - 1, candidates.length) };
}

function keyAt({ inputs, shape }: Problem, { batch, head }: RowPlace, key: number): Float32Array {
  const at = rowOffset(shape, batch, head, key);
  return inputs.k.subarray(at, at + shape.headDim);
}

/** From the last channel to the first: another order of sums than that of anybody else. */
function dot({ inputs, shape }: Problem, { batch, head, row }: RowPlace, key: Float32Array): number {
  const at = rowOffset(shape, batch, head, row);
  let sum = 0;
  for (let i = shape.headDim - 1; i >= 0; i--)
    sum = Math.fround(sum + Math.fround(inputs.q[at + i] * key[i]));
  return sum;
}

function best({ candidates, scores, taken }: Choosing): number[] {
  return candidates
    .map((candidate, at) => ({ candidate, score: scores[at] }))
    .sort((a, b) => b.score - a.score)
    .slice(0, taken)
    .map(({ candidate }) => candidate)
    .sort((a, b) => a - b);
}

function keysOf(
  { rule }: Selection,
  { causal, shape }: Problem,
  row: number,
  chosen: readonly number[],
): number[] {
  if (rule.id !== "moba") return [...chosen];
  const end = causal ? row + 1 : shape.length;
  const keys = [...new Set([...chosen, Math.floor(row / rule.block)])].flatMap((block) =>
    Array.from({ length: rule.block }, (_, at) => block * rule.block + at),
  );
  return keys.filter((key) => key >= 0 && key < end);
}

function attend(problem: Problem, place: RowPlace, keys: readonly number[], output: Float32Array): void {
  const { shape, inputs } = problem;
  const { headDim } = shape;
  const scale = 1 / Math.sqrt(headDim);
  const logits = keys.map((key) => dot(problem, place, keyAt(problem, place, key)) * scale);
  const largest = Math.max(...logits);
  const weights = logits.map((logit) => Math.exp(logit - largest));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const at = rowOffset(shape, place.batch, place.head, place.row);
  for (let i = 0; i < headDim; i++) {
    let value = 0;
    for (const [index, key] of keys.entries()) {
      value += (weights[index] / total) * inputs.v[rowOffset(shape, place.batch, place.head, key) + i];
    }
    output[at + i] = value;
  }
}
