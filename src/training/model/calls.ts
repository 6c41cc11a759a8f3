import type { Arrays } from "../arrays/arrays.ts";
import type { Tensor } from "../arrays/tensor.ts";
import type { AttentionCall } from "../learner.ts";
import type { HeadsCall } from "./heads.ts";
import type { Model } from "./model.ts";
import type { ParameterLayout } from "./parameters.ts";

/** Computes what attention is called with within a model, in the order of its layers. */
export interface CallsProgram {
  of(inputs: readonly Tensor[]): readonly AttentionCall[];
  dispose(): void;
}

/** Compiles a model to give its calls: the inputs of each, and its output. */
export function callsProgram(arrays: Arrays, model: Model, layout: ParameterLayout): CallsProgram {
  /** What the calls are, apart from their numbers: known once the program is compiled. */
  let told: HeadsCall[] = [];
  const program = arrays.program(([parameters, tokens, asked]) => {
    const weights = layout.named(layout.cut(parameters));
    told = [];
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
  return {
    of(inputs) {
      const made = program(inputs);
      const numbers = made.map((one) => one.numbers());
      for (const one of made) one.dispose();
      return told.map(({ mechanism, causal, shape, inputs: { named } }, layer) => {
        const names = Object.keys(named);
        const [q, k, v, ...rest] = numbers.splice(0, names.length + 4);
        const [output] = rest.splice(names.length);
        const others = Object.fromEntries(names.map((name, index) => [name, rest[index]]));
        return { layer, mechanism, causal, inputs: { shape, q, k, v, ...others }, output };
      });
    },
    dispose: () => program.dispose(),
  };
}
