import type { Shape } from "../../core/shape.ts";
import type { Workspace } from "../workspace.ts";
import { weighRow } from "./row-weights.ts";

/** `scores[n]` is the query times key `list[n]` of those that begin at `base`, n below `count`. */
export function scoreRow(
  query: Float64Array,
  keys: Float32Array,
  base: number,
  list: Int32Array,
  count: number,
  scores: Float64Array,
): void {
  const width = query.length;
  const even = width - (width % 4);
  for (let n = 0; n < count; n++) {
    const at = base + list[n] * width;
    // An addition that waits for the one before takes four times as long.
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    for (let i = 0; i < even; i += 4) {
      a += query[i] * keys[at + i];
      b += query[i + 1] * keys[at + i + 1];
      c += query[i + 2] * keys[at + i + 2];
      d += query[i + 3] * keys[at + i + 3];
    }
    for (let i = even; i < width; i++) a += query[i] * keys[at + i];
    scores[n] = a + b + (c + d);
  }
}

/** `scores[n]` is the query times the n-th key of those that begin at `base`. */
export function scoreStretch(
  query: Float64Array,
  keys: Float32Array,
  base: number,
  count: number,
  scores: Float64Array,
): void {
  const width = query.length;
  const even = width - (width % 4);
  for (let n = 0; n < count; n++) {
    const at = base + n * width;
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    for (let i = 0; i < even; i += 4) {
      a += query[i] * keys[at + i];
      b += query[i + 1] * keys[at + i + 1];
      c += query[i + 2] * keys[at + i + 2];
      d += query[i + 3] * keys[at + i + 3];
    }
    for (let i = even; i < width; i++) a += query[i] * keys[at + i];
    scores[n] = a + b + (c + d);
  }
}

/** `out += Σ weights[n] · value list[n]` of those that begin at `base`, n below `count`. */
export function addRow(
  weights: Float64Array,
  values: Float32Array,
  base: number,
  list: Int32Array,
  count: number,
  out: Float64Array,
): void {
  const width = out.length;
  for (let n = 0; n < count; n++) {
    const at = base + list[n] * width;
    const weight = weights[n];
    for (let i = 0; i < width; i++) out[i] += weight * values[at + i];
  }
}

/** Softmax over keys that are listed, one row at a time. Nothing is allocated in a row. */
export class GatheredRow {
  /** The keys of the row that is computed next. */
  readonly list: Int32Array;
  readonly #query: Float64Array;
  readonly #weights: Float64Array;
  readonly #sums: Float64Array;
  readonly #scale: number;

  constructor(
    { headDim, valueDim }: Pick<Shape, "headDim" | "valueDim">,
    mostKeys: number,
    scale: number,
    workspace: Workspace,
  ) {
    this.list = new Int32Array(mostKeys);
    workspace.add(this.list);
    this.#query = workspace.float64(headDim);
    this.#weights = workspace.float64(mostKeys + 1);
    this.#sums = workspace.float64(valueDim);
    this.#scale = scale;
  }

  /** A row over the first `count` keys of the list; keys and values are those of one head, from where each begins. */
  attend(
    q: Float32Array,
    queryAt: number,
    keys: Float32Array,
    keysAt: number,
    values: Float32Array,
    valuesAt: number,
    count: number,
    out: Float32Array,
    outAt: number,
  ): void {
    const query = this.#query;
    const sums = this.#sums;
    const weights = this.#weights;
    for (let i = 0; i < query.length; i++) query[i] = q[queryAt + i] * this.#scale;
    scoreRow(query, keys, keysAt, this.list, count, weights);
    weighRow(undefined, weights, count);
    sums.fill(0);
    addRow(weights, values, valuesAt, this.list, count, sums);
    for (let i = 0; i < sums.length; i++) out[outAt + i] = count === 0 ? 0 : sums[i] * weights[count];
  }
}
