import { describe, expect, test } from "vitest";
import { type RunChecks, type RunSettings, trainRun } from "../../../src/training/study/train-run.ts";
import { type ActedLearner, anActedLearner, aTask } from "./a-learner.ts";

const settings: RunSettings = {
  name: "numbers",
  task: aTask(),
  batch: 2,
  steps: 100,
  lookEvery: 10,
  validationExamples: 50,
  testExamples: 100,
};
const agreement = { error: 1e-8, budget: 1e-6, rows: 8 };
const good: RunChecks = {
  twin: () => ({ failure: null, agreement: { output: agreement, gradients: agreement } }),
  kernel: async () => ({
    failure: null,
    agreement: { kernel: "js", calls: 2, kernel_output: agreement, twin_output: agreement },
  }),
  processorSeconds: () => 0,
};
const run = { cell: "full/numbers", role: "test", rate: 0.01, seed: 3 } as const;
const learning = () => anActedLearner({ loss: (step) => 1 / step, right: (steps) => steps / 100 });

/** A run of a learner, which is handed out as well. */
async function ran(
  learner: ActedLearner,
  checks: RunChecks = good,
  name: Parameters<typeof trainRun>[0] = run,
) {
  return { learner, result: await trainRun(name, settings, () => learner, checks) };
}

describe("trainRun", () => {
  test("looks at accuracy as often as asked and tells the loss of the batches since the last look", async () => {
    const { result } = await ran(learning());
    expect(result).toMatchObject({ outcome: "trained", reason: null, accuracy: 1, steps_to_99: 100 });
    expect(result.curve.map(({ step }) => step)).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
    expect(result.curve.map(({ accuracy }) => accuracy)).toEqual([
      0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1,
    ]);
    const first = Array.from({ length: 10 }, (_, index) => 1 / (index + 1)).reduce((a, b) => a + b) / 10;
    expect(result.curve[0].loss).toBeCloseTo(first, 12);
    expect(result.still_gaining).toBe(true);
  });

  test("trains on a batch of its own at every step, by the seed alone, and never on what it is looked at", async () => {
    const [one, again, other] = [
      await ran(learning()),
      await ran(learning()),
      await ran(learning(), good, { ...run, seed: 4 }),
    ];
    const texts = ({ learner }: typeof one) => learner.batches.map(({ tokens }) => tokens.join(" "));
    expect(new Set(texts(one)).size).toBe(100);
    expect(texts(again)).toEqual(texts(one));
    expect(texts(other).some((batch) => texts(one).includes(batch))).toBe(false);
    const rowsOf = (tokens: ArrayLike<number>) =>
      Array.from({ length: tokens.length / 8 }, (_, row) =>
        Array.from(tokens)
          .slice(8 * row, 8 * row + 8)
          .join(" "),
      );
    const seen = new Set(one.learner.batches.flatMap(({ tokens }) => rowsOf(tokens)));
    const looked = one.learner.looked.flatMap(({ tokens }) => rowsOf(tokens));
    expect(looked.some((row) => seen.has(row))).toBe(false);
    // Every seed is looked at on the same examples, and tested on others than those by which rates are chosen.
    expect(other.learner.looked).toEqual(one.learner.looked);
    const [validation] = one.learner.looked;
    const tested = one.learner.looked.at(-1);
    expect(tested?.count).toBe(100);
    const ofValidation = new Set(rowsOf(validation.tokens));
    expect(rowsOf(tested?.tokens ?? []).some((row) => ofValidation.has(row))).toBe(false);
  });

  test("a run that chooses is not tested, and its accuracy is that of the last look", async () => {
    const { learner, result } = await ran(learning(), good, { ...run, role: "choosing" });
    expect(result).toMatchObject({ outcome: "trained", accuracy: 1, kernel: null });
    expect(new Set(learner.looked.map(({ count }) => count))).toEqual(new Set([50]));
  });

  test("a loss that is no number ends the run as diverged, with what was seen until then", async () => {
    for (const end of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const learner = anActedLearner({ loss: (step) => (step < 34 ? 1 : end), right: () => 0.5 });
      const { result } = await ran(learner);
      expect(result).toMatchObject({
        outcome: "diverged",
        accuracy: null,
        still_gaining: null,
        kernel: null,
      });
      expect(result.reason).toBe("the loss was no number at step 34 of 100");
      expect(result.curve).toHaveLength(3);
      expect(learner.batches).toHaveLength(34);
      expect(learner.disposed).toBe(true);
    }
  });

  test("a twin that is wrong is red before anything is trained", async () => {
    const learner = learning();
    const { result } = await ran(learner, {
      ...good,
      twin: () => ({ failure: "row 3 is off", agreement: null }),
    });
    expect(result).toMatchObject({ outcome: "failed", accuracy: null, curve: [] });
    expect(result.reason).toBe("the dense twin is wrong: row 3 is off");
    expect(learner.batches).toEqual([]);
  });

  test("a kernel that is wrong on what was learned takes the accuracy away, not the curve", async () => {
    const kernel: RunChecks["kernel"] = async () => ({ failure: "layer 1 is off", agreement: null });
    const { result } = await ran(learning(), { ...good, kernel });
    expect(result).toMatchObject({ outcome: "failed", accuracy: null });
    expect(result.reason).toBe("the kernel that is timed does not agree: layer 1 is off");
    expect(result.curve).toHaveLength(10);
  });

  test("whatever throws fails the run, and the learner is disposed of", async () => {
    const learner = anActedLearner({
      loss: () => {
        throw new Error("out of memory");
      },
      right: () => 0,
    });
    const { result } = await ran(learner);
    expect(result).toMatchObject({ outcome: "failed", reason: "out of memory", accuracy: null });
    expect(learner.disposed).toBe(true);
  });
});
