import { type Held, type Library, Tensor } from "./tensor.ts";

/** Mathematics that is compiled once for its shapes, and then computed as often as wanted. */
export interface Program {
  /** Computes it. Its inputs are still there afterwards, and what it gives is the caller's to dispose of. */
  (inputs: readonly Tensor[]): Tensor[];
  dispose(): void;
}

/** Makes tensors, and programs of them. */
export class Arrays {
  /** The library and its version, such as `@jax-js/jax 0.1.25`. */
  readonly name: string;
  readonly #jax: Library;

  constructor(jax: Library, name: string) {
    this.#jax = jax;
    this.name = name;
  }

  /** Numbers, row-major, in a shape. */
  tensor(numbers: ArrayLike<number>, ...shape: readonly number[]): Tensor {
    // Copied number by number only if it must be: the library takes a copy of its own.
    const values = numbers instanceof Float32Array ? numbers : Float32Array.from(numbers);
    return this.#of(this.#jax.numpy.array(new Float32Array(values)).reshape([...shape]));
  }

  /** A matrix whose numbers follow from their row and column. */
  matrix(rows: number, columns: number, at: (row: number, column: number) => number): Tensor {
    const numbers = Float32Array.from({ length: rows * columns }, (_, index) =>
      at(Math.floor(index / columns), index % columns),
    );
    return this.tensor(numbers, rows, columns);
  }

  zeros(...shape: readonly number[]): Tensor {
    return this.#of(this.#jax.numpy.zeros([...shape]));
  }

  /** Tensors one after the other along an axis. */
  joined(tensors: readonly Tensor[], axis: number): Tensor {
    const [first] = tensors;
    if (tensors.length === 1) return first;
    return this.#of(
      this.#jax.numpy.concatenate(
        tensors.map(({ held }) => held),
        axis < 0 ? first.shape.length + axis : axis,
      ),
    );
  }

  /** What a function gives, a tensor of no dimension, and its gradient with respect to each of the tensors that it is given. */
  withGradients(
    of: (at: readonly Tensor[]) => Tensor,
    at: readonly Tensor[],
  ): { readonly value: Tensor; readonly gradients: Tensor[] } {
    const within = (held: Held[]): Held => of(this.#all(held)).held;
    const [value, gradients] = this.#jax.valueAndGrad(within)(at.map(({ held }) => held));
    return { value: this.#of(value), gradients: this.#all(gradients) };
  }

  /**
   * Compiles mathematics. `of` is carried out once for each set of shapes: what it makes of anything but its inputs is a
   * constant of the program.
   */
  program(of: (inputs: readonly Tensor[]) => readonly Tensor[]): Program {
    const compiled = this.#jax.jit((held: Held[]) => of(this.#all(held)).map((made) => made.held));
    return Object.assign(
      (inputs: readonly Tensor[]): Tensor[] => this.#all(compiled(inputs.map(({ held }) => held))),
      { dispose: () => compiled.dispose() },
    );
  }

  #of(held: Held): Tensor {
    return new Tensor(this.#jax, held);
  }

  #all(held: readonly Held[]): Tensor[] {
    return held.map((one) => this.#of(one));
  }
}
