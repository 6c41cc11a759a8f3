import { type Fourier, isFourier } from "../../mechanisms/fourier/declare.ts";
import type { Arrays } from "../arrays/arrays.ts";
import type { Tensor } from "../arrays/tensor.ts";
import type { Twin, TwinKind, TwinTask } from "./twin.ts";

/** The real part of two transforms, `C_N v C_d - S_N v S_d` with matrices of cosines and sines. */
export const fourierTwin: TwinKind<Fourier> = { is: isFourier, whyNot: () => null, twin };

function twin(arrays: Arrays, { shape }: TwinTask<Fourier>): Twin {
  const { length, valueDim } = shape;
  return ({ v }) => {
    const waves = (count: number, wave: (angle: number) => number): Tensor =>
      // The product may be large: its rest has the digits of the angle.
      arrays.matrix(count, count, (n, k) => wave((2 * Math.PI * ((n * k) % count)) / count));
    const transformed = (wave: (angle: number) => number): Tensor =>
      waves(length, wave).matmul(v).matmul(waves(valueDim, wave));
    return transformed(Math.cos).sub(transformed(Math.sin));
  };
}
