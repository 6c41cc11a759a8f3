import { expect, test } from "vitest";
import type { ComparedCell, OneSided, Verdict, WorkChange } from "../../src/compare/comparison.ts";
import { type Failure, failuresIn, outcomeOf, parseFailOn } from "../../src/compare/fail-on.ts";
import { sampleCase } from "../record/sample-lines.ts";

function cell(name: string, verdict: Verdict): ComparedCell {
  const time = { ratio: 1, low: null, high: null };
  return {
    ...sampleCase(name, 16),
    base_s: 1,
    head_s: 1,
    time,
    count: 6,
    verdict,
    medianVerdict: "unresolved",
    mean: null,
    detectable: null,
    note: null,
  };
}
const lost: OneSided = { case: "lost", side: "base", reason: "not in that file", broken: false };
const broken: OneSided = { case: "broken", side: "base", reason: "failed: gate", broken: true };
const added: OneSided = { case: "new", side: "head", reason: "not in that file", broken: false };
const change: WorkChange = { case: "x", quantity: "bytes", base: 1, head: 2, accepted: false };

function outcome(failOn: string | undefined, cells: readonly Verdict[], rest: Partial<Rest> = {}) {
  const findings = { cells: cells.map((one, at) => cell(`c${at}`, one)), work: [], oneSided: [], ...rest };
  return outcomeOf(findings, parseFailOn(failOn));
}
interface Rest {
  work: readonly WorkChange[];
  oneSided: readonly OneSided[];
}

test("without anything to fail on, a comparison passes whatever it finds", () => {
  expect(outcome(undefined, ["slower"], { work: [change], oneSided: [broken, lost] })).toBe("fine");
  expect(outcome(undefined, ["unresolved"])).toBe("fine");
});

test.each([
  ["slower", ["slower", "same"], {}, "regressed"],
  ["slower", ["same"], { oneSided: [broken] }, "regressed"],
  ["slower", ["faster", "same"], { oneSided: [lost, added], work: [change] }, "fine"],
  ["slower", ["unresolved", "unresolved"], {}, "inconclusive"],
  ["slower", ["unresolved", "same"], {}, "fine"],
  ["slower,work", ["unresolved"], { work: [change] }, "regressed"],
  ["work", ["slower"], { work: [{ ...change, accepted: true }] }, "fine"],
  ["work", ["slower"], { work: [change] }, "regressed"],
  ["work", ["unresolved"], {}, "fine"],
  ["missing", ["same"], { oneSided: [lost] }, "regressed"],
  ["missing", ["same"], { oneSided: [broken] }, "regressed"],
  ["missing", ["slower"], { oneSided: [added] }, "fine"],
] as const)("--fail-on %s with cells %s and %j is %s", (failOn, cells, rest, expected) => {
  expect(outcome(failOn, cells, rest)).toBe(expected);
});

test("failures name their cells, each once", () => {
  const twice = [change, { ...change, quantity: "pairs" }];
  const found = failuresIn(
    { cells: [cell("a", "slower")], work: twice, oneSided: [broken, lost] },
    parseFailOn("missing, work, slower"),
  );
  expect([...found]).toEqual<readonly (readonly [Failure, readonly string[]])[]>([
    ["slower", ["a", "broken"]],
    ["work", ["x"]],
    ["missing", ["broken", "lost"]],
  ]);
});

test.each(["", "slow", "slower,", "slower;work", "__proto__"])("'%s' is no list of failures", (text) => {
  expect(() => parseFailOn(text)).toThrow(
    /unknown failure for --fail-on '.*'; expected one of slower, work, m/,
  );
});
