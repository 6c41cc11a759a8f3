import type { Shape } from "./shape.ts";

/** One row of an output. */
export interface RowPlace {
  readonly batch: number;
  readonly head: number;
  readonly row: number;
}

/** Every row of a shape. */
export function everyRow({ batch, heads, length }: Shape): RowPlace[] {
  return Array.from({ length: batch * heads * length }, (_, index) => ({
    batch: Math.floor(index / (heads * length)),
    head: Math.floor(index / length) % heads,
    row: index % length,
  }));
}
