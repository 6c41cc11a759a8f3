import type { Program } from "../call/program.ts";

/** Threads that run the same entry at once, each with a block of its own, the lane. */
export interface Crew {
  /** Runs it, and returns once every thread has returned. `lanes` are the addresses of the lanes, of this thread first. */
  run(lanes: readonly bigint[]): void;
  close(): void;
}

/** A crew for an entry of a program. */
export function openCrew(program: Program, entry: string, threads: number): Crew {
  if (threads > 1) throw new TypeError("native: one thread so far");
  const run = program.entry(entry);
  return { run: ([lane]) => run(lane), close: () => {} };
}
