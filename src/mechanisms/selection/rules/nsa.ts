import type { ExactProblem } from "../../../core/problem.ts";
import type { RowPlace } from "../../../core/rows.ts";
import type { TensorSpec, TensorSpecs } from "../../../core/tensor-spec.ts";
import { tensorNamed } from "../../../core/tensors.ts";
import type { Rounding } from "../../oracle.ts";
import type { PairScore } from "../../softmax-pattern/oracle-scores.ts";
import { AT_ONCE, ONE_LAYER } from "../../table-row.ts";
import { attendedRow } from "../attended-row.ts";
import { bestOf } from "../best-of.ts";
import { choiceSpecs, NSA_FORCED, NSA_GATES, type Nsa, type Selection } from "../declare.ts";
import type { BoundRule, RuleTruth } from "../rule.ts";
import { keyMeans, valueMeans } from "./means.ts";
import { gatedSum, gateOf, meansRow } from "./nsa-rows.ts";
import { countsOf, workOf } from "./nsa-work.ts";
import { between } from "./numbers.ts";
import { product, queryAt } from "./products.ts";

/** Three softmaxes summed with gates: over means of blocks, over chosen blocks, and over a window. */
export const nsa: RuleTruth<Nsa> = {
  causality: "always",
  keepsPrefixes: true,
  sumsToOne: false,
  inputs: ({ seed }) => gateWeights(seed),
  whyNotShape: (_, { heads, kvHeads }) =>
    heads === kvHeads
      ? null
      : `blocks are chosen by each head of q for itself, so k and v must have as many heads as q, got ${kvHeads} for ${heads}`,
  work: (rule, { shape }) => workOf(rule, shape, 0, shape.length),
  // Blocks that have ended are read through their means, and what has not is in the query's own block.
  table: ({ block, chosen, window }) => ({
    perLayer: {
      text: "N(c·B + w + N/B)d",
      letters: { c: chosen, B: block, w: window },
      at: ({ length, headDim }) => {
        const keys = Math.min(length, chosen * block) + Math.min(length, window) + length / block;
        return length * keys * headDim;
      },
    },
    sequential: AT_ONCE,
    path: ONE_LAYER,
  }),
  step: {
    work: (rule, shape, position) => workOf(rule, shape, position, position + 1),
    keptTokens(rule, length, position) {
      if (position >= length) return 0;
      // With none to choose, the blocks between the first and the one before its own are not read again.
      return rule.chosen > NSA_FORCED ? position : countsOf(rule, position).distinct - 1;
    },
    keeps: "keeps every key, and the means of each block",
  },
  bind,
};

function gateWeights(seed: number): TensorSpecs {
  const spec = (name: string): TensorSpec => ({
    dims: ["heads", 1, "headDim"],
    of: "weights",
    std: ({ headDim }) => 1 / Math.sqrt(headDim),
    stream: `nsa/${name}`,
    seed,
  });
  return Object.fromEntries(NSA_GATES.map((name) => [name, spec(name)]));
}

function bind(rule: Nsa, problem: ExactProblem<Selection>): BoundRule {
  const { inputs, shape, mechanism } = problem;
  const { block, window } = rule;
  const scale = mechanism.scale ?? 1 / Math.sqrt(shape.headDim);
  const [keys, values] = [keyMeans(problem, block), valueMeans(problem, block)];
  /** The products of a row's q with the means of keys. */
  const products = (place: RowPlace, round: Rounding) => {
    const q = queryAt(inputs, place);
    const means = keys(place, round);
    return (one: number): PairScore => product(q, means.values, one * q.length, means.sizes, round);
  };
  const chosen = bestOf(shape, {
    name: "blocks",
    one: "block",
    perRow: choiceSpecs(rule, shape).blocks.perRow,
    candidates(query) {
      const all = between(1, Math.floor(query / block) - 1);
      return { all, taken: Math.min(rule.chosen - NSA_FORCED, all.length) };
    },
    // Weights of a softmax are in the order of its scores.
    score: products,
    keys(query, others) {
      const own = Math.floor(query / block);
      const blocks = new Set([0, ...others, Math.max(0, own - 1), own]);
      return [...blocks].flatMap((one) => between(one * block, Math.min((one + 1) * block, query + 1)));
    },
  });
  return {
    ...chosen,
    row(place, choice, round) {
      const { head, row: query } = place;
      const score = products(place, round);
      const scaled = (one: number): PairScore => {
        const { value, size } = score(one);
        return { value: round(value * round(scale)), size: size * scale };
      };
      const ended = Math.floor((query + 1) / block);
      const recent = between(Math.max(0, query + 1 - window), query + 1);
      const rows = [
        meansRow(values(place, round), shape.valueDim, ended, scaled, round),
        attendedRow(problem, { place, round, keys: chosen.keys(place, choice) }),
        attendedRow(problem, { place, round, keys: recent }),
      ];
      const q = queryAt(inputs, place);
      const gates = NSA_GATES.map((name) =>
        gateOf(product(q, tensorNamed(inputs, name), head * q.length, null, round), round),
      );
      return gatedSum(
        rows.map((row, index) => ({ row, gate: gates[index] })),
        shape.valueDim,
        round,
      );
    },
  };
}
