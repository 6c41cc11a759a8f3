import { hashText, type RandomStream, randomStream } from "../../core/random.ts";
import type { Arrays } from "../arrays/arrays.ts";
import type { Tensor } from "../arrays/tensor.ts";

/** Numbers that a model learns. */
export interface Parameter {
  /** Such as `layers.0.attention.qkv`. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Writes what they are at first. */
  readonly fill: (random: RandomStream, to: Float32Array) => void;
}

/** The parameters of a model by their names. Throws a RangeError if there is none of a name. */
export type Weights = (name: string) => Tensor;

/** Independent normal numbers. */
export function normal(deviation: number): Parameter["fill"] {
  return each((random) => deviation * random.gaussian());
}

/** Independent numbers from `-bound` to `bound`. */
export function uniform(bound: number): Parameter["fill"] {
  return each((random) => bound * (2 * random.uniform() - 1));
}

/** The same number everywhere. */
export function all(number: number): Parameter["fill"] {
  return each(() => number);
}

/** Numbers one by one, drawn in their order. */
export function each(draw: (random: RandomStream, index: number) => number): Parameter["fill"] {
  return (random, to) => {
    for (let index = 0; index < to.length; index++) to[index] = draw(random, index);
  };
}

/** How parameters lie one after the other in one vector, so that an optimiser sees one tensor. */
export class ParameterLayout {
  readonly #parameters: readonly Parameter[];
  /** Numbers of all of them. */
  readonly count: number;

  constructor(parameters: readonly Parameter[]) {
    this.#parameters = parameters;
    this.count = parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  }

  /** What they are at first, `[count]`: each of a stream of its own, so that a model with more of them has the same others. */
  initial(seed: number): Float32Array {
    const numbers = new Float32Array(this.count);
    let at = 0;
    for (const { name, shape, fill } of this.#parameters) {
      const size = sizeOf(shape);
      const random = randomStream(seed, hashText("training/parameters"), hashText(name));
      fill(random, numbers.subarray(at, at + size));
      at += size;
    }
    return numbers;
  }

  /** Each of them, in their order, of a vector of all. */
  cut(vector: Tensor): Tensor[] {
    let at = 0;
    return this.#parameters.map(({ shape }) => {
      const from = at;
      at += sizeOf(shape);
      return vector.part(0, from, at).reshape(...shape);
    });
  }

  /** The vector of tensors that are laid out as they are. */
  joined(arrays: Arrays, tensors: readonly Tensor[]): Tensor {
    return arrays.joined(
      tensors.map((tensor) => tensor.reshape(sizeOf(tensor.shape))),
      0,
    );
  }

  /** Tensors in the order of the parameters, by name. */
  named(tensors: readonly Tensor[]): Weights {
    const byName = new Map(this.#parameters.map(({ name }, index) => [name, tensors[index]]));
    return (name) => {
      const found = byName.get(name);
      if (found === undefined)
        throw new RangeError(`parameters: must be one of ${[...byName.keys()].join(", ")}, got ${name}`);
      return found;
    };
  }
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
