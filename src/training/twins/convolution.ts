import {
  type Convolution,
  isConvolution,
  pixelAt,
  tokensBefore,
  WEIGHTS,
} from "../../mechanisms/convolution/declare.ts";
import type { Arrays } from "../arrays/arrays.ts";
import type { Tensor } from "../arrays/tensor.ts";
import type { Twin, TwinKind, TwinTask } from "./twin.ts";

/** A window of v by learned weights, tap by tap. */
export const convolutionTwin: TwinKind<Convolution> = { is: isConvolution, whyNot: () => null, twin };

function twin(arrays: Arrays, { mechanism, shape, causal }: TwinTask<Convolution>): Twin {
  const { form, taps } = mechanism;
  const { length, heads, valueDim } = shape;
  const [first, second] = WEIGHTS[form];
  const sources = sourcesOf(mechanism, length, causal);
  return ({ v, named }) => {
    let sum: Tensor | null = null;
    for (let tap = 0; tap < taps; tap++) {
      const source = sources[tap];
      // One 1 in each row, at the token that the tap reads there.
      const seen = arrays.matrix(length, length, (row, token) => (source[row] === token ? 1 : 0)).matmul(v);
      const weights = named[first].part(1, tap, tap + 1);
      const term =
        form === "depthwise" ? seen.mul(weights) : seen.matmul(weights.reshape(heads, valueDim, valueDim));
      sum = sum === null ? term : sum.add(term);
    }
    if (sum === null) throw new RangeError(`convolution: must have a tap, got ${taps}`);
    return second === null ? sum : sum.relu().matmul(named[second]);
  };
}

/** By tap the token that each row reads; -1 for zeros. */
function sourcesOf(mechanism: Convolution, length: number, causal: boolean): readonly (readonly number[])[] {
  const { taps, image } = mechanism;
  const rows = Array.from({ length }, (_, row) => row);
  const tap = Array.from({ length: taps }, (_, at) => at);
  if (image === undefined) {
    const before = tokensBefore(mechanism, causal);
    return tap.map((at) =>
      rows.map((row) => (row + at - before >= 0 && row + at - before < length ? row + at - before : -1)),
    );
  }
  const { width, side } = image;
  const half = Math.floor(side / 2);
  return tap.map((at) =>
    rows.map((row) => {
      const [down, across] = [Math.floor(at / side) - half, (at % side) - half];
      return pixelAt(image, length / width, Math.floor(row / width) + down, (row % width) + across) ?? -1;
    }),
  );
}
