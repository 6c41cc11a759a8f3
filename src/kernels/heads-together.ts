import type { BoundPattern } from "../core/pattern.ts";
import type { Shape } from "../core/shape.ts";

/** The heads of q in groups of `readers` that read one head of k and v, the same keys of it; the first of each. */
export interface HeadsTogether {
  readonly firsts: readonly number[];
  readonly readers: number;
}

/** Heads are done together if all that share a head of k and v attend alike, and one by one otherwise. */
export function headsTogether(patterns: readonly BoundPattern[], { heads, kvHeads }: Shape): HeadsTogether {
  const group = heads / kvHeads;
  const alike = patterns.every((pattern, head) => pattern === patterns[head - (head % group)]);
  const readers = alike ? group : 1;
  return { firsts: Array.from({ length: heads / readers }, (_, index) => index * readers), readers };
}
