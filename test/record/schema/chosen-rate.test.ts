import fc from "fast-check";
import { expect, test } from "vitest";
import { rateChoice, rateOf } from "../../../src/record/schema/chosen-rate.ts";
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

const one = { choosing_seeds: [1] };
const two = { choosing_seeds: [1, 2] };
const choice = (runs: readonly TrainedLine[], study = one) => rateChoice("linear", study, runs);

test("the best rate is chosen by the choosing runs alone, and of equals the smallest", () => {
  const tests = run(0.03, 1, { role: "test" });
  const other = run(0.03, 1, { cell: "full" });
  expect(choice([run(0.03, 0.7), run(0.003, 0.1), run(0.01, 0.9), tests, other]).best?.rate).toBe(0.01);
  expect(choice([run(0.03, 0.9), run(0.01, 0.9), run(0.003, 0.1)]).best?.rate).toBe(0.01);
  expect(choice([tests])).toEqual({ tried: [], best: null, edge: null });
});

test("what is best at an end of the rates tried is said to be, and one rate alone is no end", () => {
  expect(choice([run(0.003, 0.9), run(0.01, 0.5)]).edge).toBe("smallest");
  expect(choice([run(0.003, 0.1), run(0.01, 0.5)]).edge).toBe("largest");
  // That the next rate diverged says that it is no end.
  expect(choice([run(0.003, 0.1), run(0.01, 0.5), run(0.03, null)]).edge).toBeNull();
  expect(choice([run(0.01, 0.5)]).edge).toBeNull();
});

test("a diverged run counts as none right, and a rate that not all seeds ran is not tried yet", () => {
  const seeds = [1, 2].flatMap((seed) => [
    run(0.003, 0.5, { seed }),
    run(0.01, seed === 1 ? 0.8 : null, { seed }),
  ]);
  expect(choice(seeds, two).tried).toEqual([
    { rate: 0.003, accuracy: 0.5, stepsTo99: null },
    { rate: 0.01, accuracy: 0.4, stepsTo99: null },
  ]);
  expect(choice([...seeds, run(0.03, 1)], two).best?.rate).toBe(0.003);
  expect(choice([run(0.01, null), run(0.03, null)]).best).toBeNull();
});

test("of rates by which all is right the first to get there is chosen, and a plateau has no end", () => {
  const at = (rate: number, steps: number | null) => run(rate, 1, { steps_to_99: steps });
  // As full attention does on associative recall.
  const plateau = [at(0.003, 250), at(0.01, 150), at(0.03, 150)];
  expect(choice(plateau)).toMatchObject({ best: { rate: 0.01, stepsTo99: 150 }, edge: null });
  expect(choice([at(0.003, 150), at(0.01, 250)])).toMatchObject({ best: { rate: 0.003 }, edge: null });
  expect(choice([at(0.003, 250), at(0.01, 150)])).toMatchObject({ best: { rate: 0.01 }, edge: null });
  expect(choice([run(0.003, 0.9), at(0.01, 250), at(0.03, 150)])).toMatchObject({
    best: { rate: 0.03 },
    edge: null,
  });
  // Accuracy goes before speed, and by all of the seeds that choose.
  expect(choice([run(0.003, 0.995, { steps_to_99: 100 }), at(0.01, 700)]).best?.rate).toBe(0.01);
  const seeds = [
    at(0.003, 100),
    { ...at(0.003, null), seed: 2 },
    at(0.01, 700),
    { ...at(0.01, 700), seed: 2 },
  ];
  expect(choice(seeds, two).best?.rate).toBe(0.01);
});

test("the rate of a cell is that of its table, of its test runs, or the chosen one", () => {
  const runs = [run(0.003, 0.1), run(0.01, 0.5)];
  expect(rateOf({ cell: "linear", rate: 0.2 }, one, runs)).toBe(0.2);
  expect(rateOf({ cell: "linear", rate: null }, one, runs)).toBe(0.01);
  expect(rateOf({ cell: "linear", rate: null }, one, [...runs, run(0.3, 1, { role: "test" })])).toBe(0.3);
  expect(rateOf({ cell: "linear", rate: null }, one, [])).toBeNull();
});

test("the choice does not depend on the order in which runs ended", () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const rate = fc.double({ min: 1e-4, max: 1, noNaN: true });
  const rates = fc.uniqueArray(fc.record({ rate, accuracy: share }), {
    minLength: 1,
    maxLength: 8,
    selector: (tried) => tried.rate,
  });
  fc.assert(
    fc.property(rates, (some) => {
      const runs = some.map((tried) => run(tried.rate, tried.accuracy));
      const found = choice(runs);
      expect(choice(runs.toReversed())).toEqual(found);
      for (const { accuracy } of some) expect(found.best?.accuracy).toBeGreaterThanOrEqual(accuracy);
    }),
  );
});
