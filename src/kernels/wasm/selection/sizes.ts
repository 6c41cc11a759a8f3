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
  const { block, most } = sizesOf(rule, shape);
  let candidates = 0;
  let pairs = 0;
  for (let row = 0; row < queries; row++) {
    const token = length - queries + row;
    const before = causal ? Math.floor(Math.max(0, token) / block) : Math.ceil(length / block);
    candidates += before;
    // Of the blocks that are chosen one may be short.
    pairs += Math.max(0, Math.min(before, most) - 1) * block + 1;
  }
  const choosing = 2 * headDim * candidates;
  return batch * heads * (choosing + 2 * (headDim + valueDim) * pairs);
}
