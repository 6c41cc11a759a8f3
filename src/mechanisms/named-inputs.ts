import { hashText, type RandomStream, randomStream } from "../core/random.ts";
import { countOf, offsetIn } from "../core/shape.ts";
import { layoutBy, type TensorSpec } from "../core/tensor-spec.ts";
import type { AttentionInputs } from "../core/tensors.ts";
import type { Judged } from "./judged.ts";

/**
 * Inputs of a call with what the kind has besides q, k and v: normal numbers brought into their domain, of one
 * random stream a head. Those of tokens follow from `seed`, the batch entry and the head, so that fewer tokens
 * are a prefix of more; those of the layer from the head and a seed of their own, if they have one.
 */
export function withNamed(
  { mechanism, kind }: Judged,
  inputs: AttentionInputs,
  seed: number,
): AttentionInputs {
  const specs = Object.entries(kind.inputs?.(mechanism) ?? {});
  if (specs.length === 0) return inputs;
  const drawn = specs.map(([name, spec]) => [name, draw(name, spec, inputs, seed)] as const);
  return { ...inputs, ...Object.fromEntries(drawn) };
}

function draw(name: string, spec: TensorSpec, { shape }: AttentionInputs, seed: number): Float32Array {
  const { of, domain, std = 1, stream = name, seed: own = seed, streamPerRow = false } = spec;
  const deviation = typeof std === "number" ? std : std(shape);
  const layout = layoutBy(shape, spec);
  const values = new Float32Array(countOf(layout));
  const size = layout.rows * layout.width;
  const step = streamPerRow ? layout.width : size;
  const fill =
    spec.fill ??
    ((random: RandomStream, to: Float32Array) => {
      for (let at = 0; at < to.length; at++) to[at] = deviation * random.gaussian();
    });
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
  return values;
}
