import { expect, test } from "vitest";
import { type Evidence, verdictOf } from "../../src/compare/verdict.ts";

const sure = { p: 1e-6, adjustedP: 1e-4 };
const unsure = { p: 0.3, adjustedP: 1 };

const cases: readonly (readonly [string, Evidence, string, RegExp | null])[] = [
  ["surely there and large", { ratio: 1.1, low: 1.05, high: 1.15, ...sure }, "slower", null],
  ["surely there and large downwards", { ratio: 0.9, low: 0.85, high: 0.95, ...sure }, "faster", null],
  ["just as large as the threshold", { ratio: 1.03, low: 1.02, high: 1.04, ...sure }, "slower", null],
  ["surely there and surely small", { ratio: 1.01, low: 1.005, high: 1.015, ...sure }, "same", null],
  [
    "surely there and perhaps small",
    { ratio: 1.025, low: 1.015, high: 1.035, ...sure },
    "unresolved",
    /^slower, but perhaps by less than 3 %$/,
  ],
  ["nothing, to within the threshold", { ratio: 1, low: 0.98, high: 1.02, ...unsure }, "same", null],
  ["too noisy to say", { ratio: 1.2, low: 0.9, high: 1.6, ...unsure }, "unresolved", null],
  [
    "there alone, not among all",
    { ratio: 1.1, low: 1.02, high: 1.2, p: 0.01, adjustedP: 0.3 },
    "unresolved",
    /^slower if it were the only cell/,
  ],
  [
    "sure by its p-value and not by its interval",
    { ratio: 1.1, low: 0.99, high: 1.2, ...sure },
    "unresolved",
    null,
  ],
];

test.each(cases)("a change that is %s is judged so", (_, evidence, verdict, note) => {
  const judged = verdictOf(evidence, 0.03);
  expect(judged.verdict).toBe(verdict);
  if (note === null) expect(judged.note).toBeNull();
  else expect(judged.note).toMatch(note);
});
