import type { Problem } from "../../core/problem.ts";
import { elementCount, FLOAT_BYTES, kvHeadOf, layoutOf, offsetIn, whyNotShape } from "../../core/shape.ts";
import { type Fourier, isFourier } from "../../mechanisms/fourier/declare.ts";
import type { Ability } from "../by-kind.ts";
import type { Runnable } from "../kernel.ts";
import { complexTransform } from "./complex-transform.ts";
import type { Means } from "./means.ts";

/** Fourier transforms of the values. */
export const fourier: Ability<Fourier, Means> = {
  is: isFourier,
  whyNot: ({ shape }) => whyNotShape(shape, ["kvHeads", "valueDim"]),
  prepare: (problem, { output }) => prepareFourier(problem, output),
};

/**
 * The real part of the transform of v, channel frequency by channel frequency: `Z[n] = Σ_j v[n, j] e^(2πi·j·c/d)` of
 * all tokens, its transform over tokens, and of that the real part, which is column d - c of the output and, from
 * the last row to the first, column c, since v is real.
 */
export function prepareFourier(problem: Problem, output: Float32Array): Runnable {
  const { inputs, shape } = problem;
  const { batch, heads, length, valueDim: d } = shape;
  const [ofV, ofOutput] = [layoutOf(shape, "v"), layoutOf(shape, "output")];
  const cosines = Float64Array.from({ length: d }, (_, m) => Math.cos((2 * Math.PI * m) / d));
  const sines = Float64Array.from({ length: d }, (_, m) => Math.sin((2 * Math.PI * m) / d));
  const real = new Float64Array(length);
  const imaginary = new Float64Array(length);
  const transform = complexTransform(length);
  const columns = Math.floor(d / 2) + 1;

  const overChannels = (valuesAt: number, c: number): void => {
    for (let n = 0; n < length; n++) {
      const at = valuesAt + n * d;
      let sum = 0;
      let other = 0;
      for (let j = 0, turn = 0; j < d; j++) {
        const x = inputs.v[at + j];
        sum += x * cosines[turn];
        other += x * sines[turn];
        turn += c;
        if (turn >= d) turn -= d;
      }
      real[n] = sum;
      imaginary[n] = other;
    }
  };

  return {
    run() {
      for (let slice = 0; slice < batch * heads; slice++) {
        const entry = Math.floor(slice / heads);
        const valuesAt = offsetIn(ofV, entry, kvHeadOf(shape, slice % heads), 0);
        const outAt = offsetIn(ofOutput, entry, slice % heads, 0);
        for (let c = 0; c < columns; c++) {
          overChannels(valuesAt, c);
          transform.run(real, imaginary);
          const mirror = (d - c) % d;
          for (let k = 0; k < length; k++) {
            const other = k === 0 ? 0 : length - k;
            output[outAt + k * d + mirror] = real[k];
            output[outAt + other * d + c] = real[k];
          }
        }
      }
    },
    output: () => output,
    workspaceBytes: transform.bytes + real.byteLength + imaginary.byteLength + 2 * cosines.byteLength,
    executedFlops: batch * heads * columns * (4 * length * d + transform.flops),
    // Each column of the transform over channels reads all of v.
    bytes: FLOAT_BYTES * (columns + 1) * elementCount(shape, "output"),
    dispose() {},
  };
}
