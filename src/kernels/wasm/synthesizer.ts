import type { Problem } from "../../core/problem.ts";
import { callBytes, countOf, FLOAT_BYTES, type Shape } from "../../core/shape.ts";
import { isSynthesizer, type Logits, type Synthesizer } from "../../mechanisms/synthesizer/declare.ts";
import type { Ability } from "../by-kind.ts";
import type { Runnable } from "../kernel.ts";
import { MOST_BYTES, whyTooWide } from "./fits.ts";
import { ATTENTION, learnedOperands, operandWidth } from "./learned-operands.ts";
import type { Means } from "./means.ts";
import { prepareSoftmax } from "./softmax-kernel.ts";
import { prepareSynthesizerSteps } from "./synthesizer-stepper.ts";

/** Synthesizers: softmax attention whose queries, keys or scores were learned. */
export const synthesizer: Ability<Synthesizer, Means> = {
  is: isSynthesizer,
  whyNot: ({ mechanism: { logits }, shape }) => whyNotFit(logits, shape),
  prepare: (problem, means) => prepareSynthesizer(problem, problem.mechanism.logits, means),
  decode: {
    whyNot: ({ mechanism: { logits }, shape }) =>
      logits.kind === "table"
        ? "of synthesizers it decodes those whose logits are products; js decodes a table"
        : whyNotFit(logits, shape),
    prepare: (task, { build }, weights) =>
      prepareSynthesizerSteps(task, task.mechanism.logits, build, weights),
  },
};

function whyNotFit(logits: Logits, shape: Shape): string | null {
  const { heads, length, headDim } = shape;
  const wide = whyTooWide({ ...shape, headDim: Math.max(1, operandWidth(logits, headDim)) });
  if (wide !== null) return wide;
  if (logits.kind !== "table") return null;
  const bytes = callBytes(shape) + FLOAT_BYTES * countOf({ batch: 1, heads, rows: length, width: length });
  return bytes <= MOST_BYTES
    ? null
    : "its table must fit into 3.5 GiB of 32-bit memory beside q, k, v and out";
}

function prepareSynthesizer(problem: Problem, logits: Logits, means: Means): Runnable {
  const { shape } = problem;
  const own = { ...problem, shape: { ...shape, headDim: operandWidth(logits, shape.headDim) } };
  return prepareSoftmax(own, ATTENTION, means, {
    planOperands: learnedOperands(problem, logits, means),
  });
}
