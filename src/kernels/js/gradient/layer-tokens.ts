import type { Problem } from "../../../core/problem.ts";
import { layoutOf, QKV } from "../../../core/shape.ts";
import { tensorNamed } from "../../../core/tensors.ts";
import { gradientName } from "../../../mechanisms/gradient/declare.ts";
import {
  LAYER_WEIGHTS,
  type Layer,
  positionsOf,
  rowOf,
  shapeOfHeads,
  widthOf,
} from "../../../mechanisms/layer/declare.ts";
import type { Workspace } from "../../workspace.ts";
import type { HeadProduct } from "../layer-heads.ts";

type Name = (typeof QKV)[number];
type Gradients = Readonly<Record<string, Float32Array>>;

/**
 * What came to the heads' q, k and v, through the largest of squares and the products that made them: `dW = Xᵀ dP`, `db = Σ
 * dP`, and to tokens, and to the positions that were added to them, `dP Wᵀ`.
 */
export class TokensBack {
  readonly #problem: Problem<Layer>;
  readonly #gradients: Gradients;
  readonly #products: readonly HeadProduct[];
  readonly #ofHeads: Gradients;
  /** What comes to the columns of one product, `[batch · rows, columns]`. */
  readonly #columns: Readonly<Record<Name, Float64Array>>;
  /** Sums of weights, biases and tables. */
  readonly #sums = new Map<string, Float64Array>();
  readonly #row: Float64Array;

  constructor(
    problem: Problem<Layer>,
    gradients: Gradients,
    products: readonly HeadProduct[],
    ofHeads: Gradients,
    workspace: Workspace,
  ) {
    const { mechanism, shape } = problem;
    this.#problem = problem;
    this.#gradients = gradients;
    this.#products = products;
    this.#ofHeads = ofHeads;
    const columnsOf = (name: Name): Float64Array => {
      const { batch, rows } = layoutOf(shape, name);
      const isMade = mechanism.made[name] !== "zeros";
      return workspace.float64(isMade ? batch * rows * widthOf(mechanism, name, shape) : 0);
    };
    this.#columns = { q: columnsOf("q"), k: columnsOf("k"), v: columnsOf("v") };
    for (const name of QKV) {
      for (const own of [
        LAYER_WEIGHTS[name].matrix,
        LAYER_WEIGHTS[name].bias,
        positionsOf(mechanism, name),
      ]) {
        const gradient = own === null ? undefined : gradients[gradientName(own)];
        if (own !== null && gradient !== undefined) this.#sums.set(own, workspace.float64(gradient.length));
      }
    }
    this.#row = workspace.float64(shape.headDim);
  }

  /** `residual` is what comes to the tokens of q besides, if anything does. */
  run(residual: Float32Array | null): void {
    for (const sums of this.#sums.values()) sums.fill(0);
    for (const [index, name] of QKV.entries()) {
      this.#toColumns(name, this.#products[index]);
      this.#toTokens(name, name === "q" ? residual : null);
    }
    for (const [name, sums] of this.#sums) this.#gradients[gradientName(name)].set(sums);
  }

  /** From `[batch, heads, keys, width]` to the columns of the tokens; of a square to its largest number. */
  #toColumns(name: Name, { whole }: HeadProduct): void {
    const { mechanism, shape } = this.#problem;
    if (mechanism.made[name] === "zeros") return;
    const { rows } = layoutOf(shape, name);
    const { batch, heads, rows: keys, width } = layoutOf(shapeOfHeads(mechanism, shape), name);
    const to = this.#columns[name];
    const from = this.#ofHeads[gradientName(name)];
    to.fill(0);
    const line = mechanism.pool === null || name === "q" ? null : rowOf(mechanism.pool, rows);
    for (let slice = 0; slice < batch * heads; slice++) {
      const [entry, head] = [Math.floor(slice / heads), slice % heads];
      for (let key = 0; key < keys; key++) {
        for (let c = 0; c < width; c++) {
          const token = line === null ? key : largestOf(whole, slice * rows, line, key, width, c);
          const at = (entry * rows + token) * heads * width + head * width + c;
          to[at] += from[(slice * keys + key) * width + c];
        }
      }
    }
  }

  #toTokens(name: Name, residual: Float32Array | null): void {
    const { mechanism, shape, inputs } = this.#problem;
    const { batch, rows, width: modelDim } = layoutOf(shape, name);
    const columns = widthOf(mechanism, name, shape);
    const gradient = this.#gradients[gradientName(name)];
    const positions = positionsOf(mechanism, name);
    const table = positions === null ? null : tensorNamed(inputs, positions);
    const ofTable = positions === null ? undefined : this.#sums.get(positions);
    const made = mechanism.made[name];
    const from = this.#columns[name];
    for (let row = 0; row < batch * rows; row++) {
      const tokenAt = row * modelDim;
      for (let c = 0; c < modelDim; c++) this.#row[c] = residual === null ? 0 : residual[tokenAt + c];
      if (made === "tokens") for (let c = 0; c < modelDim; c++) this.#row[c] += from[row * columns + c];
      if (made === "product") this.#throughProduct(name, row, table, columns);
      gradient.set(this.#row, tokenAt);
      if (ofTable === undefined) continue;
      const tableAt = (row % rows) * modelDim;
      for (let c = 0; c < modelDim; c++) ofTable[tableAt + c] += this.#row[c];
    }
  }

  #throughProduct(name: Name, row: number, table: Float32Array | null, columns: number): void {
    const { inputs, shape, mechanism } = this.#problem;
    const { headDim: modelDim } = shape;
    const { matrix, bias } = LAYER_WEIGHTS[name];
    const weights = tensorNamed(inputs, matrix);
    const tokens = inputs[name];
    const [from, at] = [this.#columns[name], row * columns];
    const ofWeights = this.#sums.get(matrix);
    const ofBiases = mechanism.biases ? this.#sums.get(bias) : undefined;
    for (let d = 0; d < modelDim; d++) {
      const place = row * modelDim + d;
      const token = tokens[place] + (table === null ? 0 : table[place % table.length]);
      let sum = 0;
      for (let c = 0; c < columns; c++) {
        sum += from[at + c] * weights[d * columns + c];
        if (ofWeights !== undefined) ofWeights[d * columns + c] += token * from[at + c];
      }
      this.#row[d] += sum;
    }
    if (ofBiases !== undefined) for (let c = 0; c < columns; c++) ofBiases[c] += from[at + c];
  }
}

/** The pixel of a square of 2 × 2 whose number is the largest, the first of those as large. */
function largestOf(
  whole: Float32Array,
  first: number,
  line: number,
  key: number,
  width: number,
  channel: number,
): number {
  const half = Math.floor(line / 2);
  const corner = 2 * (Math.floor(key / half) * line + (key % half));
  const pixels = [corner, corner + 1, corner + line, corner + line + 1];
  const numberOf = (pixel: number): number => whole[(first + pixel) * width + channel];
  return pixels.reduce((most, pixel) => (numberOf(pixel) > numberOf(most) ? pixel : most));
}
