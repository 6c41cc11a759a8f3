import type { Shape } from "../../src/core/shape.ts";
import type { RowPlace } from "../../src/measure/gate-rows.ts";

/** Every row of a shape, where the gate itself takes a sample of long ones. */
export function everyRow({ batch, heads, length }: Shape): RowPlace[] {
  return Array.from({ length: batch * heads * length }, (_, index) => ({
    batch: Math.floor(index / (heads * length)),
    head: Math.floor(index / length) % heads,
    row: index % length,
  }));
}
