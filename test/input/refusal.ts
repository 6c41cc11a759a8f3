import { expect } from "vitest";
import { FailureError, UsageError } from "../../src/core/errors.ts";

/** The message with which `action` is refused: it must throw one of the project's two errors, in one line. */
export function refusal(action: () => unknown): string {
  const error = thrownBy(action);
  if (!(error instanceof UsageError || error instanceof FailureError)) {
    expect.fail(`must throw a UsageError or FailureError, got ${String(error)}`);
  }
  expect(error.message).toMatch(/^[\P{Cc}]{10,500}$/u);
  return error.message;
}

/** What `action` throws; nothing is a failure of the test. */
export function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (thrown) {
    return thrown;
  }
  return expect.fail("nothing was thrown");
}
