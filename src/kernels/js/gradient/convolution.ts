import type { Problem } from "../../../core/problem.ts";
import { FLOAT_BYTES, type Layout, type Shape, whyNotShape } from "../../../core/shape.ts";
import {
  type Convolution,
  isConvolution,
  pixelAt,
  tokensBefore,
  WEIGHTS,
} from "../../../mechanisms/convolution/declare.ts";
import {
  type Gradient,
  gradientArrays,
  isGradientOf,
  problemWithin,
} from "../../../mechanisms/gradient/declare.ts";
import type { Ability } from "../../by-kind.ts";
import type { Runnable } from "../../kernel.ts";
import { Workspace } from "../../workspace.ts";
import { convolution } from "../convolution.ts";
import type { Means } from "../means.ts";
import { addToSums, type Factor, isZero } from "./factor.ts";
import { inPasses } from "./passes.ts";
import { type HeadAt, SumsByHead, weightsOf } from "./sums-by-head.ts";
import { writtenBytes } from "./written-bytes.ts";

/** The gradients of convolutions, and of networks over a window, row by row. */
export const convolutionGradient: Ability<Gradient<Convolution>, Means> = {
  is: isGradientOf(isConvolution),
  whyNot: ({ shape }) => whyNotShape(shape, ["kvHeads", "valueDim"]),
  prepare: (problem, { output }) => prepareConvolutionGradient(problem, output),
};

function prepareConvolutionGradient(problem: Problem<Gradient<Convolution>>, output: Float32Array): Runnable {
  const within = problemWithin(problem);
  const { mechanism, shape, causal } = within;
  const { batch, heads, length, valueDim: d } = shape;
  const { gradients } = gradientArrays(problem, output);
  const workspace = new Workspace();
  const sums = new SumsByHead(problem, layoutsOf(mechanism, shape), gradients, workspace);
  const [firstName, secondName] = WEIGHTS[mechanism.form];
  const tokens = windows(mechanism, length, causal);
  workspace.add(tokens);
  const { taps } = mechanism;
  const isDiagonal = mechanism.form === "depthwise";
  /** Of a network what its first layer makes of a row, and the gradient of that. */
  const [hidden, ofHidden] = [workspace.float64(d), workspace.float64(d)];

  /** From the output of a network back to its first layer. */
  const throughSecond = (
    row: number,
    v: Factor,
    first: Factor,
    second: Factor,
    along: Float32Array,
    at: number,
  ) => {
    hidden.fill(0);
    for (let tap = 0; tap < taps; tap++) {
      const token = tokens[row * taps + tap];
      if (token < 0) continue;
      for (let i = 0; i < d; i++) {
        const [x, from] = [v.values[v.at + token * d + i], first.at + (tap * d + i) * d];
        for (let c = 0; c < d; c++) hidden[c] += x * first.values[from + c];
      }
    }
    for (let h = 0; h < d; h++) {
      ofHidden[h] = 0;
      if (!(hidden[h] > 0)) continue;
      for (let c = 0; c < d; c++) ofHidden[h] += along[at + c] * second.values[second.at + h * d + c];
      addToSums(second, h, hidden[h], along, at);
    }
  };
  const throughWindow = (
    row: number,
    v: Factor,
    first: Factor,
    along: Float32Array | Float64Array,
    at: number,
  ) => {
    for (let tap = 0; tap < taps; tap++) {
      const token = tokens[row * taps + tap];
      if (token < 0) continue;
      const [from, to] = [v.at + token * d, v.sumsAt + token * d];
      for (let i = 0; i < d; i++) {
        if (isDiagonal) {
          const weight = tap * d + i;
          if (v.sums !== null) v.sums[to + i] += along[at + i] * first.values[first.at + weight];
          if (first.sums !== null) first.sums[first.sumsAt + weight] += along[at + i] * v.values[from + i];
          continue;
        }
        const weights = (tap * d + i) * d;
        let sum = 0;
        for (let c = 0; c < d; c++) sum += along[at + c] * first.values[first.at + weights + c];
        if (v.sums !== null) v.sums[to + i] += sum;
        addToSums(first, tap * d + i, v.values[from + i], along, at);
      }
    }
  };
  const runHead = (at: HeadAt): void => {
    const [v, first] = [sums.factor("v", at), sums.factor(firstName, at)];
    const second = secondName === null ? null : sums.factor(secondName, at);
    const dout = sums.dout(at);
    for (let row = 0; row < length; row++) {
      const along = dout.at + row * d;
      if (isZero(dout.values, along, d)) continue;
      if (second === null) throughWindow(row, v, first, dout.values, along);
      else {
        throughSecond(row, v, first, second, dout.values, along);
        throughWindow(row, v, first, ofHidden, 0);
      }
    }
  };
  const present = tokens.reduce((sum, token) => sum + (token < 0 ? 0 : 1), 0);
  const perTap = isDiagonal ? d : d * d;
  const layers = secondName === null ? 4 * perTap * present : 6 * perTap * present + 4 * d * d * length;
  return inPasses(problem, output, {
    forward: (out) => convolution.prepare(within, { output: out }),
    saved: [],
    backward: {
      run: () => sums.run(runHead),
      workspaceBytes: workspace.bytes,
      executedFlops: batch * heads * layers,
      bytes: FLOAT_BYTES * batch * heads * (present + length) * d + writtenBytes(gradients),
    },
  });
}

function layoutsOf(
  { form, taps }: Convolution,
  { heads, valueDim: d }: Shape,
): Readonly<Record<string, Layout>> {
  const [first, second] = WEIGHTS[form];
  return {
    [first]: weightsOf(heads, form === "depthwise" ? taps : taps * d, d),
    ...(second !== null && { [second]: weightsOf(heads, d, d) }),
  };
}

/** The token of each tap of each row, `[length, taps]`; -1 where there is none. */
function windows(mechanism: Convolution, length: number, causal: boolean): Int32Array {
  const { taps, image } = mechanism;
  const tokens = new Int32Array(length * taps);
  for (let row = 0; row < length; row++) {
    for (let tap = 0; tap < taps; tap++) {
      if (image === undefined) {
        const token = row - tokensBefore(mechanism, causal) + tap;
        tokens[row * taps + tap] = token < length ? Math.max(-1, token) : -1;
        continue;
      }
      const { width, side } = image;
      const before = Math.floor(side / 2);
      const line = Math.floor(row / width) - before + Math.floor(tap / side);
      const column = (row % width) - before + (tap % side);
      tokens[row * taps + tap] = pixelAt(image, length / width, line, column) ?? -1;
    }
  }
  return tokens;
}
