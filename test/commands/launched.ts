import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { join } from "node:path";
import process from "node:process";

export const launcher = join(import.meta.dirname, "../../src/launch.js");

export interface Launched {
  readonly child: ChildProcessWithoutNullStreams;
  /** What it printed, and how it ended: a code, or the signal that ended it. */
  readonly ended: Promise<{ code: number | null; signal: string | null; stdout: string; stderr: string }>;
}

/** Starts the launcher in a process of its own, with the Node that runs the tests or another one. */
export function launch(words: readonly string[], cwd: string, node: string = process.execPath): Launched {
  const child = spawn(node, [launcher, ...words], { cwd });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    stderr += text;
  });
  const ended = new Promise<Awaited<Launched["ended"]>>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { child, ended };
}
