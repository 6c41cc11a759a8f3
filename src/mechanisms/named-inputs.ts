import { type Dtype, formatOf, isReduced } from "../core/dtype.ts";
import { UsageError } from "../core/errors.ts";
import { hashText, type RandomStream, randomStream } from "../core/random.ts";
import { countOf, MAX_ELEMENTS, offsetIn, type Shape } from "../core/shape.ts";
import { layoutBy, nameInFiles, ownShape, type TensorSpec } from "../core/tensor-spec.ts";
import type { AttentionInputs, InputSource } from "../core/tensors.ts";
import type { Judged } from "./judged.ts";

/** What a call is given besides q, k and v, and where from. */
export interface Naming {
  /** Where numbers that a user brings come from, and where others are then drawn; all are drawn if omitted. */
  readonly source?: Pick<InputSource, "named"> | undefined;
  /** Room for so many numbers where a kernel reads them in place; plain arrays if omitted. */
  readonly allocate?: ((count: number) => Float32Array) | undefined;
}

/**
 * Inputs of a call with what the kind has besides q, k and v. Where the source has a tensor of that name it is
 * that one; otherwise normal numbers brought into their domain, of one random stream a head. Those of tokens
 * follow from `seed`, the batch entry and the head, so that fewer tokens are a prefix of more; those of the
 * layer from the head and a seed of their own, if they have one. What belongs to the layer has room for the
 * tokens of `judged.shape`, which in decoding is the capacity. All are numbers of the dtype.
 */
export function withNamed(
  { mechanism, kind, shape, dtype }: Judged & { readonly shape?: Shape; readonly dtype?: Dtype },
  inputs: AttentionInputs,
  seed: number,
  { source, allocate = (count) => new Float32Array(count) }: Naming = {},
): AttentionInputs {
  const specs = Object.entries(kind.inputs?.(mechanism) ?? {});
  if (specs.length === 0) return inputs;
  const named = specs.map(([name, spec]) => {
    const over = spec.of === "weights" ? (shape ?? inputs.shape) : inputs.shape;
    const count = countOf(layoutBy(over, spec));
    if (!(count <= MAX_ELEMENTS)) {
      throw new UsageError(
        `${nameInFiles(name, spec)} must have at most ${MAX_ELEMENTS} numbers, got ${count}; choose smaller parameters or fewer tokens`,
      );
    }
    const values = allocate(count);
    const given = source?.named?.(nameInFiles(name, spec), spec, over) ?? null;
    if (given === null) draw(values, name, spec, over, seed);
    else values.set(given);
    if (isReduced(dtype)) for (const [at, x] of values.entries()) values[at] = formatOf(dtype).round(x);
    return [name, values] as const;
  });
  return { ...inputs, ...Object.fromEntries(named) };
}

function draw(values: Float32Array, name: string, spec: TensorSpec, call: Shape, seed: number): void {
  const shape = ownShape(spec, call);
  const { of, domain, stream = name, seed: own = seed, streamPerRow = false } = spec;
  const { fill = normals(spec, shape) } = spec;
  const layout = layoutBy(call, spec);
  const size = layout.rows * layout.width;
  const step = streamPerRow ? layout.width : size;
  for (let entry = 0; entry < layout.batch; entry++) {
    for (let head = 0; head < layout.heads; head++) {
      const places = of === "token" ? [entry, head] : [entry * layout.heads + head];
      const start = offsetIn(layout, entry, head, 0);
      for (let from = 0; from < size; from += step) {
        const row = streamPerRow ? [from / step] : [];
        const random = randomStream(own, hashText(stream), ...places, ...row);
        const numbers = values.subarray(start + from, start + from + step);
        fill(random, numbers, shape);
        if (domain !== undefined) for (const [at, x] of numbers.entries()) numbers[at] = domain(x);
      }
    }
  }
}

/** Independent normal numbers. */
function normals({ std = 1 }: TensorSpec, shape: Shape) {
  const deviation = typeof std === "number" ? std : std(shape);
  return (random: RandomStream, to: Float32Array): void => {
    for (let at = 0; at < to.length; at++) to[at] = deviation * random.gaussian();
  };
}
