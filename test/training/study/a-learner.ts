import type { BoundTask, Examples } from "../../../src/tasks/task.ts";
import type { Learner } from "../../../src/training/learner.ts";

/** A task of which nothing is asked: its examples are numbers, by which a test tells which were drawn. */
export function aTask(answers = 4): BoundTask {
  return {
    id: "numbers",
    length: 8,
    causal: true,
    input: { kind: "symbols", symbols: 1000 },
    output: { kind: "asked", labels: 2, answers },
    chance: 0.5,
    usual: {
      ...{ layers: 1, width: 4, heads: 1, convolution: 0, feedForward: false, positions: false },
      ...{ batch: 2, steps: 100 },
    },
    draw: (random, count): Examples => ({
      count,
      tokens: Int32Array.from({ length: count * 8 }, () => random.below(1000)),
      answers: new Int32Array(count * answers),
      positions: new Int32Array(count * answers),
      needs: new Int32Array(count * answers),
      needed: 1,
    }),
  };
}

/** How a learner that learns nothing by itself comes on. */
interface Acted {
  /** The loss at a step from 1 on. */
  readonly loss: (step: number) => number;
  /** The share that is right after so many steps. */
  readonly right: (steps: number) => number;
}

/** What it was given. */
export interface ActedLearner extends Learner {
  readonly batches: Examples[];
  readonly rates: number[];
  readonly looked: Examples[];
  disposed: boolean;
}

export function anActedLearner({ loss, right }: Acted, answers = 4): ActedLearner {
  const learner: ActedLearner = {
    parameters: 10,
    batches: [],
    rates: [],
    looked: [],
    disposed: false,
    step(examples, rate) {
      learner.batches.push(examples);
      learner.rates.push(rate);
      return loss(learner.batches.length);
    },
    right(examples) {
      learner.looked.push(examples);
      const many = examples.count * answers;
      const share = right(learner.batches.length);
      return Uint8Array.from({ length: many }, (_, index) => Number(index < Math.round(share * many)));
    },
    calls: () => [],
    dispose() {
      learner.disposed = true;
    },
  };
  return learner;
}
