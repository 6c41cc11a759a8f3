import { describe, expect, it } from "vitest";
import type { Mechanism } from "../../../src/core/mechanism.ts";
import { randomStream } from "../../../src/core/random.ts";
import { findVariant, parameterize } from "../../../src/core/variant.ts";
import { builtInKinds } from "../../../src/mechanisms/kinds.ts";
import type { BoundTask, ModelSizes } from "../../../src/tasks/task.ts";
import type { Learner } from "../../../src/training/learner.ts";
import { createLearner } from "../../../src/training/model/learner.ts";
import { withinModel } from "../../../src/training/within-model.ts";
import { expectation } from "../../../src/verify/expectation.ts";
import { rowsToCheck } from "../../../src/verify/gradient-rows.ts";
import { variants } from "../../../variants/index.ts";
import { openArrays } from "../open-arrays.ts";
import { copying, naming, sign, someOf, TINY } from "../tiny-tasks.ts";

const arrays = await openArrays();

function called(id: string, params: Readonly<Record<string, unknown>> = {}): Mechanism {
  return withinModel(parameterize(findVariant(variants, id), params), builtInKinds);
}

function learnerOf(
  task: BoundTask,
  mechanism: Mechanism,
  { seed = 0, ...sizes }: Partial<ModelSizes> & { seed?: number } = {},
): Learner {
  const model = { ...task.usual, ...sizes };
  return createLearner(arrays, { task, model, mechanism, batch: task.usual.batch, seed });
}

/** The losses of some steps, on examples that follow from a seed. */
function losses(learner: Learner, task: BoundTask, steps: number, rate: number): number[] {
  const random = randomStream(5);
  return Array.from({ length: steps }, () => learner.step(task.draw(random, task.usual.batch), rate));
}

const share = (right: Uint8Array): number => right.reduce((sum, one) => sum + one, 0) / right.length;

describe("a learner", () => {
  it.each([
    { task: naming, id: "full" },
    { task: naming, id: "delta" },
    { task: naming, id: "linear" },
    { task: sign, id: "full" },
    { task: copying, id: "full" },
  ])("learns $task.id with $id attention: the loss falls, and unseen answers are right", ({ task, id }) => {
    const learner = learnerOf(task, called(id), { feedForward: task === copying });
    const unseen = task.draw(randomStream(11), 40);
    const before = share(learner.right(unseen));
    const curve = losses(learner, task, task === copying ? 250 : 80, 0.02);
    const after = share(learner.right(unseen));
    learner.dispose();
    expect(curve.at(-1)).toBeLessThan(curve[0] / 2);
    expect(before).toBeLessThan(0.8);
    expect(after).toBeGreaterThan(0.9);
  });

  it("begins at the loss of guessing, in nats an answer", () => {
    const learner = learnerOf(naming, called("full"));
    const [first] = losses(learner, naming, 1, 0);
    learner.dispose();
    expect(Math.abs(first - Math.log(4))).toBeLessThan(0.7);
  });

  it("has the same curve, bit by bit, for the same seed, and another for another", () => {
    const curves = [3, 3, 4].map((seed) => {
      const learner = learnerOf(naming, called("gated-delta"), { seed });
      const curve = losses(learner, naming, 12, 0.01);
      learner.dispose();
      return curve;
    });
    expect(curves[1]).toEqual(curves[0]);
    expect(curves[2]).not.toEqual(curves[0]);
  });

  it.each(["linear", "performer", "retention", "delta", "gla", "ssd", "top-k", "local"])(
    "has as many parameters with %s as with full attention, the same at first",
    (id) => {
      const [full, other] = [called("full"), called(id)].map((mechanism) => learnerOf(naming, mechanism));
      expect(other.parameters).toBe(full.parameters);
      full.dispose();
      other.dispose();
    },
  );

  it("says which answers are right whatever batches they are asked in", () => {
    const learner = learnerOf(naming, called("full"));
    losses(learner, naming, 10, 0.01);
    const examples = naming.draw(randomStream(2), 19);
    const whole = learner.right(examples);
    const parts = [learner.right(someOf(examples, 0, 5)), learner.right(someOf(examples, 5, 19))];
    learner.dispose();
    expect(whole.length).toBe(38);
    expect([...whole]).toEqual(parts.flatMap((part) => [...part]));
  });

  it("answers with a loss that is no number when it diverges, and does not throw", () => {
    const learner = learnerOf(naming, called("taylor"), { layers: 2 });
    const curve = losses(learner, naming, 12, 1e12);
    expect(curve.some((loss) => !Number.isFinite(loss))).toBe(true);
    expect(learner.right(naming.draw(randomStream(2), 3)).length).toBe(6);
    learner.dispose();
  });

  it("refuses a batch of another size and symbols that its task does not have", () => {
    const learner = learnerOf(naming, called("full"));
    const examples = naming.draw(randomStream(1), TINY.batch);
    expect(() => learner.step(someOf(examples, 0, 3), 0.1)).toThrow("step: must be 8 examples, got 3");
    const strange = { ...examples, tokens: examples.tokens.map((symbol) => symbol + 1) };
    expect(() => learner.step(strange, 0.1)).toThrow("examples: must be integers from 0 to 3, got 4");
    learner.dispose();
  });
});

describe("the calls of a model", () => {
  it.each([
    { task: naming, id: "full", layers: 2, calls: 2 },
    { task: naming, id: "gated-delta", layers: 2, calls: 2 },
    { task: naming, id: "performer", layers: 1, calls: 1 },
    { task: copying, id: "linear", layers: 1, calls: 3 },
  ])("are right by the references, layer by layer: $task.id with $id", ({ task, id, layers, calls }) => {
    const learner = learnerOf(task, called(id), { layers });
    losses(learner, task, 5, 0.01);
    const found = learner.calls(task.draw(randomStream(3), 3));
    learner.dispose();
    expect(found.map(({ layer }) => layer)).toEqual(Array.from({ length: calls }, (_, at) => at));
    for (const { mechanism, causal, inputs, output } of found) {
      const { shape } = inputs;
      expect(shape.batch).toBe(3);
      const problem = { ...builtInKinds.judged({ mechanism }), shape, causal, threads: 1, inputs };
      const expected = expectation(problem, problem.kind.oracle(problem), rowsToCheck(problem, 1), 1);
      expect(expected.compare(output).failure).toBeNull();
    }
  });

  it("have gates within their domains, a number a token of each head", () => {
    const learner = learnerOf(naming, called("gated-delta"));
    const [{ inputs }] = learner.calls(naming.draw(randomStream(3), 2));
    learner.dispose();
    const { g, beta } = inputs as typeof inputs & { g: Float32Array; beta: Float32Array };
    expect([g.length, beta.length]).toEqual([2 * 2 * 8, 2 * 2 * 8]);
    expect(g.every((one) => one <= 0)).toBe(true);
    expect(beta.every((one) => one > 0 && one < 1)).toBe(true);
  });
});
