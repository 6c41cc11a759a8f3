import { describe, expect, test } from "vitest";
import type { Comparison } from "../../../src/compare/comparison.ts";
import { junitXml } from "../../../src/report/comparison/junit.ts";
import { unprintables } from "../hostile-results.ts";
import { xmlFault } from "../xml-fault.ts";
import { attacks, hostileComparison } from "./hostile-comparison.ts";
import { calmComparison, manyCells, sampleComparison } from "./sample-comparison.ts";

/** The document after its declaration, which must be there. */
function body(xml: string): string {
  const [declaration, ...lines] = xml.split("\n");
  expect(declaration).toBe('<?xml version="1.0" encoding="UTF-8"?>');
  return lines.join("\n").trimEnd();
}

test("a suite a variant, a test a cell, and suites of their own for work and for one side", () => {
  const xml = junitXml(sampleComparison());
  expect(xmlFault(body(xml))).toBeNull();
  expect(xml).toMatchInlineSnapshot(`
    "<?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="attnbench gate: regressed: 1 of 4 cells is slower" tests="8" failures="3" errors="0" skipped="2" time="0.0035643">
      <testsuite name="local" tests="1" failures="0" errors="0" skipped="0" time="0.001002">
        <testcase classname="local.wasm" name="local at 1k" time="0.001002">
          <system-out>SAME: time ~ (−0.6 … +0.9 %) from 1.00 ms to 1.00 ms, could see ≥ 3.1 %; mean ~ (−0.6 … +0.9 %), could see ≥ 4.2 %, 1 in 108</system-out>
        </testcase>
      </testsuite>
      <testsuite name="stride" tests="1" failures="1" errors="0" skipped="0" time="0.0010523">
        <testcase classname="stride.wasm" name="stride at 1k" time="0.0010523">
          <failure type="slower" message="REGRESSED: time +5.2 % (+3.9 … +6.6 %) from 1.00 ms to 1.05 ms, could see ≥ 3.1 %; mean +5.2 % (+3.9 … +6.6 %), could see ≥ 4.2 %, 1 in 108"/>
        </testcase>
      </testsuite>
      <testsuite name="linear" tests="1" failures="0" errors="0" skipped="0" time="0.00043">
        <testcase classname="linear.wasm" name="linear at 1k" time="0.00043">
          <system-out>IMPROVED: time 0.430× (0.420× … 0.440×) from 1.00 ms to 430 µs, could see ≥ 3.1 %; mean 0.430× (0.420× … 0.440×), could see ≥ 4.2 %, 1 in 108</system-out>
        </testcase>
      </testsuite>
      <testsuite name="bigbird" tests="1" failures="0" errors="0" skipped="1" time="0.00108">
        <testcase classname="bigbird.wasm" name="bigbird at 4k" time="0.00108">
          <skipped message="UNRESOLVED: time ~ (−10.0 … +29.0 %) from 1.00 ms to 1.08 ms, could see ≥ 22 %; mean ~ (−10.0 … +29.0 %), could see ≥ 4.2 %, 1 in 108; too noisy to gate"/>
        </testcase>
      </testsuite>
      <testsuite name="changed work" tests="2" failures="1" errors="0" skipped="0" time="0">
        <testcase classname="work" name="stride at 1k: pairs" time="0">
          <system-out>pairs from 0 to 7 (–), accepted</system-out>
        </testcase>
        <testcase classname="work" name="stride at 1k: executed_flops" time="0">
          <failure type="work" message="executed_flops from 1048576 to 1048577 (+0.0001 %), not accepted"/>
        </testcase>
      </testsuite>
      <testsuite name="on one side only" tests="2" failures="1" errors="0" skipped="1" time="0">
        <testcase classname="one side" name="full/wasm/b1h4n1024d64" time="0">
          <skipped message="measured in head only: not in its plan"/>
        </testcase>
        <testcase classname="one side" name="linear/wasm/b1h4n256d64" time="0">
          <failure type="broken" message="broken in head: verification: row 7 must be 0.25, got 0.5"/>
        </testcase>
      </testsuite>
    </testsuites>
    "
  `);
});

test("an accepted change of work fails nothing, nor does one where work is not to fail", () => {
  const failures = (failsOn: Comparison["failsOn"]) =>
    junitXml(sampleComparison({ failsOn })).match(/<failure type="\w+"/g);
  expect(failures(["slower", "work"])).toEqual([
    '<failure type="slower"',
    '<failure type="work"',
    '<failure type="broken"',
  ]);
  expect(failures(["slower"])).toEqual(['<failure type="slower"', '<failure type="broken"']);
});

test("where the run is inconclusive no time fails", () => {
  const xml = junitXml(sampleComparison({ outcome: "inconclusive", work: [], oneSided: [] }));
  expect(xml).not.toContain("<failure");
  expect(xml).toMatch(/<skipped message="the run is inconclusive; REGRESSED: /);
});

test("a case that head has mended is no failure", () => {
  const mended = { case: "full/js", side: "head", reason: "failed: red", broken: true } as const;
  expect(junitXml(calmComparison({ oneSided: [mended] }))).toMatch(
    /tests="1" failures="0" errors="0" skipped="1"/,
  );
});

test("three hundred cells are counted as they are", () => {
  const xml = junitXml(sampleComparison({ cells: manyCells(300), work: [], oneSided: [] }));
  expect(xmlFault(body(xml))).toBeNull();
  expect(xml).toMatch(/<testsuites [^>]*tests="300" failures="30" errors="0" skipped="30"/);
  expect(xml.match(/<testcase /g)).toHaveLength(300);
  expect(xml.match(/<failure /g)).toHaveLength(30);
  expect(xml.match(/<testsuite /g)).toHaveLength(25);
});

test("without a cell it is an empty document", () => {
  const xml = junitXml(calmComparison());
  expect(xmlFault(body(xml))).toBeNull();
  expect(body(xml)).toMatch(
    /^<testsuites name="[^"]*" tests="0" failures="0" errors="0" skipped="0" time="0"\/>$/,
  );
});

test("times are decimal numbers without exponents", () => {
  const [cell] = manyCells(1);
  const times = [1e-9, 2.5e-7, 0, 12, Number.NaN, Number.POSITIVE_INFINITY].map((head_s) => {
    const xml = junitXml(calmComparison({ cells: [{ ...cell, head_s }] }));
    return /<testcase [^>]*time="([^"]*)"/.exec(xml)?.[1];
  });
  expect(times).toEqual(["0.000000001", "0.00000025", "0", "12", "0", "0"]);
});

describe("of a hostile comparison", () => {
  test.each(attacks)("it is well-formed, and every string stays where it was put: %j", (attack) => {
    const xml = junitXml(hostileComparison(attack));
    expect(xmlFault(body(xml))).toBeNull();
    expect(unprintables(xml)).toEqual([]);
    expect(xml.match(/<testcase /g)).toHaveLength(8);
    expect(xml.match(/<failure /g)).toHaveLength(3);
    expect(xml).not.toContain("]]>");
  });
});
