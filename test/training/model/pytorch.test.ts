import { describe, expect, it } from "vitest";
import { findVariant, parameterize } from "../../../src/core/variant.ts";
import { builtInKinds } from "../../../src/mechanisms/kinds.ts";
import type { BoundTask } from "../../../src/tasks/task.ts";
import { adamW, stepNumbers } from "../../../src/training/model/adamw.ts";
import { batchOf, sharesOf } from "../../../src/training/model/batch.ts";
import { declaredParameters } from "../../../src/training/model/declared-parameters.ts";
import { lossOf } from "../../../src/training/model/learner.ts";
import { modelOf } from "../../../src/training/model/model.ts";
import { ParameterLayout } from "../../../src/training/model/parameters.ts";
import { withinModel } from "../../../src/training/within-model.ts";
import { variants } from "../../../variants/index.ts";
import { fixtures } from "../fixtures.ts";
import { openArrays } from "../open-arrays.ts";
import { relativeDistance, SAME } from "../relative-distance.ts";

interface Case {
  readonly case: string;
  readonly variant: string;
  readonly output: "asked" | "sequence" | "decided";
  readonly causal: boolean;
  readonly feedForward: boolean;
}

const arrays = await openArrays();
const known = fixtures("models");
const sizes = known.told<Readonly<Record<string, number>>>("sizes");

function taskOf({ output, causal, feedForward }: Case): BoundTask {
  const { batch, width, heads, length, labels, most, symbols, channels, answers } = sizes;
  const outputs = {
    asked: { kind: "asked", labels, answers },
    sequence: { kind: "sequence", labels },
    decided: { kind: "decided", labels, end: labels - 1, most },
  } as const;
  return {
    id: "fixture",
    length,
    causal,
    input: output === "sequence" ? { kind: "vectors", width: channels } : { kind: "symbols", symbols },
    output: outputs[output],
    chance: 1 / labels,
    usual: { layers: 1, width, heads, convolution: 3, feedForward, positions: true, batch, steps: 1 },
    draw: () => {
      throw new Error("a fixture draws nothing");
    },
  };
}

describe("a model's loss and the gradients of all its parameters are PyTorch's", () => {
  it.each(known.told<readonly Case[]>("cases"))("$case", (one) => {
    const { case: of, variant } = one;
    const task = taskOf(one);
    const model = task.usual;
    const mechanism = withinModel(parameterize(findVariant(variants, variant), {}), builtInKinds);
    const declared = declaredParameters({ task, model, mechanism });
    const layout = new ParameterLayout(declared);
    const numbers = (name: string): Float32Array => known.tensor(`${of}/${name}`).values;
    expect(known.names.filter((name) => name.startsWith(`${of}/d `)).length).toBe(declared.length);
    const examples = {
      count: model.batch,
      tokens: one.output === "sequence" ? numbers("tokens in") : Int32Array.from(numbers("tokens in")),
      answers: Int32Array.from(numbers("answers in")),
      positions: Int32Array.from(numbers("positions in")),
      needs: new Int32Array(0),
      needed: 0,
    };
    const { tokens, asked } = batchOf(arrays, task, examples);
    const built = modelOf(arrays, { task, model, mechanism, batch: model.batch });
    const program = arrays.program((inputs) => {
      const cut = inputs.slice(0, declared.length);
      const given = inputs.slice(declared.length);
      const { value, gradients } = arrays.withGradients((at) => lossOf(built, layout, at, given), cut);
      return [value, ...gradients];
    });
    const parameters = declared.map(({ name, shape }) => arrays.tensor(numbers(name), ...shape));
    const [loss, ...gradients] = program([...parameters, tokens, asked, sharesOf(arrays, task, examples)]);
    expect(relativeDistance(loss.numbers(), numbers("loss"))).toBeLessThan(SAME);
    for (const [at, { name }] of declared.entries()) {
      const distance = relativeDistance(gradients[at].numbers(), numbers(`d ${name}`));
      expect(distance, name).toBeLessThan(SAME);
    }
  });
});

describe("AdamW", () => {
  it("takes PyTorch's steps, the decay apart from the gradient and a long gradient clipped", () => {
    const steps = fixtures("adamw");
    const rates = steps.told<readonly number[]>("rates");
    const vector = (name: string) => {
      const { values } = steps.tensor(name);
      return arrays.tensor(values, values.length);
    };
    const first = vector("at first");
    let state = [first, arrays.zeros(...first.shape), arrays.zeros(...first.shape)];
    const step = arrays.program(([parameters, means, squares, gradient, numbers]) => {
      const next = adamW({ parameters, means, squares }, gradient, numbers);
      return [next.parameters, next.means, next.squares];
    });
    for (const [at, rate] of rates.entries()) {
      state = step([...state, vector(`gradient ${at}`), stepNumbers(arrays, rate, at + 1)]);
      const after = steps.tensor(`after ${at}`).values;
      expect(relativeDistance(state[0].numbers(), after), `after step ${at + 1}`).toBeLessThan(SAME);
    }
  });
});
