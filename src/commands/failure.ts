import { FailureError, messageOf, UsageError } from "../core/errors.ts";
import { EXIT, type ExitCode } from "./io.ts";

/** What the user is told: the message alone; with `--debug` the stack. */
export function failureMessage(thrown: unknown, debug: boolean): string {
  if (debug && thrown instanceof Error) return thrown.stack ?? thrown.message;
  if (thrown instanceof UsageError || thrown instanceof FailureError)
    return `attnbench: ${messageOf(thrown)}`;
  return `attnbench: internal error, ${messageOf(thrown)}; run it again with --debug and report what it prints`;
}

export function exitCodeOf(thrown: unknown): ExitCode {
  return thrown instanceof UsageError ? EXIT.usage : EXIT.failed;
}
