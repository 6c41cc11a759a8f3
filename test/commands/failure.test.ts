import { afterEach, expect, test, vi } from "vitest";
import { failureMessage } from "../../src/commands/failure.ts";

afterEach(() => vi.unstubAllEnvs());

test("where Node was given options, what fails within may be their fault, and is told with them", () => {
  const thrown = new EvalError("Code generation from strings disallowed for this context");
  vi.stubEnv("NODE_OPTIONS", " --disallow-code-generation-from-strings ");
  expect(failureMessage(thrown, false)).toBe(
    "attnbench: internal error, Code generation from strings disallowed for this context; try it without NODE_OPTIONS=--disallow-code-generation-from-strings, or run it again with --debug and report what it prints",
  );
  vi.stubEnv("NODE_OPTIONS", undefined);
  expect(failureMessage(thrown, false)).not.toContain("NODE_OPTIONS");
});
