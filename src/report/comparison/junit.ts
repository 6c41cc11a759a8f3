import type { ComparedCell, Comparison, OneSided, WorkChange } from "../../compare/comparison.ts";
import { caseNames, type NamedCell, namedCells } from "./cell-names.ts";
import { cellChange, detectableText, intervalText, meanText, secondsText } from "./change-text.ts";
import { exact, workChange } from "./side-tables.ts";
import { isBroken, isUnaccepted, verdictWord } from "./verdicts.ts";
import { element, type Xml } from "./xml.ts";

interface TestCase {
  readonly classname: string;
  readonly name: string;
  readonly seconds: number;
  readonly result: "passed" | "failure" | "skipped";
  /** The kinds of failure. */
  readonly type: string;
  readonly message: string;
}

/**
 * A comparison as JUnit XML: one suite per variant with one test per cell, one of changed work, and one of
 * cells on one side. A test fails only for a regression, and an unresolved one is skipped. If the comparison
 * is inconclusive no time is trusted, so none fails. The time of a test is that of one call in head.
 */
export function junitXml(comparison: Comparison): string {
  const { kind, outcome, headline } = comparison;
  const nameOf = caseNames(comparison);
  const cells = Map.groupBy(namedCells(comparison.cells), ({ variant }) => variant);
  const suites = [
    ...[...cells].map(([variant, members]) =>
      suite(
        variant,
        members.map((named) => timeTest(named, comparison)),
      ),
    ),
    suite(
      "changed work",
      comparison.work.map((change) => workTest(change, nameOf(change.case), comparison)),
    ),
    suite(
      "on one side only",
      comparison.oneSided.map((one) => oneSidedTest(one, nameOf(one.case))),
    ),
  ].filter(({ tests }) => tests.length > 0);
  const root = element(
    "testsuites",
    { name: `attnbench ${kind}: ${outcome}: ${headline}`, ...totals(suites.flatMap(({ tests }) => tests)) },
    suites.map(({ xml }) => xml),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root.text}\n`;
}

function timeTest({ cell, variant, kernel, name }: NamedCell, { kind, outcome }: Comparison): TestCase {
  const word = verdictWord(kind, cell.verdict);
  const times = `time ${cellChange(cell)} (${intervalText(cell.time)}) from ${secondsText(cell.base_s)} to ${secondsText(cell.head_s)}`;
  const doubt = outcome === "inconclusive" && cell.verdict !== "same" ? "the run is inconclusive; " : "";
  const note = cell.note === null ? "" : `; ${cell.note}`;
  return {
    classname: `${variant}.${kernel}`,
    name,
    seconds: cell.head_s,
    result: timeResult(cell, outcome),
    type: "slower",
    message: `${doubt}${word}: ${times}, could see ${detectableText(cell.detectable)}${meanText(cell)}${note}`,
  };
}

function timeResult({ verdict }: ComparedCell, outcome: Comparison["outcome"]): TestCase["result"] {
  if (verdict === "unresolved") return "skipped";
  if (verdict !== "slower") return "passed";
  return outcome === "inconclusive" ? "skipped" : "failure";
}

function workTest(change: WorkChange, name: string, comparison: Comparison): TestCase {
  const { quantity, base, head, accepted } = change;
  return {
    classname: "work",
    name: `${name}: ${quantity}`,
    seconds: 0,
    result: isUnaccepted(comparison, change) ? "failure" : "passed",
    type: "work",
    message: `${quantity} from ${exact(base)} to ${exact(head)} (${workChange(change)}), ${accepted ? "accepted" : "not accepted"}`,
  };
}

function oneSidedTest(one: OneSided, name: string): TestCase {
  return {
    classname: "one side",
    name,
    seconds: 0,
    result: isBroken(one) ? "failure" : "skipped",
    type: "broken",
    message: `${isBroken(one) ? "broken in head" : `measured in ${one.side} only`}: ${one.reason}`,
  };
}

function suite(
  name: string,
  tests: readonly TestCase[],
): { readonly tests: readonly TestCase[]; readonly xml: Xml } {
  return { tests, xml: element("testsuite", { name, ...totals(tests) }, tests.map(testCase)) };
}

function testCase({ classname, name, seconds, result, type, message }: TestCase): Xml {
  const attributes = { classname, name, time: decimal(seconds) };
  if (result === "failure") return element("testcase", attributes, [element("failure", { type, message })]);
  if (result === "skipped") return element("testcase", attributes, [element("skipped", { message })]);
  return element("testcase", attributes, [element("system-out", {}, message)]);
}

function totals(tests: readonly TestCase[]) {
  return {
    tests: tests.length,
    failures: tests.filter(({ result }) => result === "failure").length,
    errors: 0,
    skipped: tests.filter(({ result }) => result === "skipped").length,
    time: decimal(tests.reduce((sum, { seconds }) => sum + seconds, 0)),
  };
}

/** JUnit readers do not accept exponents. */
function decimal(seconds: number): string {
  if (!(seconds > 0 && seconds < 1e15)) return "0";
  return seconds.toFixed(12).replace(/\.?0+$/, "");
}
