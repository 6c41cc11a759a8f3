import type { Examples } from "../../tasks/task.ts";
import type { Arrays } from "../arrays/arrays.ts";
import type { Tensor } from "../arrays/tensor.ts";
import type { AttentionCall, LearnerSpec } from "../learner.ts";
import { batchOf } from "./batch.ts";
import type { HeadsCall } from "./heads.ts";
import { modelOf } from "./model.ts";
import type { ParameterLayout } from "./parameters.ts";

/** What attention is called with within a model on a batch of examples, in the order of its layers, and what it gives. */
export function callsOf(
  arrays: Arrays,
  spec: Omit<LearnerSpec, "seed">,
  layout: ParameterLayout,
  parameters: Tensor,
  examples: Examples,
): readonly AttentionCall[] {
  const model = modelOf(arrays, spec);
  const told: HeadsCall[] = [];
  const program = arrays.program(([vector, tokens, asked]) => {
    const weights = layout.named(layout.cut(vector));
    const witness = (call: HeadsCall): void => {
      told.push(call);
    };
    model.scores(weights, model.encode(weights, tokens, witness), asked, witness);
    return told.flatMap(({ inputs: { q, k, v, named }, output }) => [
      q,
      k,
      v,
      ...Object.values(named),
      output,
    ]);
  });
  const { tokens, asked } = batchOf(arrays, spec.task, examples);
  const made = program([parameters, tokens, asked]);
  const numbers = made.map((one) => one.numbers());
  for (const one of [tokens, asked, ...made]) one.dispose();
  program.dispose();
  return told.map(({ mechanism, causal, shape, inputs: { named } }, layer) => {
    const names = Object.keys(named);
    const [q, k, v, ...rest] = numbers.splice(0, names.length + 4);
    const [output] = rest.splice(names.length);
    const others = Object.fromEntries(names.map((name, index) => [name, rest[index]]));
    return { layer, mechanism, causal, inputs: { shape, q, k, v, ...others }, output };
  });
}
