import type { Simd } from "../kernels/index.ts";
import type { BlockLine, BlocksPlan } from "../record/schema/block-lines.ts";
import type { PlannedCase } from "../record/schema/result-lines.ts";
import type { BlockTask } from "./block/block-task.ts";
import type { GateLog, InnerLine } from "./gate-log.ts";

/** What a gate needs besides its plan. */
export interface GateContext {
  readonly places: BlockTask["places"];
  readonly simd: Simd;
  /** What earlier sessions wrote; empty for a new gate. */
  readonly already: readonly InnerLine[];
  /** Given what stage 1 of a run measured: the cells that stage 2 decides, and in how many blocks. */
  chooseStage2(
    blocks: readonly BlockLine[],
    cells: readonly string[],
    secondsLeft: number | null,
  ): { readonly cells: readonly string[]; readonly blocks: number };
  /**
   * Told once every cell is checked, and before any is timed: may refuse, such as a budget that is too small.
   */
  checked(log: GateLog, cells: readonly PlannedCase[]): void;
  /** Seconds from any fixed point. */
  now(): number;
  readonly signal: AbortSignal;
  observe(progress: GateProgress): void;
}

/** How far a gate has got. */
export interface GateProgress {
  readonly phase: "check" | "stage 1" | "stage 2";
  readonly run: number;
  readonly done: number;
  readonly total: number;
  readonly cell: string;
}

/** A gate under way: what its parts share. */
export interface OpenGate {
  readonly plan: BlocksPlan;
  readonly context: GateContext;
  readonly log: GateLog;
  /** Seconds since it began, in all sessions. */
  elapsed(): number;
}

/**
 * Seconds of silence after which a process is abandoned, and calls that each of its cells may take in
 * addition.
 */
const PATIENCE = { seconds: 60, calls: 200 } as const;

/** How long a process may stay silent, if one call takes at most the given seconds. */
export function patienceFor(callSeconds: number): number {
  return PATIENCE.seconds + PATIENCE.calls * callSeconds;
}
