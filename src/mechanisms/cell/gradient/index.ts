import { FLOAT_BYTES } from "../../../core/shape.ts";
import type { GradientKind } from "../../gradient/gradient-kind.ts";
import { sweptGradients } from "../../gradient/swept.ts";
import { writtenBytes } from "../../gradient/written.ts";
import { disturbedPaths } from "../../swept-heads.ts";
import { type Cell, isLearned } from "../declare.ts";
import { cellWeights } from "../weights.ts";
import { leastWork, work } from "../work.ts";
import { gatedGradients } from "./gated.ts";
import { learnedGradients } from "./learned.ts";

/** What a step back takes of a channel, exponentials and all, in products. */
const GATE_PRODUCTS = 32;

/** The gradient of a recurrent cell, from the last token back to the first. */
export const cellGradient: GradientKind<Cell> = {
  also: (mechanism) => Object.keys(cellWeights(mechanism)),
  // A gate that is made of a query is in every later row.
  sumsQueries: ({ cell }) => cell === "min-lstm",
  oracle: (problem) =>
    sweptGradients(problem, cellWeights(problem.mechanism), (place, arithmetic) =>
      isLearned(problem.mechanism)
        ? learnedGradients(problem, place, arithmetic)
        : gatedGradients(problem, place, arithmetic),
    ),
  work: (task) => ({ pairs: null, usefulFlops: 2 * work(task).usefulFlops }),
  leastWork: (task) => ({
    // Products with the token's own numbers for both weights, or the blend: no more than forwards.
    flops: leastWork(task).flops,
    bytes: writtenBytes(task, cellWeights(task.mechanism)) + FLOAT_BYTES * task.shape.headDim,
  }),
  oracleProducts: ({ heads, length, headDim, usefulFlops }) =>
    (1 + disturbedPaths(headDim)) * heads * length * (2 * usefulFlops + GATE_PRODUCTS * headDim),
};
