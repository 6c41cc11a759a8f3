import type { Problem } from "../../../core/problem.ts";
import { tensorNamed } from "../../../core/tensors.ts";
import { DOUT, gradientName } from "../../../mechanisms/gradient/declare.ts";
import {
  LAYER_GAMMA,
  LAYER_WEIGHTS,
  type Layer,
  positionsOf,
  shapeOfHeads,
  widthOf,
} from "../../../mechanisms/layer/declare.ts";
import type { Workspace } from "../../workspace.ts";

/** What the heads made, and what comes to it, `[batch, heads, queries, valueDim]` each. */
interface HeadsOut {
  readonly headsOut: Float32Array;
  readonly ofHeads: Float32Array;
}

/**
 * The last product `Y = C W^O + b`, C being what the heads made side by side, and `X + γ Y` if there is a γ. With `G = Cᵀ
 * dout`: `dW^O = γ G`, `db = γ Σ dout`, `dγ = W^O · G + b · Σ dout`, and to the heads go `γ dout W^Oᵀ`.
 */
export class OutputBack {
  readonly flops: number;
  readonly #problem: Problem<Layer>;
  readonly #gradients: Readonly<Record<string, Float32Array>>;
  readonly #heads: HeadsOut;
  /** Columns of C, and of Y. */
  readonly #from: number;
  readonly #to: number;
  readonly #products: Float64Array;
  readonly #sums: Float64Array;
  /** A row of C, or what comes to it. */
  readonly #row: Float64Array;

  constructor(
    problem: Problem<Layer>,
    gradients: Readonly<Record<string, Float32Array>>,
    heads: HeadsOut,
    workspace: Workspace,
  ) {
    const { mechanism, shape } = problem;
    this.#problem = problem;
    this.#gradients = gradients;
    this.#heads = heads;
    this.#from = widthOf(mechanism, "output", shape);
    this.#to = shape.valueDim;
    this.#products = workspace.float64(this.#from * this.#to);
    this.#sums = workspace.float64(this.#to);
    this.#row = workspace.float64(this.#from);
    this.flops = 4 * shape.batch * shape.queries * this.#from * this.#to;
  }

  /** Writes what comes to the heads. */
  toHeads(): void {
    const [weights, dout, gamma] = [this.#weights(), this.#dout(), this.#gamma() ?? 1];
    const to = this.#to;
    this.#eachRow((row) => {
      for (let j = 0; j < this.#from; j++) {
        let sum = 0;
        for (let c = 0; c < to; c++) sum += dout[row * to + c] * weights[j * to + c];
        this.#row[j] = gamma * sum;
      }
      this.#eachColumn(row, (j, at) => {
        this.#heads.ofHeads[at] = this.#row[j];
      });
    });
  }

  /** Writes the gradients of W^O, of its biases and of γ. */
  toWeights(): void {
    const [weights, dout, to] = [this.#weights(), this.#dout(), this.#to];
    const [products, sums] = [this.#products, this.#sums];
    products.fill(0);
    sums.fill(0);
    this.#eachRow((row) => {
      this.#readRow(row);
      for (let c = 0; c < to; c++) sums[c] += dout[row * to + c];
      for (let j = 0; j < this.#from; j++) {
        const factor = this.#row[j];
        for (let c = 0; c < to; c++) products[j * to + c] += factor * dout[row * to + c];
      }
    });
    const { matrix, bias } = LAYER_WEIGHTS.output;
    const gamma = this.#gamma();
    const scale = gamma ?? 1;
    const [ofWeights, ofBiases] = [matrix, bias].map((name) => this.#gradients[gradientName(name)]);
    for (let i = 0; i < products.length; i++) ofWeights[i] = scale * products[i];
    const biases = this.#biases();
    if (biases !== null) for (let c = 0; c < to; c++) ofBiases[c] = scale * sums[c];
    if (gamma === null) return;
    let ofGamma = 0;
    for (let i = 0; i < products.length; i++) ofGamma += weights[i] * products[i];
    if (biases !== null) for (let c = 0; c < to; c++) ofGamma += biases[c] * sums[c];
    this.#gradients[gradientName(LAYER_GAMMA)][0] = ofGamma;
  }

  /** What comes to tokens past the heads, `[batch, queries, D]`; null if nothing does. */
  ofResidual(): Float32Array | null {
    return this.#gamma() === null ? null : this.#dout();
  }

  /** The output itself. */
  writeOutput(out: Float32Array): void {
    const { inputs, mechanism } = this.#problem;
    const [weights, biases, gamma, to] = [this.#weights(), this.#biases(), this.#gamma(), this.#to];
    const positions = positionsOf(mechanism, "q");
    const table = positions === null ? null : tensorNamed(inputs, positions);
    this.#eachRow((row) => {
      this.#readRow(row);
      const sums = this.#sums;
      for (let c = 0; c < to; c++) sums[c] = biases === null ? 0 : biases[c];
      for (let j = 0; j < this.#from; j++) {
        for (let c = 0; c < to; c++) sums[c] += this.#row[j] * weights[j * to + c];
      }
      for (let c = 0; c < to; c++) {
        const at = row * to + c;
        const token = gamma === null ? 0 : inputs.q[at] + (table === null ? 0 : table[at % table.length]);
        out[at] = gamma === null ? sums[c] : token + gamma * sums[c];
      }
    });
  }

  #readRow(row: number): void {
    this.#eachColumn(row, (j, at) => {
      this.#row[j] = this.#heads.headsOut[at];
    });
  }

  #eachRow(act: (row: number) => void): void {
    const { batch, queries } = this.#problem.shape;
    for (let row = 0; row < batch * queries; row++) act(row);
  }

  /** Every column of C in a row, and where the heads have it. */
  #eachColumn(row: number, act: (column: number, at: number) => void): void {
    const { mechanism, shape } = this.#problem;
    const { heads, queries, valueDim } = shapeOfHeads(mechanism, shape);
    const entry = Math.floor(row / queries);
    for (let head = 0; head < heads; head++) {
      const at = ((entry * heads + head) * queries + (row % queries)) * valueDim;
      for (let c = 0; c < valueDim; c++) act(head * valueDim + c, at + c);
    }
  }

  #weights(): Float32Array {
    return tensorNamed(this.#problem.inputs, LAYER_WEIGHTS.output.matrix);
  }

  #biases(): Float32Array | null {
    const { mechanism, inputs } = this.#problem;
    return mechanism.biases ? tensorNamed(inputs, LAYER_WEIGHTS.output.bias) : null;
  }

  #gamma(): number | null {
    const { mechanism, inputs } = this.#problem;
    return mechanism.residual ? tensorNamed(inputs, LAYER_GAMMA)[0] : null;
  }

  #dout(): Float32Array {
    return tensorNamed(this.#problem.inputs, DOUT);
  }
}
