import { describe, expect, test } from "vitest";
import type { TrainedLine } from "../../../src/record/schema/learning-lines.ts";
import { lintLearned } from "../../../src/report/lint/learned/index.ts";
import { lint } from "../../../src/report/lint.ts";
import { warningsOf } from "../../../src/report/warnings.ts";
import { learnedAndTimed, learnedOnly, poisonedLearned, sampleLearned } from "../sample-learned.ts";
import { sampleResults } from "../sample-results.ts";

/** Findings without what is odd about the sample itself, as `check: variants`. */
function found(learned = sampleLearned()): readonly string[] {
  return lintLearned(learned).map(({ check, places }) => `${check}: ${places}`);
}

const SAMPLE = [
  "seeds-differ: retention",
  "not-converged: retention",
  "rate-at-edge: retention",
  "rate-at-edge: performer",
];

/** The sample with the test run of linear by seed 2 changed. */
function changed(change: (line: TrainedLine) => TrainedLine | null, cell = "linear mqar") {
  return sampleLearned({
    alter: (line) => (line.cell === cell && line.role === "test" && line.seed === 2 ? change(line) : line),
  });
}

test("of the sample it finds what is odd there, and nothing else", () => {
  expect(found()).toEqual(SAMPLE);
});

describe("above its reach", () => {
  const at = (accuracy: number) => found(changed((line) => ({ ...line, accuracy }), "local mqar"));
  // Reachable are 10.7 %; the draw of 512 examples moves that by 1.4 % (one standard deviation).
  const deviation = Math.sqrt((0.107 * 0.893) / 512);

  test("is what the draw of examples does not explain", () => {
    expect(at(0.107 + 3.9 * deviation)).toEqual(SAMPLE);
    expect(at(0.107 + 4.2 * deviation)).toContain("above-reach: local");
    expect(
      warningsOf({
        ...learnedOnly(),
        learned: changed((line) => ({ ...line, accuracy: 0.9 }), "local mqar"),
      })[1],
    ).toMatch(/^local: .*either the reach or the task is wrong/);
  });

  test("is nothing where the mask reaches all", () => {
    expect(found(changed((line) => ({ ...line, accuracy: 1 })))).toEqual(SAMPLE);
  });
});

test("seeds differ if more than 20 points are between them", () => {
  expect(found(changed((line) => ({ ...line, accuracy: 0.701 })))).toEqual(SAMPLE);
  expect(found(changed((line) => ({ ...line, accuracy: 0.6 })))[0]).toBe("seeds-differ: linear, retention");
});

test("one seed that still gains is not converged", () => {
  const gains = changed((line) => ({ ...line, still_gaining: true }));
  expect(found(gains)[1]).toBe("not-converged: linear, retention");
});

test("seeds that were not run, or were lost, are told", () => {
  expect(found(changed(() => null))).toContain("seeds-missing: linear");
  const lost = changed((line) => ({ ...line, outcome: "diverged", accuracy: null, reason: "no number" }));
  expect(found(lost)).toContain("seeds-lost: linear");
  expect(found(lost)).not.toContain("seeds-missing: linear");
});

test("test runs by another rate than the chosen one are told", () => {
  const other = sampleLearned({
    alter: (line) => (line.cell === "linear mqar" && line.role === "test" ? { ...line, rate: 0.03 } : line),
  });
  expect(found(other)).toContain("other-rate: linear");
});

test("models of another size than most are told", () => {
  const larger = sampleLearned({
    alterCell: (cell) => (cell.variant === "linear" ? { ...cell, parameters: 20_000 } : cell),
  });
  expect(found(larger)).toContain("unequal-parameters: linear");
});

test("tasks are named where there are several, and one task does not stand for another", () => {
  const places = found(sampleLearned({ tasks: 2 })).join("\n");
  expect(places).toContain("retention on mqar, retention on selective-copy");
});

test("what is found joins the findings about times, and is printable whatever names say", () => {
  const times = sampleResults({ lengths: [256, 512, 1024, 2048] });
  expect(lint(learnedAndTimed()).map(({ check }) => check)).toEqual([
    ...lint(times).map(({ check }) => check),
    ...lintLearned(sampleLearned()).map(({ check }) => check),
  ]);
  const evil = poisonedLearned(learnedOnly());
  for (const warning of warningsOf(evil)) expect(warning).toMatch(/^\P{Cc}*$/u);
});

test("how busy the machine was is no warning about what was learned", () => {
  const results = learnedOnly();
  const busy = { ...results, run: { ...results.run, environment: { ...results.run.environment, load: 99 } } };
  expect(warningsOf(busy)).toEqual(warningsOf(results));
});
