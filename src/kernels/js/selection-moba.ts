import type { Moba } from "../../mechanisms/selection/declare.ts";
import type { Workspace } from "../workspace.ts";
import { BestIndices } from "./best-indices.ts";
import type { RuleHead, RuleSizes } from "./selection-rule.ts";

const FLOAT64_BYTES = 8;

/** The query's own block, and those others whose mean key has the largest products with the query. */
export class MobaHead implements RuleHead {
  readonly #rule: Moba;
  readonly #sizes: RuleSizes;
  /** `[blocks, headDim]`. */
  readonly #sums: Float64Array;
  readonly #query: Float64Array;
  readonly #scores: Float64Array;
  readonly #best: BestIndices;

  constructor(rule: Moba, sizes: RuleSizes, workspace: Workspace, state: Workspace) {
    const blocks = Math.ceil(sizes.length / rule.block);
    this.#rule = rule;
    this.#sizes = sizes;
    this.#sums = state.float64(blocks * sizes.headDim);
    this.#query = workspace.float64(sizes.headDim);
    this.#scores = workspace.float64(blocks);
    this.#best = new BestIndices(sizes.perRow, workspace);
  }

  clear(): void {
    this.#sums.fill(0);
  }

  takeIn(keys: Float32Array, at: number, token: number): void {
    const { headDim } = this.#sizes;
    const sumAt = Math.floor(token / this.#rule.block) * headDim;
    for (let i = 0; i < headDim; i++) this.#sums[sumAt + i] += keys[at + i];
  }

  choose(
    q: Float32Array,
    queryAt: number,
    token: number,
    _keys: Float32Array,
    _keysAt: number,
    length: number,
    to: Int32Array,
    at: number,
  ): void {
    const { block } = this.#rule;
    const { headDim } = this.#sizes;
    const own = Math.floor(token / block);
    const others = this.#others(token, length);
    const query = this.#query;
    const scores = this.#scores;
    for (let i = 0; i < headDim; i++) query[i] = q[queryAt + i];
    for (let n = 0; n < others; n++) {
      const one = n < own ? n : n + 1;
      const count = Math.min(block, length - one * block);
      let score = 0;
      for (let i = 0; i < headDim; i++) score += query[i] * this.#sums[one * headDim + i];
      scores[n] = score / count;
    }
    const taken = Math.min(this.#sizes.perRow, others);
    this.#best.write(scores, others, taken, to, at);
    for (let n = at; n < at + taken; n++) if (to[n] >= own) to[n]++;
  }

  list(token: number, length: number, chosen: Int32Array, at: number, to: Int32Array): number {
    const { block } = this.#rule;
    const taken = Math.min(this.#sizes.perRow, this.#others(token, length));
    const own = Math.floor(token / block);
    const end = this.#sizes.causal ? token + 1 : length;
    let count = 0;
    for (let n = 0; n <= taken; n++) {
      const first = (n < taken ? chosen[at + n] : own) * block;
      for (let key = first; key < Math.min(first + block, end); key++) to[count++] = key;
    }
    return count;
  }

  keysRead(): number {
    return 1;
  }

  flops(token: number, length: number): number {
    return this.#sizes.headDim * (1 + 2 * this.#others(token, length));
  }

  attended(token: number, length: number): number {
    const { block } = this.#rule;
    const others = Math.min(this.#sizes.perRow, this.#others(token, length)) * block;
    return Math.min(length, others + (this.#sizes.causal ? (token % block) + 1 : block));
  }

  stateBytes(tokens: number): number {
    return FLOAT64_BYTES * this.#sizes.headDim * Math.ceil(tokens / this.#rule.block);
  }

  /** The sums of the blocks before, and its own's before and after. */
  stepBytes(tokens: number): number {
    const { block } = this.#rule;
    const sums = Math.floor(tokens / block) + (tokens % block > 0 ? 2 : 1);
    return FLOAT64_BYTES * this.#sizes.headDim * sums;
  }

  /** Blocks that a query may choose besides its own. */
  #others(token: number, length: number): number {
    const { block } = this.#rule;
    return this.#sizes.causal ? Math.floor(token / block) : Math.ceil(length / block) - 1;
  }
}
