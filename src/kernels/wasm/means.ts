import type { Build } from "./build.ts";
import type { ThreadPool } from "./threads/pool.ts";

/** What a kernel of this family is prepared with, besides its problem. */
export interface Means {
  readonly build: Build;
  /** Where the harness wants the output, `[batch, heads, length, headDim]`. */
  readonly output: Float32Array;
  /** The threads; null if one is enough. */
  readonly pool: ThreadPool | null;
}
