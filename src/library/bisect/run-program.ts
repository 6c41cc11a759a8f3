import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { FailureError, printable } from "../../core/errors.ts";
import { whyNotWritten } from "../../files/replace-file.ts";

/** What a program is run with. */
export interface Run {
  /** The program and its arguments, which no shell reads. */
  readonly words: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Files to which its output, and what it says besides, are appended. */
  readonly out: string;
  readonly err: string;
  /** Asks it to end, which it may do in its own time. */
  readonly signal: AbortSignal;
}

/** Its exit code; null if it was killed, or could not be started, which `err` then tells. */
export async function runProgram({ words, cwd, env, out, err, signal }: Run): Promise<number | null> {
  const [program = "", ...rest] = words;
  const files = [out, err].map((path) => openFile(path));
  try {
    const child = spawn(program, rest, { cwd, env, stdio: ["ignore", ...files] });
    const end = () => void child.kill("SIGINT");
    signal.addEventListener("abort", end, { once: true });
    try {
      return await new Promise((resolve, reject) => {
        child.on("error", (error) => reject(notStarted(program, error)));
        child.on("close", (code) => resolve(code));
        if (signal.aborted) end();
      });
    } finally {
      signal.removeEventListener("abort", end);
    }
  } finally {
    for (const file of files) closeSync(file);
  }
}

function openFile(path: string): number {
  try {
    return openSync(path, "a");
  } catch (thrown) {
    throw new FailureError(`${printable(path)}: cannot be written, ${whyNotWritten(thrown, path)}`);
  }
}

function notStarted(program: string, { code }: NodeJS.ErrnoException): FailureError {
  const why = code === "ENOENT" ? "there is none on PATH" : `${code ?? "unknown"}`;
  return new FailureError(`${printable(program, 100)}: cannot be started, ${why}`);
}
