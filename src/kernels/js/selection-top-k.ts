import { FLOAT_BYTES } from "../../core/shape.ts";
import type { Workspace } from "../workspace.ts";
import { BestIndices } from "./best-indices.ts";
import { scoreStretch } from "./gathered-rows.ts";
import type { RuleHead, RuleSizes } from "./selection-rule.ts";

/** The keys with the largest products with the query. */
export class TopKHead implements RuleHead {
  readonly #sizes: RuleSizes;
  readonly #query: Float64Array;
  readonly #scores: Float64Array;
  readonly #best: BestIndices;

  constructor(sizes: RuleSizes, workspace: Workspace) {
    this.#sizes = sizes;
    this.#query = workspace.float64(sizes.headDim);
    this.#scores = workspace.float64(sizes.length);
    this.#best = new BestIndices(sizes.perRow, workspace);
  }

  clear(): void {}

  takeIn(): void {}

  choose(
    q: Float32Array,
    queryAt: number,
    _token: number,
    keys: Float32Array,
    keysAt: number,
    length: number,
    to: Int32Array,
    at: number,
  ): void {
    const { headDim, perRow } = this.#sizes;
    const scores = this.#scores;
    const query = this.#query;
    for (let i = 0; i < headDim; i++) query[i] = q[queryAt + i];
    scoreStretch(query, keys, keysAt, length, scores);
    this.#best.write(scores, length, Math.min(perRow, length), to, at);
  }

  list(token: number, length: number, chosen: Int32Array, at: number, to: Int32Array): number {
    const count = this.attended(token, length);
    for (let n = 0; n < count; n++) to[n] = chosen[at + n];
    return count;
  }

  keysRead(length: number): number {
    return length;
  }

  flops(_token: number, length: number): number {
    return 2 * this.#sizes.headDim * length;
  }

  attended(_token: number, length: number): number {
    return Math.min(this.#sizes.perRow, length);
  }

  stateBytes(): number {
    return 0;
  }

  stepBytes(tokens: number): number {
    return FLOAT_BYTES * this.#sizes.headDim * tokens;
  }
}
