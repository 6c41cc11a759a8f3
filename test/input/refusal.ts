import { expect } from "vitest";
import { FailureError, UsageError } from "../../src/core/errors.ts";

/** The message with which `action` is refused: it must throw one of the project's two errors, in one line. */
export function refusal(action: () => unknown): string {
  return lineOf(thrownBy(action));
}

/** The same of what is waited for. */
export async function refusalOf(action: () => Promise<unknown>): Promise<string> {
  return lineOf(await thrownIn(action));
}

function lineOf(error: unknown): string {
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

/** What a promise of `action` is rejected with. */
export async function thrownIn(action: () => Promise<unknown>): Promise<unknown> {
  try {
    await action();
  } catch (thrown) {
    return thrown;
  }
  return expect.fail("nothing was thrown");
}
