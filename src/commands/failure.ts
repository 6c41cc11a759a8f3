import process from "node:process";
import { inspect } from "node:util";
import { FailureError, messageOf, printable, UsageError } from "../core/errors.ts";
import { whyNotWritten } from "../files/replace-file.ts";
import { EXIT, type ExitCode } from "./io.ts";

/** What the user is told: the message alone; with `--debug` the stack, and that of what caused it. */
export function failureMessage(thrown: unknown, debug: boolean): string {
  if (debug) return inspect(thrown);
  if (thrown instanceof UsageError || thrown instanceof FailureError)
    return `attnbench: ${messageOf(thrown)}`;
  if (isLostFolder(thrown)) {
    return "attnbench: the working directory was removed; change to one that exists, and try again";
  }
  return `attnbench: internal error, ${messageOf(thrown)}; ${nodeOptionsAdvice()}run it again with --debug and report what it prints`;
}

/** Every path starts at the working directory, and looking it up fails if it is gone. */
function isLostFolder(thrown: unknown): boolean {
  return thrown instanceof Error && "syscall" in thrown && thrown.syscall === "uv_cwd";
}

/** Node's options may forbid what libraries do, such as compiling text: that is not a bug in attnbench. */
function nodeOptionsAdvice(): string {
  const options = process.env.NODE_OPTIONS?.trim() ?? "";
  return options === "" ? "" : `try it without NODE_OPTIONS=${printable(options, 200)}, or `;
}

/** The error for an output that accepts no more, such as standard output sent to a file on a full disk. */
export function outputError(thrown: unknown): FailureError {
  return new FailureError(`output: cannot be written, ${whyNotWritten(thrown)}; send it elsewhere`);
}

export function exitCodeOf(thrown: unknown): ExitCode {
  return thrown instanceof UsageError ? EXIT.usage : EXIT.failed;
}
