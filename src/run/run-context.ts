import type { InputSource } from "../core/tensors.ts";
import type { Variant } from "../core/variant.ts";
import type { Kernel } from "../kernels/kernel.ts";
import type { Kinds } from "../mechanisms/kinds.ts";
import type { CaseLine } from "../record/schema/result-lines.ts";
import type { SpeedLimit } from "../verify/speed-limit.ts";

/** An input besides the plan's own, as it was named. */
export interface OnInput {
  readonly input: string;
  readonly source: InputSource;
}

/** What a run needs besides its plan. */
export interface RunContext {
  readonly kinds: Kinds;
  readonly variants: readonly Variant[];
  readonly kernels: readonly Kernel[];
  readonly source: InputSource;
  /** The plan's workloads; none if omitted. */
  readonly workloads?: readonly OnInput[];
  /** What an interrupted run already wrote; empty for a new one. */
  readonly already: AlreadyDone;
  /** Memory of the machine. */
  readonly memoryBytes: number;
  /** What no thread of its processor exceeds; looked up if omitted. */
  readonly speedLimit?: SpeedLimit;
  /** Seconds that an awaited kernel may take to answer; two minutes if omitted. */
  readonly patience_s?: number;
  /** Seconds from any fixed point. */
  now(): number;
  readonly signal: AbortSignal;
  observe(progress: Progress): void;
}

export interface AlreadyDone {
  readonly outcomes: ReadonlyMap<string, CaseLine["outcome"]>;
  /** What was written about those cases, which they must match; omitted if unknown. */
  readonly lines?: ReadonlyMap<string, CaseLine>;
  /** `roundKey` of every round. */
  readonly rounds: ReadonlySet<string>;
  /** Seconds of calls by case. */
  readonly spent: ReadonlyMap<string, number>;
  /** Seconds that earlier sessions took, as far as their rounds show. */
  readonly elapsed: number;
}

/** How far a run has got. */
export interface Progress {
  readonly phase: "check" | "measure";
  readonly case: string;
  readonly done: number;
  readonly total: number;
  readonly secondsLeft: number;
}

/** Names a round of a case. */
export function roundKey(line: { case: string; round: number }): string {
  return `${line.round} ${line.case}`;
}
