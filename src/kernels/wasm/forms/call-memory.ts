import type { Arena } from "../arena.ts";

/** The memory of a call, and the addresses of places that were planned in it. */
export interface CallMemory {
  readonly arena: Arena;
  place(planned: number): number;
}
