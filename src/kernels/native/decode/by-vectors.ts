import { type Assembler, type Gpr, number } from "../assembler/index.ts";
import { LANES } from "../code/transpose.ts";
import { MOST_CHANNELS } from "./layout.ts";

/**
 * Code for rows of every number of vectors, of which the one in a register runs: a row is read from its first vector
 * to its last, and each instruction comes back a row or two later. Processors fetch ahead what one instruction reads
 * in small even steps; with 8 rows or more between, reading from the second cache was a third slower.
 */
export function byVectors(a: Assembler, vectors: Gpr, body: (vectors: number) => void): void {
  const end = a.fresh("any_width");
  for (let count = MOST_CHANNELS / LANES; count > 1; count--) {
    const fewer = a.fresh("fewer_vectors");
    a.cmp(vectors, number(count));
    a.jumpIf("l", fewer);
    body(count);
    a.jump(end);
    a.label(fewer);
  }
  body(1);
  a.label(end);
}
