import type { ExactProblem } from "../../core/problem.ts";
import { layoutOf, offsetIn } from "../../core/shape.ts";
import { type Numbers, tensorNamed } from "../../core/tensors.ts";
import { type Oracle, type Rounding, rowByRow, sumsOf } from "../oracle.ts";
import { pairsRow } from "../softmax-pattern/oracle.ts";
import { keyByKey, type PairScore } from "../softmax-pattern/oracle-scores.ts";
import { LEARNED, type Synthesizer } from "./declare.ts";

/** Logits by the definition, row by row, and softmax over the keys that a row may read. */
export function synthesizerOracle(problem: ExactProblem<Synthesizer>): Oracle {
  const { inputs, causal } = problem;
  const logits = logitsOf(problem);
  return rowByRow((batch, head, query, round) =>
    pairsRow(
      inputs,
      {},
      {
        batch,
        head,
        round,
        attends: (key) => !causal || key <= query,
        scores: keyByKey(logits(batch, head, query, round)),
        bias: null,
      },
    ),
  );
}

/** The logits of one row, key by key. */
type RowLogits = (batch: number, head: number, query: number, round: Rounding) => (key: number) => PairScore;

function logitsOf({
  inputs,
  mechanism: { logits },
  shape: { length },
}: ExactProblem<Synthesizer>): RowLogits {
  // Tables have a row for each token that there is room for, which in decoding are more than those so far.
  const { shape } = inputs;
  const { headDim } = shape;
  const learned = (name: string): Numbers => tensorNamed(inputs, name);
  switch (logits.kind) {
    case "table": {
      const table = learned(LEARNED.table);
      return (_batch, head, query) => {
        const row = (head * length + query) * length;
        return (key) => ({ value: table[row + key], size: Math.abs(table[row + key]) });
      };
    }
    case "factors": {
      const { rank } = logits;
      const [a, b] = [learned(LEARNED.ofQueries), learned(LEARNED.ofKeys)];
      return (_batch, head, query, round) => {
        const row = a.subarray((head * length + query) * rank, (head * length + query + 1) * rank);
        return (key) => product(row, row, b, (head * length + key) * rank, round);
      };
    }
    case "dense": {
      const [w1, w2] = [learned(LEARNED.hidden), learned(LEARNED.ofHidden)];
      const ofQ = layoutOf(shape, "q");
      return (batch, head, query, round) => {
        const at = offsetIn(ofQ, batch, head, query);
        const own = inputs.q.subarray(at, at + headDim);
        const hidden = Array.from({ length: headDim }, (_, unit) =>
          product(own, own, w1, (head * headDim + unit) * headDim, round),
        );
        const rectified = hidden.map(({ value }) => Math.max(value, 0));
        // A unit that is nearly 0 may be on the other side of the kink.
        const sizes = hidden.map(({ size }) => size);
        return (key) => product(rectified, sizes, w2, (head * length + key) * headDim, round);
      };
    }
    default:
      return logits satisfies never;
  }
}

/** `x · y`, y beginning at a place, and `Σ |size of x|·|y|`, before anything cancels. */
function product(
  x: ArrayLike<number>,
  sizes: ArrayLike<number>,
  y: Numbers,
  yAt: number,
  round: Rounding,
): PairScore {
  const within = sumsOf(round);
  let value = 0;
  let size = 0;
  for (let i = 0; i < x.length; i++) {
    value = within(value + within(x[i] * y[yAt + i]));
    size += Math.abs(sizes[i] * y[yAt + i]);
  }
  return { value, size };
}
