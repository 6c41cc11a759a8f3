import { type Assembler, zmm } from "../assembler/index.ts";
import { LANES } from "./transpose.ts";

/**
 * Sums the lanes of vectors 0 to 15: lane i of vector 0 becomes the sum of vector i. Halves of pairs are added, as a
 * transpose would bring them side by side, so that there are 30 shuffles in the place of 64. Vectors 16 and 17 are used.
 */
export function foldLanes(a: Assembler): void {
  const vectors = Array.from({ length: LANES }, (_, index) => zmm(index));
  const [low, high] = [zmm(16), zmm(17)];
  const pair = (distance: number, bring: (one: number, other: number) => void): void => {
    for (let one = 0; one < LANES; one += 2 * distance) {
      bring(one, one + distance);
      a.vaddps(vectors[one], low, high);
    }
  };
  pair(1, (one, other) => {
    a.vunpcklps(low, vectors[one], vectors[other]);
    a.vunpckhps(high, vectors[one], vectors[other]);
  });
  pair(2, (one, other) => {
    a.vunpcklpd(low, vectors[one], vectors[other]);
    a.vunpckhpd(high, vectors[one], vectors[other]);
  });
  for (const distance of [4, 8]) {
    pair(distance, (one, other) => {
      a.vshuff32x4(low, vectors[one], vectors[other], 0x88);
      a.vshuff32x4(high, vectors[one], vectors[other], 0xdd);
    });
  }
}
