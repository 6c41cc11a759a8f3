import { describe, expect, test } from "vitest";
import { annotations } from "../../../src/report/comparison/annotations.ts";
import { unprintables } from "../hostile-results.ts";
import { attacks, hostileComparison } from "./hostile-comparison.ts";
import { calmComparison, manyCells, sampleComparison, slower, unresolved } from "./sample-comparison.ts";

test("the outcome comes first, then what led to it", () => {
  expect(annotations(sampleComparison())).toMatchInlineSnapshot(`
    "::error title=attnbench gate%3A regressed::1 of 4 cells is slower (1 REGRESSED · 1 IMPROVED · 1 UNRESOLVED · 1 SAME)
    ::error title=REGRESSED%3A stride at 1k::time +5.2 %25 (+3.9 … +6.6 %25), could see ≥ 3.1 %25; mean +5.2 %25 (+3.9 … +6.6 %25), could see ≥ 4.2 %25, 1 in 108
    ::error title=broken%3A linear/wasm/b1h4n256d64::verification: row 7 must be 0.25, got 0.5
    ::error title=work changed%3A stride at 1k::executed_flops: 1048576 → 1048577 (+0.0001 %25)
    ::notice title=IMPROVED%3A linear at 1k::time 0.430× (0.420× … 0.440×), could see ≥ 3.1 %25; mean 0.430× (0.420× … 0.440×), could see ≥ 4.2 %25, 1 in 108"
  `);
});

test("there are ten at most, and the first says how many there would be", () => {
  const lines = annotations(sampleComparison({ cells: manyCells(300) })).split("\n");
  expect(lines).toHaveLength(10);
  expect(lines[0]).toContain("the worst 9 of 62 shown");
  const changes = lines.slice(1).map((line) => Number(/time \+([\d.]+) %25/.exec(line)?.[1]));
  expect(changes).toEqual(changes.toSorted((a, b) => b - a));
});

test("an error stands only where the outcome is a regression", () => {
  const levels = (outcome: "fine" | "inconclusive") =>
    annotations(sampleComparison({ outcome })).match(/^::\w+/gm);
  expect(levels("inconclusive")).toEqual([
    "::warning",
    "::warning",
    "::warning",
    "::warning",
    "::warning",
    "::notice",
  ]);
  expect(levels("fine")).toEqual(["::notice", "::warning", "::warning", "::warning", "::notice"]);
});

test("what could not be told has a line only where nothing could", () => {
  const cells = [slower, unresolved];
  expect(annotations(sampleComparison({ cells }))).not.toContain("title=UNRESOLVED");
  expect(annotations(sampleComparison({ cells, outcome: "inconclusive" }))).toContain(
    "::warning title=UNRESOLVED%3A bigbird at 4k::time ~ ",
  );
});

test("a comparison without cells has its headline", () => {
  expect(annotations(calmComparison())).toBe(
    "::notice title=attnbench compare%3A fine::no change is known (no cell was measured on both sides)",
  );
});

describe("of a hostile comparison", () => {
  test.each(attacks)("every line is one command of ours: %j", (attack) => {
    const lines = annotations(hostileComparison(attack)).split("\n");
    expect(lines).toHaveLength(5);
    for (const line of lines) {
      expect(line).toMatch(/^::(error|warning|notice) title=[^,:\r\n]*::/);
      expect(line.replaceAll(/%(25|0D|0A|3A|2C)/g, "")).not.toContain("%");
      expect(unprintables(line)).toEqual([]);
    }
  });

  test("what was a percent sign is one again, and no line break", () => {
    const [first] = annotations(calmComparison({ headline: "%0A::error::forged" })).split("\n");
    expect(first).toContain("::%250A::error::forged (");
  });
});
