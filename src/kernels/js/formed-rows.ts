import type { Shape } from "../../core/shape.ts";
import type { SoftmaxPattern } from "../../mechanisms/softmax-pattern/declare.ts";
import type { Normaliser } from "../../pairwise/normaliser.ts";
import type { DecodeSchedule } from "../decode/compile-decode.ts";
import type { Token, Weights } from "../stepper.ts";
import type { Workspace } from "../workspace.ts";
import { type PreparedForms, prepareStepForms } from "./prepared-forms.ts";
import { weighRow } from "./row-weights.ts";

/** What a step reads of one head of k and v. */
export interface KeptKeys {
  /** `[slots, headDim]` and `[slots, valueDim]`. */
  readonly keys: Float32Array;
  readonly values: Float32Array;
  readonly schedule: DecodeSchedule;
  /** Which token lies in each slot. */
  readonly tokenAt: Int32Array;
}

/** One query at a time over the keys that are kept, of a mechanism with forms. Nothing is allocated in a step. */
export class FormedRows {
  readonly #forms: PreparedForms;
  readonly #normaliser: Normaliser | undefined;
  readonly #shape: Shape;
  readonly #query: Float64Array;
  readonly #key: Float64Array;
  /** One score, as tiles write them: a number that is returned could be boxed. */
  readonly #score: Float64Array;
  readonly #weights: Float64Array;
  readonly #sums: Float64Array;

  constructor(
    task: { readonly shape: Shape; readonly causal: boolean; readonly threads: number },
    mechanism: SoftmaxPattern,
    mostKeys: number,
    workspace: Workspace,
    learned: Weights,
  ) {
    const { headDim, valueDim } = task.shape;
    this.#forms = prepareStepForms({ ...task, mechanism }, mechanism, workspace, learned);
    this.#forms.refresh();
    this.#normaliser = mechanism.normaliser;
    this.#shape = task.shape;
    this.#query = workspace.float64(headDim);
    this.#key = workspace.float64(headDim);
    this.#score = workspace.float64(1);
    this.#weights = workspace.float64(mostKeys + 1);
    this.#sums = workspace.float64(valueDim);
  }

  /** Puts a token's key, which begins at `at`, into a slot: turned by its position. */
  keepKey({ keys, tokenAt }: KeptKeys, slot: number, from: Float32Array, at: number, position: number): void {
    const { headDim } = this.#shape;
    for (let i = 0; i < headDim; i++) this.#key[i] = from[at + i];
    this.#forms.rotation?.turnRow(this.#key, 0, position);
    for (let i = 0; i < headDim; i++) keys[slot * headDim + i] = this.#key[i];
    tokenAt[slot] = position;
  }

  /** The output of the token's query, `slice` among those of the batch, over its row's pieces. */
  attend(kept: KeptKeys, position: number, token: Token, slice: number): void {
    const { headDim, valueDim, heads } = this.#shape;
    const head = slice % heads;
    const { factor, open } = this.#forms.scores[head];
    for (let i = 0; i < headDim; i++) this.#query[i] = token.q[slice * headDim + i] * factor;
    this.#forms.rotation?.turnRow(this.#query, 0, position);
    open?.(this.#query, 1, headDim);
    const count = this.#writeScores(kept, position, head);
    weighRow(this.#normaliser, this.#weights, count);
    this.#addValues(kept, position);
    const at = slice * valueDim;
    for (let i = 0; i < valueDim; i++)
      token.out[at + i] = count === 0 ? 0 : this.#sums[i] * this.#weights[count];
  }

  /** Scores of the row's keys, piece by piece, with what is added to them. Returns how many. */
  #writeScores({ keys, schedule, tokenAt }: KeptKeys, position: number, head: number): number {
    const { headDim } = this.#shape;
    const { pieces, rowAt, lastCount } = schedule;
    const row = rowAt[position];
    const scores = this.#forms.scores[head];
    let count = 0;
    for (let piece = 0; piece < pieces[row]; piece++) {
      const step = pieces[row + 2 + 3 * piece];
      const many = piece === pieces[row] - 1 ? lastCount[position] : pieces[row + 3 + 3 * piece];
      let slot = pieces[row + 1 + 3 * piece];
      for (let n = 0; n < many; n++, slot += step) {
        for (let i = 0; i < headDim; i++) this.#key[i] = keys[slot * headDim + i];
        scores.write(this.#query, 1, this.#key, 1, headDim, this.#score, 1);
        this.#weights[count] = this.#score[0];
        this.#forms.bias?.addTo(this.#weights, count, head, position, tokenAt[slot]);
        count++;
      }
    }
    return count;
  }

  #addValues({ values, schedule }: KeptKeys, position: number): void {
    const { valueDim } = this.#shape;
    const { pieces, rowAt, lastCount } = schedule;
    const row = rowAt[position];
    this.#sums.fill(0);
    let count = 0;
    for (let piece = 0; piece < pieces[row]; piece++) {
      const first = pieces[row + 1 + 3 * piece] * valueDim;
      const step = pieces[row + 2 + 3 * piece] * valueDim;
      const many = piece === pieces[row] - 1 ? lastCount[position] : pieces[row + 3 + 3 * piece];
      for (let n = 0, value = first; n < many; n++, value += step) {
        const weight = this.#weights[count++];
        for (let i = 0; i < valueDim; i++) this.#sums[i] += weight * values[value + i];
      }
    }
  }
}
