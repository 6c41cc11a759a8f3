import { Arena } from "./arena.ts";
import type { Build } from "./build.ts";
import { PANEL_QUERIES, QUERY_ROW, SCORE_ROW } from "./layout.ts";

/** Columns of the operands, as `assembly/limits.ts` has them. */
const INNER = 64;
/** Calls of the micro-kernel in a burst: some 50 µs. */
export const BURST_CALLS = 500;

/** Floating-point operations of one burst. */
export function burstFlops({ panelKeys }: Build): number {
  return BURST_CALLS * 2 * PANEL_QUERIES * panelKeys * INNER;
}

/** Bytes that a burst works on. */
export function burstBytes({ panelKeys }: Build): number {
  return PANEL_QUERIES * QUERY_ROW + INNER * panelKeys * 4 + PANEL_QUERIES * SCORE_ROW;
}

/** Floating-point operations a second of a build's micro-kernel on this thread, at its best within `seconds`. */
export function microKernelRate(build: Build, seconds: number): number {
  const arena = new Arena();
  const scratch = arena.reserve(burstBytes(build)).start;
  const { runBurst } = arena.instance(build);
  let fastest = Number.POSITIVE_INFINITY;
  const begun = performance.now();
  while (performance.now() - begun < seconds * 1000) {
    const start = performance.now();
    runBurst(BURST_CALLS, scratch, 0, 1);
    fastest = Math.min(fastest, performance.now() - start);
  }
  return (burstFlops(build) / fastest) * 1000;
}
