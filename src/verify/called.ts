import type { JudgedProblem } from "../mechanisms/judged.ts";

/** A prepared call: what is called, and where it reads and writes. */
export interface Called {
  /** Its inputs are the arrays that the kernel reads. */
  readonly problem: JudgedProblem;
  /** The array that was found after prepare. */
  readonly output: Float32Array;
  run(): unknown;
}
