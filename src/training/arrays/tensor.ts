import type { numpy } from "@jax-js/jax";

/** The library, once it is loaded. */
export type Library = typeof import("@jax-js/jax");

/** What the library computes with. Each use of one consumes it; a tensor hands out a reference of its own each time. */
export type Held = numpy.Array;

/**
 * A matrix of float32 of any number of dimensions, to write mathematics with: no operation changes or consumes its operands.
 * Dimensions of 1 repeat, as in NumPy. An axis below 0 counts from the last.
 *
 * Within a program (`Arrays.program`) it stands for numbers that are not known yet, and costs nothing.
 */
export class Tensor {
  readonly #jax: Library;
  readonly #held: Held;

  constructor(jax: Library, held: Held) {
    this.#jax = jax;
    this.#held = held;
  }

  /** Another reference to what it holds, which its user consumes. */
  get held(): Held {
    return this.#held.ref;
  }

  get shape(): readonly number[] {
    return this.#held.shape;
  }

  /** Its numbers, row-major; not within a program. */
  numbers(): Float32Array {
    const data = this.held.dataSync();
    if (data instanceof Float32Array) return data;
    throw new TypeError(`tensor: must hold float32, got ${this.#held.dtype}`);
  }

  /** Frees its memory; not within a program. */
  dispose(): void {
    this.#held.dispose();
  }

  add(other: Tensor | number): Tensor {
    return this.#of(this.held.add(operand(other)));
  }

  sub(other: Tensor | number): Tensor {
    return this.#of(this.held.sub(operand(other)));
  }

  mul(other: Tensor | number): Tensor {
    return this.#of(this.held.mul(operand(other)));
  }

  div(other: Tensor | number): Tensor {
    if (typeof other === "number") return this.mul(1 / other);
    return this.mul(this.#of(this.#jax.numpy.reciprocal(other.held)));
  }

  /** The products of the matrices in the last two dimensions. */
  matmul(other: Tensor): Tensor {
    const { numpy } = this.#jax;
    const before = numpy.broadcastShapes([...this.shape.slice(0, -2)], [...other.shape.slice(0, -2)]);
    // The library mixes up the dimensions before the last two where only some of them repeat.
    const whole = (one: Tensor): Held => {
      const shape = [...before, ...one.shape.slice(-2)];
      const isWhole = shape.every((size, axis) => one.shape[axis] === size);
      return isWhole && one.shape.length === shape.length ? one.held : numpy.broadcastTo(one.held, shape);
    };
    return this.#of(numpy.matmul(whole(this), whole(other)));
  }

  /** The same with the last two dimensions exchanged. */
  transposed(): Tensor {
    return this.#of(this.#jax.numpy.matrixTranspose(this.held));
  }

  /** Dimension i is dimension `axes[i]` of this. */
  permuted(...axes: readonly number[]): Tensor {
    return this.#of(this.held.transpose([...axes]));
  }

  /** The same numbers in another shape. */
  reshape(...shape: readonly number[]): Tensor {
    return this.#of(this.held.reshape([...shape]));
  }

  /** Indices `from … to - 1` of an axis. */
  part(axis: number, from: number, to: number): Tensor {
    const before = this.#place(axis);
    const cut: [number, number] = [from, to];
    return this.#of(this.held.slice(...Array.from({ length: before }, (): [] => []), cut));
  }

  /** With so many zeros before and after along an axis. */
  padded(axis: number, before: number, after: number): Tensor {
    const at = this.#place(axis);
    const widths = this.shape.map((_, index): [number, number] => (index === at ? [before, after] : [0, 0]));
    return this.#of(this.#jax.numpy.pad(this.held, widths));
  }

  /** Sums along an axis, which stays with a length of 1. */
  sum(axis: number): Tensor {
    return this.#of(this.held.sum(axis, { keepdims: true }));
  }

  /** The sum of all, of no dimension. */
  total(): Tensor {
    return this.#of(this.held.sum());
  }

  /** Means along an axis, which stays with a length of 1. */
  mean(axis: number): Tensor {
    return this.sum(axis).div(this.shape[this.#place(axis)]);
  }

  /** The largest along an axis, which stays with a length of 1. */
  max(axis: number): Tensor {
    return this.#of(this.held.max(axis, { keepdims: true }));
  }

  /** The larger of each two. */
  atLeast(other: Tensor | number): Tensor {
    return this.#of(this.#jax.numpy.maximum(this.held, operand(other)));
  }

  /** The smaller of each two. */
  atMost(other: Tensor | number): Tensor {
    return this.#of(this.#jax.numpy.minimum(this.held, operand(other)));
  }

  /** 1 where it is less than the other, 0 elsewhere; without a gradient. */
  isLess(other: Tensor): Tensor {
    return this.#of(this.#jax.numpy.where(this.held.less(other.held), 1, 0).astype(this.#jax.DType.Float32));
  }

  /** The `count`-th largest along the last axis, which stays with a length of 1; without a gradient. */
  nthLargest(count: number): Tensor {
    const { lax } = this.#jax;
    const [values] = lax.topK(lax.stopGradient(this.held), count);
    return this.#of(values.min(-1, { keepdims: true }));
  }

  exp(): Tensor {
    return this.#of(this.#jax.numpy.exp(this.held));
  }

  /**
   * The natural logarithm of numbers above 0. The library's own is off by 1e-5 about 1; a step of Newton's method, `y + x e^-y -
   * 1`, takes that to the rounding of float32, and so its derivative.
   */
  log(): Tensor {
    const first = this.#of(this.#jax.numpy.log(this.held));
    return first.add(first.mul(-1).exp().mul(this).sub(1));
  }

  sqrt(): Tensor {
    return this.#of(this.#jax.numpy.sqrt(this.held));
  }

  sin(): Tensor {
    return this.#of(this.#jax.numpy.sin(this.held));
  }

  cos(): Tensor {
    return this.#of(this.#jax.numpy.cos(this.held));
  }

  relu(): Tensor {
    return this.#of(this.#jax.nn.relu(this.held));
  }

  /** `x Φ(x)`, Φ the normal distribution. */
  gelu(): Tensor {
    return this.#of(this.#jax.nn.gelu(this.held, { approximate: false }));
  }

  /** `1 / (1 + e^-x)`, whose exponential overflows below -88. */
  sigmoid(): Tensor {
    return this.#of(this.#jax.nn.sigmoid(this.held));
  }

  /** `ln(1 + e^x)`, of exponentials that do not overflow. */
  softplus(): Tensor {
    const size = this.atLeast(this.mul(-1));
    return this.relu().add(size.mul(-1).exp().add(1).log());
  }

  /** The same numbers, as if they were constants to a gradient. */
  stopped(): Tensor {
    return this.#of(this.#jax.lax.stopGradient(this.held));
  }

  #of(held: Held): Tensor {
    return new Tensor(this.#jax, held);
  }

  #place(axis: number): number {
    return axis < 0 ? this.shape.length + axis : axis;
  }
}

function operand(one: Tensor | number): Held | number {
  return typeof one === "number" ? one : one.held;
}
