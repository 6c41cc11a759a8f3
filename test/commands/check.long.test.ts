import { expect, test } from "vitest";
import { commandLine } from "./command-line.ts";

// Hundreds of shapes.
test("as JSON the results are told alone, one an entry", async () => {
  const { stdout } = await commandLine("check sliding-window --kernel js --seed 7 --json");
  const { passed, failed, results } = JSON.parse(stdout);
  expect(failed).toBe(0);
  expect(passed).toBe(results.reduce((sum: number, one: { passed: number }) => sum + one.passed, 0));
  expect(results[0]).toEqual({ variant: "local", kernel: "js", check: "gate", passed: 280, failure: null });
});
