import type { Problem } from "../../../core/problem.ts";
import { FLOAT_BYTES, type Layout, type Shape } from "../../../core/shape.ts";
import { fullPairs } from "../../../core/work.ts";
import {
  type Gradient,
  gradientArrays,
  isGradientOf,
  problemWithin,
} from "../../../mechanisms/gradient/declare.ts";
import {
  isSynthesizer,
  LEARNED,
  type Logits,
  type Synthesizer,
} from "../../../mechanisms/synthesizer/declare.ts";
import type { Ability } from "../../by-kind.ts";
import type { Runnable } from "../../kernel.ts";
import { Workspace } from "../../workspace.ts";
import type { Means } from "../means.ts";
import { synthesizer } from "../synthesizer.ts";
import { AttentionRows, pairBackFlops } from "./attention-rows.ts";
import { addToSums, type Factor } from "./factor.ts";
import { inPasses } from "./passes.ts";
import { type HeadAt, SumsByHead, weightsOf } from "./sums-by-head.ts";
import { writtenBytes } from "./written-bytes.ts";

/** The gradient of a synthesizer: rows of softmax over logits that are a table, a product of tables, or made of q. */
export const synthesizerGradient: Ability<Gradient<Synthesizer>, Means> = {
  is: isGradientOf(isSynthesizer),
  prepare: (problem, { output }) => prepareSynthesizerGradient(problem, output),
};

function prepareSynthesizerGradient(problem: Problem<Gradient<Synthesizer>>, output: Float32Array): Runnable {
  const within = problemWithin(problem);
  const { shape, causal } = problem;
  const { batch, heads, length, valueDim } = shape;
  const { gradients } = gradientArrays(problem, output);
  const workspace = new Workspace();
  const sums = new SumsByHead(problem, layoutsOf(within.mechanism.logits, shape), gradients, workspace);
  const rows = new AttentionRows(length, workspace);
  const logits = logitsOf(within.mechanism.logits, sums, shape, workspace);
  const runHead = (at: HeadAt): void => {
    const { values: along, at: alongAt } = sums.dout(at);
    const weighed = [{ values: sums.factor("v", at), along, alongAt }];
    const attention = { ...logits.open(at), weighed, scale: 1, bias: null, logSums: null };
    for (let row = 0; row < length; row++) rows.stretch(attention, row, 0, causal ? row + 1 : length);
    logits.close(at);
  };
  const pairs = fullPairs(shape, causal);
  return inPasses(problem, output, {
    forward: (out) => synthesizer.prepare(within, { output: out }),
    saved: [],
    backward: {
      run: () => sums.run(runHead),
      workspaceBytes: workspace.bytes,
      executedFlops: batch * heads * (pairBackFlops(logits.width, valueDim) * pairs + logits.flops),
      bytes:
        FLOAT_BYTES * batch * heads * pairs * (Math.max(1, logits.width) + 2 * valueDim) +
        writtenBytes(gradients),
    },
  });
}

/** How what has been learned lies. */
function layoutsOf(logits: Logits, { heads, length, headDim }: Shape): Readonly<Record<string, Layout>> {
  switch (logits.kind) {
    case "table":
      return { [LEARNED.table]: weightsOf(heads, length, length) };
    case "factors": {
      const table = weightsOf(heads, length, logits.rank);
      return { [LEARNED.ofQueries]: table, [LEARNED.ofKeys]: table };
    }
    case "dense":
      return {
        [LEARNED.hidden]: weightsOf(heads, headDim, headDim),
        [LEARNED.ofHidden]: weightsOf(heads, length, headDim),
      };
    default:
      return logits satisfies never;
  }
}

/** What the logits of a head are products of. */
interface LogitFactors {
  /** Channels of a product; 0 of a table, which is none. */
  readonly width: number;
  /** Operations of a head besides those of its pairs. */
  readonly flops: number;
  open(at: HeadAt): { readonly queries: Factor; readonly keys: Factor | null };
  /** Hands on what came to something that was made. */
  close(at: HeadAt): void;
}

function logitsOf(logits: Logits, sums: SumsByHead, shape: Shape, workspace: Workspace): LogitFactors {
  switch (logits.kind) {
    case "table":
      return {
        width: 0,
        flops: 0,
        open: (at) => ({ queries: sums.factor(LEARNED.table, at), keys: null }),
        close() {},
      };
    case "factors":
      return {
        width: logits.rank,
        flops: 0,
        open: (at) => ({
          queries: sums.factor(LEARNED.ofQueries, at),
          keys: sums.factor(LEARNED.ofKeys, at),
        }),
        close() {},
      };
    case "dense":
      return denseLogits(sums, shape, workspace);
    default:
      return logits satisfies never;
  }
}

/** `relu(W₁ q)` of every query is kept for a head, and the gradient of it. */
function denseLogits(
  sums: SumsByHead,
  { queries: rows, headDim: width }: Shape,
  workspace: Workspace,
): LogitFactors {
  const hidden: Factor & { readonly values: Float64Array; readonly sums: Float64Array } = {
    values: workspace.float64(rows * width),
    at: 0,
    rows,
    width,
    sums: workspace.float64(rows * width),
    sumsAt: 0,
  };
  return {
    width,
    flops: 6 * rows * width * width,
    open(at) {
      const [q, first] = [sums.factor("q", at), sums.factor(LEARNED.hidden, at)];
      for (let row = 0; row < rows; row++) {
        for (let unit = 0; unit < width; unit++) {
          const [one, other] = [q.at + row * width, first.at + unit * width];
          let sum = 0;
          for (let i = 0; i < width; i++) sum += q.values[one + i] * first.values[other + i];
          hidden.values[row * width + unit] = Math.max(sum, 0);
        }
      }
      hidden.sums.fill(0);
      return { queries: hidden, keys: sums.factor(LEARNED.ofHidden, at) };
    },
    close(at) {
      const [q, first] = [sums.factor("q", at), sums.factor(LEARNED.hidden, at)];
      for (let row = 0; row < rows; row++) {
        for (let unit = 0; unit < width; unit++) {
          const place = row * width + unit;
          // What comes to a unit that is shut goes no further.
          if (!(hidden.values[place] > 0) || hidden.sums[place] === 0) continue;
          addToSums(q, row, hidden.sums[place], first.values, first.at + unit * width);
          addToSums(first, unit, hidden.sums[place], q.values, q.at + row * width);
        }
      }
    },
  };
}
