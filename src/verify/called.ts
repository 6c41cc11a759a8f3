import type { Problem } from "../core/problem.ts";

/** A prepared call: what is called, and where it reads and writes. */
export interface Called {
  /** Its inputs are the arrays that the kernel reads. */
  readonly problem: Problem;
  /** The array that was found after prepare. */
  readonly output: Float32Array;
  run(): unknown;
}
