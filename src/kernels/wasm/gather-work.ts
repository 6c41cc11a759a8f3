import { FLOAT_BYTES, type Shape } from "../../core/shape.ts";
import type { Forms } from "../../pairwise/forms.ts";
import type { KeyLists } from "../key-lists.ts";
import { rowFlops } from "./count-work.ts";

type ScoreForms = Pick<Forms, "score" | "bias" | "turn">;

/** Numbers of a row that are computed: those beyond its width are zeros, or never read. */
export function wholeEights(width: number): number {
  return Math.ceil(width / 8) * 8;
}

/**
 * What is made of all keys before any row reads them: `rows` that are turned, or filled up with zeros where
 * channels must be whole vectors, or the `numbers` of split scores; null if keys are read where they lie.
 */
export function preparedKeys({ score, turn }: ScoreForms, headDim: number): "rows" | "numbers" | null {
  if (score?.kind === "split") return "numbers";
  return turn !== undefined || (score !== undefined && headDim % 8 !== 0) ? "rows" : null;
}

/** Operations of the gather kernel, and bytes of q, k, v and out that it reads and writes. */
interface GatherWork {
  readonly executedFlops: number;
  readonly bytes: number;
}

/**
 * What gathering the rows of these heads does; all keys of a head of k are prepared `preparations` times in
 * each batch entry. A prepared key counts as one where it is fetched for a pair.
 */
export function gatherWork(
  { batch, headDim, valueDim, length }: Shape,
  forms: ScoreForms,
  heads: readonly KeyLists[],
  preparations: number,
): GatherWork {
  const splits = forms.score?.kind === "split";
  const sum = (of: (rows: KeyLists) => number): number => heads.reduce((total, rows) => total + of(rows), 0);
  const pairs = sum(({ keys }) => keys.length);
  const rows = sum(({ rowAt }) => rowAt.length - 1);
  const keys = preparations * length;
  const ofPairs =
    scoreFlops(forms, wholeEights(headDim), pairs, () => sum(scoresInFours)) +
    (forms.bias === undefined ? 0 : pairs) +
    2 * wholeEights(valueDim) * pairs;
  const ofRows = rowFlops(rows, headDim, forms) + rowFlops(keys, headDim, { turn: forms.turn });
  // Each head of q has a vector of its own for the keys.
  const ofKeys = splits ? 2 * headDim * heads.length * length : 0;
  const keyFloats = splits ? pairs : headDim * pairs;
  const floats = headDim * (rows + keys) + keyFloats + valueDim * (pairs + rows);
  return { executedFlops: batch * (ofPairs + ofRows + ofKeys), bytes: FLOAT_BYTES * batch * floats };
}

/**
 * Operations of all scores, which are computed in fours unless they have a tanh. That is ten multiplications
 * and eight additions for each channel, besides its division; q + k, and the product with w and its sum, are
 * three more.
 */
function scoreFlops({ score }: ScoreForms, width: number, pairs: number, inFours: () => number): number {
  switch (score?.kind) {
    case undefined:
      return 2 * width * inFours();
    case "tanh":
      return 21 * width * pairs;
    case "leaky":
      return 4 * width * inFours();
    case "split":
      return 2 * inFours();
    default:
      return score satisfies never;
  }
}

function scoresInFours({ rowAt }: KeyLists): number {
  let scores = 0;
  for (let row = 1; row < rowAt.length; row++) scores += Math.ceil((rowAt[row] - rowAt[row - 1]) / 4) * 4;
  return scores;
}
