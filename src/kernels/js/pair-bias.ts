import type { Shape } from "../../core/shape.ts";
import type { Bias } from "../../pairwise/bias.ts";
import { bindBiases } from "../../pairwise/bind-biases.ts";
import type { Tokens } from "../walk-schedule.ts";
import type { Workspace } from "../workspace.ts";

/**
 * What is added to the scores of each head, as one number per distance of query and key: a product with the
 * position, as ALiBi's authors have it, would round away what near keys differ by.
 */
export class PairBias {
  readonly #bias: Bias;
  readonly #call: { readonly heads: number; readonly causal: boolean };
  /** Where tokens lie, from the first position on, which is negative if queries come before the first key. */
  readonly #places: Int32Array;
  readonly #first: number;
  /** Queries count from here, in positions. */
  readonly #firstQuery: number;
  /** Per head, the numbers of distances from `-#reach` to `#reach`. */
  readonly #tables: readonly Float64Array[];
  readonly #reach: number;

  constructor(bias: Bias, shape: Shape, causal: boolean, workspace: Workspace) {
    const { heads, length, queries } = shape;
    this.#bias = bias;
    this.#call = { heads, causal };
    this.#firstQuery = length - queries;
    this.#first = Math.min(0, this.#firstQuery);
    const place = (token: number): number => bias.place?.(token) ?? token;
    this.#places = Int32Array.from({ length: length - this.#first }, (_, at) => place(at + this.#first));
    workspace.add(this.#places);
    this.#reach = place(length - 1) - place(this.#first);
    this.#tables = Array.from({ length: heads }, () => workspace.float64(2 * this.#reach + 1));
    if (bias.table === undefined) this.refresh();
  }

  /** Takes in what was learned, which may have changed; nothing to do if nothing is. */
  refresh(learned?: Float32Array): void {
    const bound = bindBiases(this.#bias, this.#call, learned);
    for (const [head, table] of this.#tables.entries()) {
      for (let at = 0; at < table.length; at++) table[at] = bound[head].of(at - this.#reach);
    }
  }

  /** Adds to the scores of rows of a head and keys, `[rows, stride]`. */
  add(head: number, scores: Float64Array, stride: number, rows: Tokens, keys: Tokens): void {
    for (let row = 0; row < rows.count; row++) {
      const query = rows.token(row) + this.#firstQuery;
      for (let key = 0; key < keys.count; key++) {
        this.addTo(scores, row * stride + key, head, query, keys.token(key));
      }
    }
  }

  /** Adds to the score at `at`, of a query and a key by their positions. */
  addTo(scores: Float64Array, at: number, head: number, query: number, key: number): void {
    const distance = this.#places[key - this.#first] - this.#places[query - this.#first];
    scores[at] += this.#tables[head][distance + this.#reach];
  }
}
