import { expect, test } from "vitest";
import type { TrainedLine } from "../../../src/record/schema/learning-lines.ts";
import {
  byTask,
  ceilingOf,
  type LearnedRow,
  learnedRows,
  ranked,
} from "../../../src/report/learning/learned-rows.ts";
import { RATES, sampleLearned, TESTS } from "../sample-learned.ts";

const rows = learnedRows(sampleLearned());
const row = (variant: string, of = rows): LearnedRow => {
  const found = of.find((one) => one.variant === variant);
  if (found === undefined) throw new Error(`there is no row of ${variant}`);
  return found;
};

test("there is a row for each cell, in the order of the study", () => {
  const { study } = sampleLearned();
  expect(rows.map(({ cell }) => cell)).toEqual(study.cells);
  expect(new Set(rows.map(({ label }) => label)).size).toBe(rows.length);
});

test("the rate is that of the best choosing run, and the tests are those at it, by seed", () => {
  expect(row("linear")).toMatchObject({ rate: 0.01, edge: null, state: "tested" });
  expect(row("linear").tried.map(({ rate }) => rate)).toEqual(RATES);
  expect(row("linear").tests.map(({ seed, accuracy }) => [seed, accuracy])).toEqual([
    [1, 0.89],
    [2, 0.9],
    [3, 0.87],
  ]);
  expect(row("retention")).toMatchObject({ rate: 0.03, edge: "largest", stillGaining: 3 });
  expect(row("performer")).toMatchObject({ rate: 0.003, edge: "smallest" });
  const other = sampleLearned({ alter: (line) => (line.role === "test" ? { ...line, rate: 0.5 } : line) });
  // What was tested is what is told of, and lint says that it is not what was chosen.
  expect(row("linear", learnedRows(other))).toMatchObject({ rate: 0.5, best: 0.01, edge: null });
});

test("of the test runs the least, the mean and the most are known, and no interval", () => {
  const { accuracy } = row("retention");
  expect(accuracy).toEqual({ least: 0.13, mean: expect.closeTo(1.55 / 3, 12), most: 0.74 });
  expect(ranked(rows)[0].variant).toBe("full");
  expect(ranked(rows).at(-1)?.variant).toBe("bigbird");
});

test("a mask's ceiling is what it reaches and what guessing adds", () => {
  expect(row("local").ceiling).toBeCloseTo(0.1 + 0.9 / 128, 12);
  expect(row("full").ceiling).toBe(1);
  expect(row("sinkhorn").ceiling).toBeNull();
  for (const reach of [0, 0.3, 1]) {
    for (const chance of [0, 0.5, 1]) {
      const ceiling = ceilingOf({ reach }, { chance }) ?? -1;
      expect(ceiling).toBeGreaterThanOrEqual(Math.max(reach, chance));
      expect(ceiling).toBeLessThanOrEqual(1);
    }
  }
});

test("what cannot be trained says why, and has neither rate nor runs", () => {
  expect(row("sinkhorn")).toMatchObject({ state: "unsupported", rate: null, tests: [], accuracy: null });
  expect(row("sinkhorn").why).toEqual([expect.stringContaining("has no dense twin")]);
});

const lost = (outcome: TrainedLine["outcome"], of: (line: TrainedLine) => boolean) =>
  learnedRows(
    sampleLearned({
      alter: (line) =>
        line.cell.startsWith("linear") && of(line)
          ? { ...line, outcome, reason: `it ${outcome}`, accuracy: null }
          : line,
    }),
  );

test("a diverged or failed run ends its own cell only, and one of three seeds is told apart from all", () => {
  const all = row(
    "linear",
    lost("diverged", () => true),
  );
  expect(all).toMatchObject({ state: "diverged", best: null, accuracy: null, why: ["it diverged"] });
  expect(
    row(
      "linear",
      lost("failed", () => true),
    ),
  ).toMatchObject({ state: "failed", why: ["it failed"] });
  const one = row(
    "linear",
    lost("diverged", ({ role, seed }) => role === "test" && seed === 2),
  );
  expect(one).toMatchObject({ state: "tested", why: ["it diverged"] });
  expect(one.tests.map(({ seed }) => seed)).toEqual([1, 3]);
  expect(one.lost.map(({ seed }) => seed)).toEqual([2]);
  expect(
    row(
      "delta",
      lost("diverged", () => true),
    ).tests,
  ).toHaveLength(TESTS.length);
});

test("what has not been tested yet says so, whether rates were tried or not", () => {
  const chosen = learnedRows(sampleLearned({ alter: (line) => (line.role === "test" ? null : line) }));
  expect(row("linear", chosen)).toMatchObject({ state: "untested", rate: 0.01, accuracy: null });
  const none = learnedRows(sampleLearned({ alter: () => null }));
  expect(row("linear", none)).toMatchObject({ state: "untested", rate: null, tried: [] });
});

test("a quick study has the rates of its runs, of which none was chosen", () => {
  const quick = learnedRows(sampleLearned({ quick: true }));
  expect(row("retention", quick)).toMatchObject({ rate: 0.03, edge: null, tried: [] });
  expect(row("retention", quick).tests).toHaveLength(1);
});

test("steps to 99 % are of the seeds that got there", () => {
  expect(row("full").stepsTo99).toHaveLength(3);
  expect(row("linear").stepsTo99).toEqual([]);
});

test("two cells of a variant on one task are told apart by their parameters, and tasks are kept apart", () => {
  const learned = sampleLearned({ tasks: 2 });
  const twice = learned.study.cells.flatMap((cell) =>
    cell.variant === "local"
      ? [cell, { ...cell, cell: `${cell.cell} wide`, params: { window: 32 } }]
      : [cell],
  );
  const both = learnedRows({ ...learned, study: { ...learned.study, cells: twice } });
  const labels = both.filter(({ variant }) => variant === "local").map(({ label }) => label);
  expect(labels).toEqual([
    "local · window 16",
    "local · window 32",
    "local · window 16",
    "local · window 32",
  ]);
  expect(byTask(both)).toHaveLength(2);
});

test("names that are cut alike, also those of timed variants, are numbered", () => {
  const long = "variant".repeat(20);
  const learned = sampleLearned({ alterCell: (cell) => ({ ...cell, variant: `${long}${cell.variant}` }) });
  const labels = learnedRows(learned, [`${long}timed`]).map(({ variantLabel }) => variantLabel);
  expect(new Set(labels).size).toBe(labels.length);
  expect(labels[0]).toMatch(/ \(2\)$/);
});
