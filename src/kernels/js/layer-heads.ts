import type { Problem } from "../../core/problem.ts";
import { countOf, elementCount, type Layout, layoutOf, offsetIn, type QKV } from "../../core/shape.ts";
import { tensorNamed } from "../../core/tensors.ts";
import { type Layer, positionsOf, rowOf, shapeOfHeads, widthOf } from "../../mechanisms/layer/declare.ts";
import { LayerProduct } from "./layer-product.ts";

/** What makes q, k or v of the heads, `[batch, heads, tokens, width]`, of tokens. */
export class HeadProduct {
  /** Read by the heads: the tokens themselves, where they are those. */
  readonly values: Float32Array;
  readonly #problem: Problem;
  readonly #layer: Layer;
  readonly #name: (typeof QKV)[number];
  readonly #tokens: Layout;
  readonly #heads: Layout;
  readonly #product: LayerProduct | null;
  /** What the product is before the largest of each square is taken. */
  readonly #whole: Float32Array;

  constructor(problem: Problem, layer: Layer, name: (typeof QKV)[number]) {
    const { shape, inputs } = problem;
    this.#problem = problem;
    this.#layer = layer;
    this.#name = name;
    this.#tokens = layoutOf(shape, name);
    this.#heads = layoutOf(shapeOfHeads(layer, shape), name);
    const made = layer.made[name];
    const isPooled = layer.pool !== null && name !== "q";
    const isOne = this.#heads.heads === 1 && positionsOf(layer, name) === null;
    const asTheyAre = made === "tokens" && !isPooled && isOne;
    this.values = asTheyAre ? inputs[name] : new Float32Array(countOf(this.#heads));
    const { batch, rows } = this.#tokens;
    this.#whole =
      isPooled && made !== "zeros"
        ? new Float32Array(batch * this.#heads.heads * rows * this.#heads.width)
        : this.values;
    this.#product = made === "product" ? new LayerProduct(shape.headDim, widthOf(layer, name, shape)) : null;
  }

  /** What the heads have before the largest of each square is taken; `values` where none is. */
  get whole(): Float32Array {
    return this.#whole;
  }

  get bytes(): number {
    const own = this.values === this.#problem.inputs[this.#name] ? 0 : this.values.byteLength;
    const whole = this.#whole === this.values ? 0 : this.#whole.byteLength;
    return own + whole + (this.#product?.bytes ?? 0);
  }

  get flops(): number {
    return this.#tokens.batch * (this.#product?.flopsOf(this.#tokens.rows) ?? 0);
  }

  /** Numbers of tokens that are read, and of heads that are written, and read again where four make one. */
  get elementsMoved(): number {
    const { shape, inputs } = this.#problem;
    // The heads read what lies in place, and count it.
    if (this.#layer.made[this.#name] === "zeros" || this.values === inputs[this.#name]) return 0;
    const pooled = this.#whole === this.values ? 0 : 5 * this.values.length;
    return elementCount(shape, this.#name) + this.#whole.length + pooled;
  }

  run(): void {
    if (this.#product !== null) this.#multiply(this.#product);
    else if (this.#layer.made[this.#name] === "tokens" && this.#whole !== this.#problem.inputs[this.#name]) {
      this.#copy();
    }
    if (this.#whole !== this.values) this.#pool();
  }

  /** The positions of tokens; null if they have none. */
  #table(): Float32Array | null {
    const positions = positionsOf(this.#layer, this.#name);
    return positions === null ? null : tensorNamed(this.#problem.inputs, positions);
  }

  #multiply(product: LayerProduct): void {
    const { inputs } = this.#problem;
    const tokens = inputs[this.#name];
    const table = this.#table();
    const { batch, rows, width: modelDim } = this.#tokens;
    const { heads, width } = this.#heads;
    product.load(inputs, this.#name, this.#layer.biases);
    for (let entry = 0; entry < batch; entry++) {
      product.multiply(
        rows,
        (row, to) => {
          const at = (entry * rows + row) * modelDim;
          for (let c = 0; c < modelDim; c++) {
            to(c, tokens[at + c] + (table === null ? 0 : table[row * modelDim + c]));
          }
        },
        (row, column, value) => {
          const head = Math.floor(column / width);
          this.#whole[((entry * heads + head) * rows + row) * width + column - head * width] = value;
        },
      );
    }
  }

  /** Tokens, of which each head takes its own channels. */
  #copy(): void {
    const tokens = this.#problem.inputs[this.#name];
    const table = this.#table();
    const { batch, rows } = this.#tokens;
    const { heads, width } = this.#heads;
    let at = 0;
    for (let entry = 0; entry < batch; entry++) {
      for (let row = 0; row < rows; row++) {
        for (let head = 0; head < heads; head++) {
          const to = ((entry * heads + head) * rows + row) * width;
          for (let c = 0; c < width; c++, at++) {
            this.#whole[to + c] = tokens[at] + (table === null ? 0 : table[at % table.length]);
          }
        }
      }
    }
  }

  /** The largest of each square of 2 × 2 pixels. */
  #pool(): void {
    const { pool } = this.#layer;
    if (pool === null) return;
    const { batch, heads, rows: keys, width } = this.#heads;
    const whole: Layout = { ...this.#heads, rows: this.#tokens.rows };
    const row = rowOf(pool, this.#tokens.rows);
    const half = Math.floor(row / 2);
    const down = row * width;
    for (let entry = 0; entry < batch; entry++) {
      for (let head = 0; head < heads; head++) {
        for (let key = 0; key < keys; key++) {
          const line = Math.floor(key / half);
          const pixel = 2 * (line * row + key - line * half);
          const from = offsetIn(whole, entry, head, pixel);
          const to = offsetIn(this.#heads, entry, head, key);
          for (let c = 0; c < width; c++) {
            const at = from + c;
            const upper = Math.max(this.#whole[at], this.#whole[at + width]);
            const lower = Math.max(this.#whole[at + down], this.#whole[at + down + width]);
            this.values[to + c] = Math.max(upper, lower);
          }
        }
      }
    }
  }
}
