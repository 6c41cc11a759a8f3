import type { Shape } from "../../../core/shape.ts";
import {
  choiceSpecs,
  type Moba,
  type Nsa,
  type Quest,
  type TopK,
} from "../../../mechanisms/selection/declare.ts";
import type { RULE } from "./layout.ts";

/** The rules that these kernels compute. */
export type BlockRule = TopK | Moba | Nsa | Quest;

/** A rule in numbers. */
export interface Sizes {
  readonly rule: keyof typeof RULE;
  /** Keys of a block; 1 where single keys are chosen. */
  readonly block: number;
  readonly blocks: number;
  /** What is chosen for a row at most, and the name by which it is handed out. */
  readonly most: number;
  readonly name: string;
}

const RULES = { "top-k": "topK", moba: "moba", quest: "quest", nsa: "nsa" } as const;

export function sizesOf(rule: BlockRule, shape: Shape): Sizes {
  const block = rule.id === "top-k" ? 1 : rule.id === "quest" ? rule.page : rule.block;
  const [name, { perRow }] = Object.entries(choiceSpecs(rule, shape))[0];
  return { rule: RULES[rule.id], block, blocks: Math.ceil(shape.length / block), most: perRow, name };
}

/** Operations of all heads whatever is chosen: fewer than are done, which is counted while it is done. */
export function leastFlops(rule: BlockRule, shape: Shape, causal: boolean): number {
  const { batch, heads, queries, length, headDim, valueDim } = shape;
  const sizes = sizesOf(rule, shape);
  let candidates = 0;
  for (let row = 0; row < queries; row++) {
    candidates += causal ? Math.floor((length - queries + row) / sizes.block) : sizes.blocks - 1;
  }
  const pairs = leastPairsOf(rule, shape, causal);
  return batch * heads * (2 * headDim * candidates + 2 * (headDim + valueDim) * pairs);
}

/** The fewest pairs that the rows of a head attend. */
export function leastPairsOf(rule: BlockRule, shape: Shape, causal: boolean): number {
  const { queries, length } = shape;
  const sizes = sizesOf(rule, shape);
  let pairs = 0;
  for (let token = length - queries; token < length; token++) {
    pairs += leastPairs(rule, sizes, token, causal ? token + 1 : length);
  }
  return pairs;
}

/** The fewest keys that a token attends of the first `visible`. */
function leastPairs(rule: BlockRule, { block, blocks, most }: Sizes, token: number, visible: number): number {
  const [own, within] = [Math.floor(token / block), (token % block) + 1];
  switch (rule.id) {
    case "top-k":
      return Math.min(most, visible);
    case "quest":
      return Math.min(own, most - 1) * block + within;
    case "nsa":
      return Math.min(own, rule.chosen - 1) * block + within + Math.min(rule.window, token + 1);
    case "moba":
      if (visible === token + 1) return Math.min(own, most) * block + within;
      // One of the blocks may be short.
      return Math.min(blocks - 1, most) * block + 1;
    default:
      return rule satisfies never;
  }
}
