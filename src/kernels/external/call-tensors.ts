import { OUT } from "../../core/outputs.ts";
import type { Problem } from "../../core/problem.ts";
import { layoutOf, QKV, type TensorName } from "../../core/shape.ts";
import { namesIn, tensorNamed } from "../../core/tensors.ts";
import { gradientArrays, gradientName, isGradient } from "../../mechanisms/gradient/declare.ts";
import type { Held } from "./tensor-file.ts";

/** A tensor of a call, in the dtype of its case. */
export type CallTensor = Held & { readonly values: Float32Array };

/** The inputs of a call with their sizes; those of a kind's own as the call says, flat where it does not. */
export function inputsOf(problem: Problem): readonly CallTensor[] {
  return namesIn(problem.inputs).map((name) => {
    const values = tensorNamed(problem.inputs, name);
    return { name, sizes: sizesOf(problem, name, values), values };
  });
}

/**
 * The tensors that a call gives, as views of its output: `out`, and in training the gradients after it, each of its input's
 * sizes.
 */
export function outputsOf(problem: Problem, output: Float32Array): readonly CallTensor[] {
  const { mechanism } = problem;
  const out = { name: OUT, sizes: ownSizes(problem, "output") };
  if (!isGradient(mechanism)) return [{ ...out, values: output }];
  const { out: forward, gradients } = gradientArrays({ ...problem, mechanism }, output);
  if (forward === null) throw new TypeError("call-tensors: a backward pass alone is asked of no program");
  return [
    { ...out, values: forward },
    ...[...QKV, ...mechanism.also].map((input) => {
      const values = gradients[gradientName(input)];
      return { name: gradientName(input), sizes: sizesOf(problem, input, values), values };
    }),
  ];
}

function sizesOf(problem: Problem, name: string, values: Float32Array): readonly number[] {
  const usual = QKV.find((one) => one === name);
  return usual === undefined ? (problem.sizes?.[name] ?? [values.length]) : ownSizes(problem, usual);
}

function ownSizes({ shape }: Problem, name: TensorName): readonly number[] {
  const { batch, heads, rows, width } = layoutOf(shape, name);
  return [batch, heads, rows, width];
}
