import { readFileSync } from "node:fs";
import process from "node:process";

/**
 * Whether a process runs. On Linux one that has ended, of which its parent has not taken note, does not, though the system
 * still knows its id: in a container it may stay so for good.
 */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (thrown) {
    // It runs, and is another user's.
    return thrown instanceof Error && "code" in thrown && thrown.code === "EPERM";
  }
  const state = statOf(pid)?.[0];
  return state !== "Z" && state !== "X";
}

/** When a process began, in the system's ticks since it booted; null where the system does not tell. */
export function beganOf(pid: number): string | null {
  return statOf(pid)?.[19] ?? null;
}

/** Linux: what the system tells of a process, from its state on. */
function statOf(pid: number): readonly string[] | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name of the program, in parentheses, may hold anything.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return null;
  }
}
