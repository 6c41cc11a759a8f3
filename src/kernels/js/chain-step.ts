import type { Place } from "./chain-matrices.ts";

/** A step that is ready to run. */
export interface ChainStep {
  /** Whether it runs for each head of q; otherwise once for those that share k and v. */
  readonly perHead: boolean;
  /** Operations of one run, whole tiles counted. */
  readonly flops: number;
  /** Numbers of inputs and output that one run reads and writes. */
  readonly floats: number;
  run(place: Place): void;
}
