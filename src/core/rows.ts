import type { Shape } from "./shape.ts";

/** One row of an output. */
export interface RowPlace {
  /** The tensor that it is of, where a call gives several (`outputs.ts`); the first if omitted. */
  readonly tensor?: string;
  readonly batch: number;
  readonly head: number;
  readonly row: number;
}

/** Every row of a shape. */
export function everyRow({ batch, heads, queries }: Shape): RowPlace[] {
  return Array.from({ length: batch * heads * queries }, (_, index) => ({
    batch: Math.floor(index / (heads * queries)),
    head: Math.floor(index / queries) % heads,
    row: index % queries,
  }));
}
