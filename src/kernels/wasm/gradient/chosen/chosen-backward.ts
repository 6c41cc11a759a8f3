import type { Problem } from "../../../../core/problem.ts";
import type { Shape } from "../../../../core/shape.ts";
import type { AttentionInputs } from "../../../../core/tensors.ts";
import type { Means } from "../../means.ts";
import type { SumCosts } from "../segments.ts";
import type { HeadPlaces } from "./tile-call.ts";

/** What a backward pass over chosen keys is prepared for, rule by rule. */
export interface ChosenTask extends Pick<Problem, "causal" | "threads"> {
  readonly shape: Shape;
  readonly scale: number;
  readonly costs: SumCosts;
  /** The tensors that are read, in one arena. */
  readonly tensors: { readonly inputs: AttentionInputs; readonly dout: Float32Array };
  readonly left: {
    /** What was chosen, of all heads. */
    readonly choice: Int32Array;
  };
  readonly means: Pick<Means, "build" | "pool">;
}

/** What NSA's softmaxes leave, see `LeftOfSelection`. */
export interface BranchesLeft {
  readonly sums: Float32Array;
  readonly outs: Float32Array;
}

/** The backward pass of one head after the other. */
export interface ChosenBackward {
  /** Before the first head: operations are counted from 0 on. */
  begin(): void;
  /** Of one head among all. */
  run(slice: number, at: HeadPlaces): void;
  /** After the last head. */
  end?(): void;
  /** Operations, and numbers that were read and written. */
  flops(): number;
  floats(): number;
  readonly workspaceBytes: number;
  dispose(): void;
}
