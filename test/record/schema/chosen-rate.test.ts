import fc from "fast-check";
import { expect, test } from "vitest";
import { chosenRate, triedRates } from "../../../src/record/schema/chosen-rate.ts";
import type { TrainedLine } from "../../../src/record/schema/learning-lines.ts";

function run(rate: number, accuracy: number | null, more: Partial<TrainedLine> = {}): TrainedLine {
  return {
    type: "trained",
    cell: "linear",
    role: "choosing",
    rate,
    seed: 1,
    outcome: accuracy === null ? "diverged" : "trained",
    reason: null,
    accuracy,
    curve: [],
    steps_to_99: null,
    still_gaining: null,
    processor_s: null,
    twin: null,
    kernel: null,
    ...more,
  };
}

const choice = (runs: readonly TrainedLine[]) => chosenRate(triedRates(runs));

test("the best rate is chosen by the choosing runs alone, and of equals the smallest", () => {
  const tests = run(0.03, 1, { role: "test" });
  expect(choice([run(0.03, 0.7), run(0.003, 0.1), run(0.01, 0.9), tests])).toEqual({
    rate: 0.01,
    edge: null,
  });
  expect(choice([run(0.03, 0.9), run(0.01, 0.9), run(0.003, 0.1)])?.rate).toBe(0.01);
  expect(choice([tests])).toBeNull();
});

test("what is best at an end of the rates tried is said to be, and one rate alone is no end", () => {
  expect(choice([run(0.003, 0.9), run(0.01, 0.5)])?.edge).toBe("smallest");
  expect(choice([run(0.003, 0.1), run(0.01, 0.5)])?.edge).toBe("largest");
  expect(choice([run(0.01, 0.5)])?.edge).toBeNull();
});

test("a diverged run counts as none right, and a failed one says nothing of its rate", () => {
  const runs = [run(0.01, 0.8), run(0.01, null, { seed: 2 }), run(0.003, 0.5), run(0.003, 0.5, { seed: 2 })];
  expect(triedRates(runs)).toEqual([
    { rate: 0.003, accuracy: 0.5, diverged: 0 },
    { rate: 0.01, accuracy: 0.4, diverged: 1 },
  ]);
  expect(choice(runs)?.rate).toBe(0.003);
  expect(choice([run(0.01, null), run(0.03, null)])).toBeNull();
  expect(triedRates([run(0.01, null, { outcome: "failed" })])).toEqual([]);
  // That the next rate diverged says that it is no end.
  expect(choice([run(0.003, 0.1), run(0.01, 0.5), run(0.03, null)])?.edge).toBeNull();
});

test("the choice does not depend on the order in which runs ended", () => {
  const rates = fc.uniqueArray(
    fc.record({
      rate: fc.double({ min: 1e-4, max: 1, noNaN: true }),
      accuracy: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
    {
      minLength: 1,
      maxLength: 8,
      selector: ({ rate }) => rate,
    },
  );
  fc.assert(
    fc.property(rates, (some) => {
      const runs = some.map(({ rate, accuracy }) => run(rate, accuracy));
      const found = choice(runs);
      expect(choice(runs.toReversed())).toEqual(found);
      for (const { accuracy } of some) {
        expect(some.find(({ rate }) => rate === found?.rate)?.accuracy).toBeGreaterThanOrEqual(accuracy);
      }
    }),
  );
});
