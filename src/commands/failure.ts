import { inspect } from "node:util";
import { FailureError, messageOf, UsageError } from "../core/errors.ts";
import { whyNotWritten } from "../files/replace-file.ts";
import { EXIT, type ExitCode } from "./io.ts";

/** What the user is told: the message alone; with `--debug` the stack, and that of what caused it. */
export function failureMessage(thrown: unknown, debug: boolean): string {
  if (debug) return inspect(thrown);
  if (thrown instanceof UsageError || thrown instanceof FailureError)
    return `attnbench: ${messageOf(thrown)}`;
  return `attnbench: internal error, ${messageOf(thrown)}; run it again with --debug and report what it prints`;
}

/** The error of an output that takes no more, such as standard output sent to a file on a full disk. */
export function outputError(thrown: unknown): FailureError {
  return new FailureError(`output: cannot be written, ${whyNotWritten(thrown)}; send it elsewhere`);
}

export function exitCodeOf(thrown: unknown): ExitCode {
  return thrown instanceof UsageError ? EXIT.usage : EXIT.failed;
}
