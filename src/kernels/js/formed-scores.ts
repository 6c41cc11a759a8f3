import type { Problem } from "../../core/problem.ts";
import type { SoftmaxPattern } from "../../mechanisms/softmax-pattern/declare.ts";
import type { Workspace } from "../workspace.ts";
import { type PreparedForms, prepareForms } from "./prepared-forms.ts";

/** Scores of a row and the keys of a list, of a mechanism with forms: each key is prepared anew for each pair. */
export class FormedScores {
  readonly #forms: PreparedForms;
  readonly #query: Float64Array;
  readonly #key: Float64Array;
  readonly #score: Float64Array;

  constructor(problem: Problem, mechanism: SoftmaxPattern, workspace: Workspace) {
    const { headDim } = problem.shape;
    this.#forms = prepareForms(problem, mechanism, workspace);
    this.#query = workspace.float64(headDim);
    this.#key = workspace.float64(headDim);
    this.#score = workspace.float64(1);
  }

  /** Takes in what was learned, as it now stands. */
  refresh(): void {
    this.#forms.refresh();
  }

  /** `out[n]` is the score of a row's query, which begins at `queryAt`, and key `list[n]` of those at `keysAt`. */
  write(
    head: number,
    row: number,
    queries: Float32Array,
    queryAt: number,
    keys: Float32Array,
    keysAt: number,
    list: Int32Array,
    out: Float64Array,
  ): void {
    const { scores, bias, rotation, firstQuery } = this.#forms;
    const width = this.#query.length;
    const ofHead = scores[head];
    const position = firstQuery + row;
    for (let i = 0; i < width; i++) this.#query[i] = queries[queryAt + i] * ofHead.factor;
    rotation?.turnRow(this.#query, 0, position);
    ofHead.open?.(this.#query, 1, width);
    for (let n = 0; n < list.length; n++) {
      const at = keysAt + list[n] * width;
      for (let i = 0; i < width; i++) this.#key[i] = keys[at + i];
      rotation?.turnRow(this.#key, 0, list[n]);
      ofHead.write(this.#query, 1, this.#key, 1, width, this.#score, 1);
      out[n] = this.#score[0];
      bias?.addTo(out, n, head, position, list[n]);
    }
  }

  /** Operations of so many rows and scores. */
  flops(rows: number, pairs: number): number {
    return pairs * this.#forms.pairFlops + this.#forms.rowFlops(rows, pairs, 1);
  }
}
