import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";

/** The variable by which a program, and whatever it starts, is known: it is handed on with the environment. */
export const MARK = "ATTNBENCH_PROGRAM";

/**
 * Ends a program at once, with its group and, on Linux, with all processes that have its mark: one that has left the group is
 * still its own.
 */
export function endProcesses(pid: number, mark: string): void {
  end(process.platform === "win32" ? pid : -pid);
  for (const marked of markedProcesses(mark)) end(marked);
}

function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it has ended by itself
  }
}

function markedProcesses(mark: string): readonly number[] {
  const wanted = `${MARK}=${mark}`;
  return processes().filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(wanted);
    } catch {
      return false; // it has ended, or is another user's
    }
  });
}

function processes(): readonly number[] {
  try {
    return readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
  } catch {
    return []; // not Linux
  }
}
