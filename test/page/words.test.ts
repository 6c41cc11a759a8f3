import { expect, test } from "vitest";
import { clockText } from "../../src/page/clock-text.ts";
import { runName } from "../../src/page/file-name.ts";

test("the page says what its clock can see, and why not more", () => {
  expect(clockText({ step_s: 1e-4, leastSlot_s: 1e-2, isolated: false })).toBe(
    "Its clock steps every 100 µs: no measurement is shorter than 10 ms (the page is not isolated from others, so that the browser hides finer steps).",
  );
  expect(clockText({ step_s: 5e-6, leastSlot_s: 5e-4, isolated: true })).toMatch(
    /5\.0 µs.*500 µs.*is isolated/,
  );
});

test("a run's files are named by when it began", () => {
  expect(runName("2026-11-30T16:44:32.123Z")).toBe("attnbench-20261130T164432");
});

test("a start that is no time leads to no other folder", () => {
  expect(runName("../../etc/passwd")).toBe("attnbench-");
});
