import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { FailureError, messageOf, printable } from "../../core/errors.ts";
import { GIT_WORDS, gitOptions } from "./git.ts";
import type { Step } from "./journal.ts";

/** What is heard of a bisection under way. */
export interface Heard {
  /** A commit was tested, or was known from before. */
  step(step: Step): void;
  /** How many commits are left, about. */
  left(commits: number): void;
}

/**
 * Runs words in a checkout and hears what they tell, until they end; asks them to end once the signal is aborted. They never
 * outlive this process for long: their standard input closes with it. Returns their exit code. Throws what stopped a step.
 */
export async function drive(
  words: readonly string[],
  checkout: string,
  signal: AbortSignal,
  heard: Heard,
): Promise<number | null> {
  const [program = "", ...rest] = words;
  // In a group of their own, which a terminal's interrupt does not reach: they end in order, one after the other.
  const child = spawn(program, rest, {
    ...gitOptions(checkout),
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const { stdin, stdout, stderr } = child;
  stdin.on("error", () => {});
  const end = () => stdin.destroy();
  signal.addEventListener("abort", end, { once: true });
  let stopped: string | null = null;
  let said = "";
  createInterface({ input: stdout }).on("line", (line) => {
    const told = read(line);
    if (told?.type === "step") heard.step(told as Step);
    if (told?.type === "stopped") stopped = String(told.why);
    const [, commits] = /^Bisecting: (\d+) revisions? left/.exec(line) ?? [];
    if (commits !== undefined) heard.left(Number(commits));
  });
  createInterface({ input: stderr }).on("line", (line) => {
    if (line.trim() !== "") said = line;
  });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on("error", (error) =>
        reject(new FailureError(`bisect: cannot be started, ${messageOf(error)}`)),
      );
      child.on("close", resolve);
      if (signal.aborted) end();
    });
    if (stopped !== null && !signal.aborted) throw new FailureError(`bisect: ${printable(stopped, 500)}`);
    if (code === null && !signal.aborted)
      throw new FailureError(`bisect: was killed; ${printable(said, 200)}`);
    return code;
  } finally {
    signal.removeEventListener("abort", end);
  }
}

/** The words of `git bisect` with an argument. */
export function bisectWords(...words: readonly string[]): readonly string[] {
  return ["git", ...GIT_WORDS, "bisect", ...words];
}

function read(line: string): { readonly type?: unknown; readonly why?: unknown } | null {
  if (!line.startsWith("{")) return null;
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
