import type { BoundTask, Examples } from "../../tasks/task.ts";
import type { Arrays } from "../arrays/arrays.ts";
import type { Tensor } from "../arrays/tensor.ts";
import type { AttentionCall, Learner, LearnerSpec } from "../learner.ts";
import { adamW, stepNumbers } from "./adamw.ts";
import { answering } from "./answer.ts";
import { answersOf, batchOf, sharesOf } from "./batch.ts";
import { callsOf } from "./calls.ts";
import { chunksOf } from "./chunks.ts";
import { declaredParameters } from "./declared-parameters.ts";
import { crossEntropy } from "./loss.ts";
import { type Model, modelOf, unwitnessed } from "./model.ts";
import { ParameterLayout } from "./parameters.ts";

/** The loss of a model on a batch, whose parameters are one tensor each, in the order of their layout. */
export function lossOf(
  model: Model,
  layout: ParameterLayout,
  cut: readonly Tensor[],
  [tokens, asked, shares]: readonly Tensor[],
): Tensor {
  const weights = layout.named(cut);
  const encoded = model.encode(weights, tokens, unwitnessed);
  return crossEntropy(model.scores(weights, encoded, asked, unwitnessed), shares);
}

/** A model around a mechanism, and AdamW that trains it: one compiled program a step. */
export function createLearner(arrays: Arrays, spec: LearnerSpec): Learner {
  const { task, batch } = spec;
  const layout = new ParameterLayout(declaredParameters(spec));
  const model = modelOf(arrays, spec);
  const advance = arrays.program(([parameters, means, squares, numbers, ...given]) => {
    const { value, gradients } = arrays.withGradients(
      (cut) => lossOf(model, layout, cut, given),
      layout.cut(parameters),
    );
    const next = adamW({ parameters, means, squares }, layout.joined(arrays, gradients), numbers);
    return [value, next.parameters, next.means, next.squares];
  });
  const answers = answering(arrays, task, model, layout);
  let steps = 0;
  let state = [
    arrays.tensor(layout.initial(spec.seed), layout.count),
    arrays.zeros(layout.count),
    arrays.zeros(layout.count),
  ];
  return {
    parameters: layout.count,
    step(examples, rate) {
      if (examples.count !== batch) {
        throw new RangeError(`step: must be ${batch} examples, got ${examples.count}`);
      }
      steps++;
      const { tokens, asked } = batchOf(arrays, task, examples);
      const inputs = [
        ...state,
        stepNumbers(arrays, rate, steps),
        tokens,
        asked,
        sharesOf(arrays, task, examples),
      ];
      const [loss, ...next] = advance(inputs);
      for (const input of inputs) input.dispose();
      state = next;
      const [told] = loss.numbers();
      loss.dispose();
      return told;
    },
    right(examples) {
      const [parameters] = state;
      const each = task.output.kind === "decided" ? 1 : answersOf(task);
      const right = new Uint8Array(examples.count * each);
      let at = 0;
      for (const { examples: some, own } of chunksOf(examples, batch)) {
        const found = rightOf(task, some, answers.answer(parameters, some));
        right.set(found.subarray(0, own * each), at);
        at += own * each;
      }
      return right;
    },
    calls(examples): readonly AttentionCall[] {
      return callsOf(arrays, { ...spec, batch: examples.count }, layout, state[0], examples);
    },
    dispose() {
      for (const one of state) one.dispose();
      for (const one of [advance, answers]) one.dispose();
    },
  };
}

/** Which answers are those of the examples; of a decided output which sequences are, whole. */
function rightOf({ output }: BoundTask, { answers, count }: Examples, found: Int32Array): Uint8Array {
  const each = Uint8Array.from(answers, (answer, at) => (answer === found[at] ? 1 : 0));
  if (output.kind !== "decided") return each;
  const { most } = output;
  return Uint8Array.from({ length: count }, (_, index) =>
    each.subarray(index * most, (index + 1) * most).every((one) => one === 1) ? 1 : 0,
  );
}
