import type { BoundTask, Examples } from "../../tasks/task.ts";
import type { Arrays } from "../arrays/arrays.ts";
import type { Tensor } from "../arrays/tensor.ts";

/** A batch of examples as a program takes it: what is chosen by an index is a product with a row that has one 1. */
export interface Batch {
  /** `[batch, length, symbols]`, a 1 in each row, or `[batch, length, width]`. */
  readonly tokens: Tensor;
  /**
   * Where answers are read: `[batch, answers, length]`, a 1 in each row. Of a decided output the symbols that are known
   * before each answer, `[batch, most, labels + 1]`, the first of which is a start of its own. One 0 if nothing is asked.
   */
  readonly asked: Tensor;
}

/** Answers of an example, at most. */
export function answersOf({ output }: BoundTask): number {
  switch (output.kind) {
    case "asked":
      return output.answers;
    case "sequence":
      return 1;
    case "decided":
      return output.most;
    default:
      return output satisfies never;
  }
}

/** The tokens of a batch, and what is asked of them. */
export function batchOf(arrays: Arrays, task: BoundTask, examples: Examples): Batch {
  const { input, length } = task;
  const { count, tokens } = examples;
  const width = input.kind === "symbols" ? input.symbols : input.width;
  const rows = input.kind === "symbols" ? oneHot(tokens, width) : tokens;
  return { tokens: arrays.tensor(rows, count, length, width), asked: askedOf(arrays, task, examples) };
}

function askedOf(arrays: Arrays, task: BoundTask, { count, positions, answers }: Examples): Tensor {
  const { output, length } = task;
  switch (output.kind) {
    case "asked":
      return arrays.tensor(oneHot(positions, length), count, output.answers, length);
    case "sequence":
      return arrays.zeros(1);
    case "decided":
      return decoderInput(arrays, task, count, answers);
    default:
      return output satisfies never;
  }
}

/** The symbols before each answer, `[count, most, labels + 1]`: a start, and then the answers, of which -1 is none. */
export function decoderInput(
  arrays: Arrays,
  { output }: BoundTask,
  count: number,
  answers: Int32Array,
): Tensor {
  const most = answers.length / count;
  const before = answers.map((_, at) => (at % most === 0 ? output.labels : answers[at - 1]));
  return arrays.tensor(oneHot(before, output.labels + 1), count, most, output.labels + 1);
}

/**
 * `[batch · answers, labels]`: the share of each answer in the loss, at its label, so that the loss of a batch is the mean over
 * its answers.
 */
export function sharesOf(arrays: Arrays, { output }: BoundTask, { answers }: Examples): Tensor {
  const asked = answers.reduce((sum, answer) => sum + (answer >= 0 ? 1 : 0), 0);
  return arrays.tensor(oneHot(answers, output.labels, 1 / asked), answers.length, output.labels);
}

/** A row for each index with a number at its place; a row of zeros for -1. */
function oneHot(indices: ArrayLike<number>, width: number, number = 1): Float32Array {
  const rows = new Float32Array(indices.length * width);
  for (let row = 0; row < indices.length; row++) {
    const index = indices[row];
    if (index === -1) continue;
    if (!(Number.isInteger(index) && index >= 0 && index < width)) {
      throw new RangeError(`examples: must be integers from 0 to ${width - 1}, got ${index}`);
    }
    rows[row * width + index] = number;
  }
  return rows;
}
