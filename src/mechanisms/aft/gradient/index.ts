import type { GradientKind } from "../../gradient/gradient-kind.ts";
import { sweptGradients } from "../../gradient/swept.ts";
import { writtenBytes } from "../../gradient/written.ts";
import { disturbedPaths } from "../../swept-heads.ts";
import type { Aft } from "../declare.ts";
import { learnedInputs } from "../learned.ts";
import { work } from "../work.ts";
import { headGradients } from "./head.ts";

/** Products that the exponentials of a pair take as long as, forwards and back. */
const EXPONENTIALS = 20;

/** The gradient of an attention-free transformer, and of its position biases' factors. */
export const aftGradient: GradientKind<Aft> = {
  also: (mechanism) => Object.keys(learnedInputs(mechanism)),
  oracle: (problem) =>
    sweptGradients(problem, learnedInputs(problem.mechanism), (place, arithmetic) =>
      headGradients(problem, place, arithmetic),
    ),
  // Of a pair three products a channel and the gradient of its bias; of a key that only sums weigh, as many as forwards.
  work: (task) => ({ pairs: work(task).pairs, usefulFlops: 2 * work(task).usefulFlops }),
  leastWork: (task) => ({
    flops: task.shape.length === 1 ? 0 : work(task).usefulFlops,
    bytes: writtenBytes(task, learnedInputs(task.mechanism)),
  }),
  oracleProducts: ({ heads, length, headDim, usefulFlops }) =>
    (1 + disturbedPaths(headDim)) * heads * length * (2 * usefulFlops + EXPONENTIALS * headDim),
};
