import { type Assembler, zmm } from "../assembler/index.ts";

/** Four sums side by side, in zmm0 to zmm3, so that one need not wait for the other. */
export function clearSums(a: Assembler): void {
  for (let sum = 0; sum < 4; sum++) a.vpxord(zmm(sum), zmm(sum), zmm(sum));
}

/** Their sum, in zmm0. */
export function joinSums(a: Assembler): void {
  a.vaddps(zmm(0), zmm(0), zmm(1));
  a.vaddps(zmm(2), zmm(2), zmm(3));
  a.vaddps(zmm(0), zmm(0), zmm(2));
}
