import type { Task } from "../../core/problem.ts";
import type { GradientKind, GradientProblem } from "../gradient/gradient-kind.ts";
import { doutOf, type HeadGradients, type HeadPlace, partOf, sweptGradients } from "../gradient/swept.ts";
import type { Arithmetic } from "../gradient/tape/arithmetic.ts";
import { BlockSum } from "../gradient/tape/block-sum.ts";
import { writtenBytes } from "../gradient/written.ts";
import type { Oracle } from "../oracle.ts";
import { type Convolution, convolutionWeights, WEIGHTS } from "./declare.ts";
import { windowTokens } from "./oracle.ts";
import { work } from "./work.ts";

/** The gradient of a convolution, of its input and of its weights; q and k are not read, and theirs are zero. */
export const convolutionGradient: GradientKind<Convolution> = {
  also: (mechanism) => Object.keys(convolutionWeights(mechanism)),
  oracle,
  work: (task) => ({ pairs: null, usefulFlops: 2 * work(task).usefulFlops }),
  // One product of a tap for each of both, as for the output.
  leastWork: (task) => ({
    flops: leastFlops(task),
    bytes: writtenBytes(task, convolutionWeights(task.mechanism)),
  }),
  // All of a head, and that again for each try.
  oracleProducts: ({ heads, length, usefulFlops }) => 4 * heads * length * usefulFlops,
};

function leastFlops({ mechanism, ...task }: Task<Convolution>): number {
  return 2 * work({ ...task, mechanism: { ...mechanism, taps: 1 } }).usefulFlops;
}

/**
 * With `out_i = Σ_t v_{i+t} W_t` the gradients are `dv_{i+t} += dout_i W_tᵀ` and `dW_t += v_{i+t}ᵀ dout_i`; depthwise W is
 * a diagonal. Of a network, `relu(z) W2`, dout is at first multiplied by W2ᵀ, and is zero where z is not above 0.
 */
function oracle(problem: GradientProblem<Convolution>): Oracle {
  const specs = convolutionWeights(problem.mechanism);
  return sweptGradients(problem, specs, (place, arithmetic) => headGradients(problem, place, arithmetic));
}

function headGradients(
  problem: GradientProblem<Convolution>,
  place: HeadPlace,
  arithmetic: Arithmetic,
): HeadGradients {
  const { mechanism, inputs, causal } = problem;
  const { length, valueDim: d } = inputs.shape;
  const specs = convolutionWeights(mechanism);
  const [firstName, secondName] = WEIGHTS[mechanism.form];
  const part = (name: string) => partOf(problem, specs, name, place).data;
  const [v, first] = [part("v"), part(firstName)];
  const second = secondName === null ? null : part(secondName);
  const dout = doutOf(problem, place);
  const dv = new Float64Array(length * d);
  const [ofFirst, ofSecond] = [
    new BlockSum(first.length, arithmetic),
    new BlockSum(second?.length ?? 0, arithmetic),
  ];
  const window = (mechanism.form === "depthwise" ? diagonal : dense)(d, arithmetic);
  for (let row = 0; row < length; row++) {
    let along = dout.subarray(row * d, (row + 1) * d);
    if (along.every((x) => x === 0)) continue;
    const taps = windowTokens(mechanism, causal, length, row);
    if (second !== null) {
      const z = new Float64Array(d);
      for (const { token, tap } of taps) window.forward(v, token, first, tap, z);
      const hidden = new Float64Array(d);
      for (let h = 0; h < d; h++) {
        if (!(z[h] > 0)) continue;
        const one = { of: along, at: 0, step: 1 };
        hidden[h] = arithmetic.dot(one, { of: second, at: h * d, step: 1 }, d);
        arithmetic.add(z[h], along, 0, ofSecond.block, h * d, d);
      }
      along = hidden;
    }
    for (const { token, tap } of taps)
      window.back({ v, token, first, tap, along, dv, weights: ofFirst.block });
    for (const sum of [ofFirst, ofSecond]) sum.next();
  }
  return {
    v: dv,
    [firstName]: ofFirst.total(),
    ...(secondName !== null && { [secondName]: ofSecond.total() }),
  };
}

type Rows = Parameters<Arithmetic["add"]>[1];

/** One tap of one row, on the way back: `along` is the gradient of the row. */
interface Tap {
  readonly v: Rows;
  readonly token: number;
  readonly first: Rows;
  readonly tap: number;
  readonly along: Rows;
  readonly dv: Float64Array;
  readonly weights: Float64Array;
}

/** How the taps of a window are multiplied. */
interface Taps {
  /** Adds a tap to the row's sums. */
  forward(v: Rows, token: number, first: Rows, tap: number, z: Float64Array): void;
  back(tap: Tap): void;
}

/** A factor for each channel. */
function diagonal(d: number, { round }: Arithmetic): Taps {
  return {
    forward(v, token, first, tap, z) {
      for (let c = 0; c < d; c++) z[c] = round(z[c] + round(v[token * d + c] * first[tap * d + c]));
    },
    back({ v, token, first, tap, along, dv, weights }) {
      for (let c = 0; c < d; c++) {
        const [at, of] = [token * d + c, tap * d + c];
        dv[at] = round(dv[at] + round(along[c] * first[of]));
        weights[of] = round(weights[of] + round(along[c] * v[at]));
      }
    },
  };
}

/** A matrix from channels to channels. */
function dense(d: number, { round, dot, add }: Arithmetic): Taps {
  return {
    forward(v, token, first, tap, z) {
      for (let i = 0; i < d; i++) add(v[token * d + i], first, (tap * d + i) * d, z, 0, d);
    },
    back({ v, token, first, tap, along, dv, weights }) {
      for (let i = 0; i < d; i++) {
        const row = (tap * d + i) * d;
        const at = token * d + i;
        dv[at] = round(dv[at] + dot({ of: along, at: 0, step: 1 }, { of: first, at: row, step: 1 }, d));
        add(v[at], along, 0, weights, row, d);
      }
    },
  };
}
