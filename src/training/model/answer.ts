import type { BoundTask, Examples } from "../../tasks/task.ts";
import type { Arrays } from "../arrays/arrays.ts";
import type { Tensor } from "../arrays/tensor.ts";
import { answersOf, batchOf, decoderInput } from "./batch.ts";
import type { Model } from "./model.ts";
import { unwitnessed } from "./model.ts";
import type { ParameterLayout } from "./parameters.ts";

/** What a trained model answers. */
export interface Answering {
  /** The labels that it gives to each answer of a batch, `[count, answers]`; of a decided output up to its end, then -1. */
  answer(parameters: Tensor, examples: Examples): Int32Array;
  dispose(): void;
}

/** Makes what asks a model for its answers. What it decides it emits one by one, each time the likeliest. */
export function answering(arrays: Arrays, task: BoundTask, model: Model, layout: ParameterLayout): Answering {
  const weightsIn = (vector: Tensor) => layout.named(layout.cut(vector));
  const encode = arrays.program(([parameters, tokens]) => [
    model.encode(weightsIn(parameters), tokens, unwitnessed),
  ]);
  const score = arrays.program(([parameters, encoded, asked]) => [
    model.scores(weightsIn(parameters), encoded, asked, unwitnessed),
  ]);
  const likeliest = (parameters: Tensor, encoded: Tensor, asked: Tensor): Int32Array => {
    const [scores] = score([parameters, encoded, asked]);
    const labels = likeliestOf(scores.numbers(), task.output.labels);
    scores.dispose();
    return labels;
  };
  return {
    answer(parameters, examples) {
      const { tokens, asked } = batchOf(arrays, task, examples);
      const [encoded] = encode([parameters, tokens]);
      tokens.dispose();
      const labels =
        task.output.kind === "decided"
          ? emitted(arrays, task, examples.count, (known) => likeliest(parameters, encoded, known))
          : likeliest(parameters, encoded, asked);
      asked.dispose();
      encoded.dispose();
      return labels;
    },
    dispose() {
      encode.dispose();
      score.dispose();
    },
  };
}

/** Emits one symbol after the other, each of those before it: as many passes of the decoder as there may be answers. */
function emitted(
  arrays: Arrays,
  task: BoundTask,
  count: number,
  next: (known: Tensor) => Int32Array,
): Int32Array {
  const most = answersOf(task);
  const labels = new Int32Array(count * most).fill(-1);
  const end = task.output.kind === "decided" ? task.output.end : -1;
  for (let at = 0; at < most; at++) {
    const known = decoderInput(arrays, task, count, labels);
    const found = next(known);
    known.dispose();
    for (let index = at; index < labels.length; index += most) {
      const isOver = at > 0 && (labels[index - 1] === end || labels[index - 1] === -1);
      if (!isOver) labels[index] = found[index];
    }
  }
  return labels;
}

/** The first of the largest of each row. A row that holds NaN alone has label 0, as likely as any. */
function likeliestOf(scores: Float32Array, width: number): Int32Array {
  return Int32Array.from({ length: scores.length / width }, (_, row) => {
    let best = 0;
    for (let label = 1; label < width; label++) {
      if (scores[row * width + label] > scores[row * width + best]) best = label;
    }
    return best;
  });
}
