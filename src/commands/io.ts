import type { Writable } from "node:stream";
import { WORK_EXIT } from "../sweep/work-exit.ts";

/** What a command may touch of the process it runs in. */
export interface Io {
  /** Results: what a pipe gets. */
  readonly out: Writable;
  /** Progress, warnings and errors. */
  readonly err: Writable;
  /** Whether `err` is a terminal in which a line can be drawn again. */
  readonly redraws?: boolean;
  /** Columns of the terminal, or of a page if there is none. */
  readonly columns: number;
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
  /** Seconds from any fixed point. */
  now(): number;
  /** The wall clock. */
  today(): Date;
}

/** Exit codes. `inconclusive` and `regressed` are those of comparisons, `again` is that of a shard that is to be gone on with. */
export const EXIT = {
  fine: 0,
  failed: 1,
  usage: 2,
  inconclusive: 3,
  regressed: 4,
  again: WORK_EXIT.again,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export function print({ out }: Io, ...lines: readonly string[]): void {
  out.write(`${lines.join("\n")}\n`);
}

export function note({ err }: Io, ...lines: readonly string[]): void {
  err.write(`${lines.join("\n")}\n`);
}
