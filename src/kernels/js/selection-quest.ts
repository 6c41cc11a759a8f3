import { FLOAT_BYTES } from "../../core/shape.ts";
import type { Quest } from "../../mechanisms/selection/declare.ts";
import type { Workspace } from "../workspace.ts";
import { BestIndices } from "./best-indices.ts";
import type { RuleHead, RuleSizes } from "./selection-rule.ts";

/** The pages whose keys could have the largest products with the query, by what is least and most in each channel. */
export class QuestHead implements RuleHead {
  readonly #rule: Quest;
  readonly #sizes: RuleSizes;
  /** `[pages, headDim]`. */
  readonly #least: Float32Array;
  readonly #most: Float32Array;
  readonly #query: Float64Array;
  readonly #scores: Float64Array;
  readonly #best: BestIndices;

  constructor(rule: Quest, sizes: RuleSizes, workspace: Workspace, state: Workspace) {
    const pages = Math.ceil(sizes.length / rule.page);
    this.#rule = rule;
    this.#sizes = sizes;
    this.#least = new Float32Array(pages * sizes.headDim);
    this.#most = new Float32Array(pages * sizes.headDim);
    state.add(this.#least, this.#most);
    this.#query = workspace.float64(sizes.headDim);
    this.#scores = workspace.float64(pages);
    this.#best = new BestIndices(sizes.perRow, workspace);
  }

  clear(): void {}

  takeIn(keys: Float32Array, at: number, token: number): void {
    const { headDim } = this.#sizes;
    const { page } = this.#rule;
    const pageAt = Math.floor(token / page) * headDim;
    const isFirst = token % page === 0;
    const least = this.#least;
    const most = this.#most;
    for (let i = 0; i < headDim; i++) {
      const one = keys[at + i];
      least[pageAt + i] = isFirst ? one : Math.min(least[pageAt + i], one);
      most[pageAt + i] = isFirst ? one : Math.max(most[pageAt + i], one);
    }
  }

  choose(
    q: Float32Array,
    queryAt: number,
    token: number,
    _keys: Float32Array,
    _keysAt: number,
    _length: number,
    to: Int32Array,
    at: number,
  ): void {
    const { headDim, perRow } = this.#sizes;
    const pages = this.#pages(token);
    const query = this.#query;
    const scores = this.#scores;
    for (let i = 0; i < headDim; i++) query[i] = q[queryAt + i];
    for (let one = 0; one < pages; one++) {
      const pageAt = one * headDim;
      let score = 0;
      for (let i = 0; i < headDim; i++) {
        score += Math.max(query[i] * this.#least[pageAt + i], query[i] * this.#most[pageAt + i]);
      }
      scores[one] = score;
    }
    this.#best.write(scores, pages, Math.min(perRow, pages), to, at);
  }

  list(token: number, _length: number, chosen: Int32Array, at: number, to: Int32Array): number {
    const { page } = this.#rule;
    const taken = Math.min(this.#sizes.perRow, this.#pages(token));
    let count = 0;
    for (let n = 0; n < taken; n++) {
      const first = chosen[at + n] * page;
      for (let key = first; key < Math.min(first + page, token + 1); key++) to[count++] = key;
    }
    return count;
  }

  keysRead(): number {
    return 1;
  }

  flops(token: number): number {
    return 3 * this.#sizes.headDim * this.#pages(token);
  }

  attended(token: number): number {
    const { page } = this.#rule;
    return Math.min(token + 1, Math.min(this.#sizes.perRow, this.#pages(token)) * page);
  }

  stateBytes(tokens: number): number {
    return 2 * FLOAT_BYTES * this.#sizes.headDim * Math.ceil(tokens / this.#rule.page);
  }

  /** The bounds of the pages before, and its own's before and after. */
  stepBytes(tokens: number): number {
    const { page } = this.#rule;
    const pages = Math.floor(tokens / page) + (tokens % page > 0 ? 2 : 1);
    return 2 * FLOAT_BYTES * this.#sizes.headDim * pages;
  }

  #pages(token: number): number {
    return Math.floor(token / this.#rule.page) + 1;
  }
}
