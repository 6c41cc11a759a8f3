import { leastSample } from "../../platform/clock-step.ts";
import { Arena } from "./arena.ts";
import type { Build } from "./build.ts";
import { BURST_INNER, PANEL_QUERIES, QUERY_ROW, SCORE_ROW } from "./layout.ts";

/** Calls of the micro-kernel in a burst: about 50 µs. */
export const BURST_CALLS = 500;

/** Floating-point operations of one burst. */
export function burstFlops({ panelKeys }: Build): number {
  return BURST_CALLS * 2 * PANEL_QUERIES * panelKeys * BURST_INNER;
}

/** Bytes that a burst works on. */
export function burstBytes({ panelKeys }: Build): number {
  return PANEL_QUERIES * QUERY_ROW + BURST_INNER * panelKeys * 4 + PANEL_QUERIES * SCORE_ROW;
}

/** The least and the most time for trying a build's micro-kernel. */
const LEAST_S = 0.015;
const MOST_S = 0.2;
/** Optimised code is faster than what runs first by more than this; on a busy machine it comes late. */
const OPTIMISED = 1.7;

/** Rates by build. V8 keeps the code of a module for the whole process, so its rate may be kept as well. */
const known = new Map<string, number>();

/**
 * Floating-point operations a second of a build's micro-kernel on this thread, at its best after it was
 * optimised.
 */
export function microKernelRate(build: Build): number {
  const rate = known.get(build.details) ?? measuredRate(build);
  known.set(build.details, rate);
  return rate;
}

function measuredRate(build: Build): number {
  const arena = new Arena();
  const scratch = arena.reserve(burstBytes(build)).start;
  const { runBurst } = arena.instance(build);
  let first = 0;
  let fastest = Number.POSITIVE_INFINITY;
  let settled = Number.POSITIVE_INFINITY;
  let bursts = 1;
  const begun = performance.now();
  for (
    let now = begun;
    now < Math.min(settled, begun + MOST_S * 1000) || fastest === Number.POSITIVE_INFINITY;
  ) {
    runBurst(BURST_CALLS, scratch, 0, bursts);
    const all = performance.now() - now;
    now += all;
    // A coarse clock tells nothing of one burst.
    if (all < 1000 * leastSample()) {
      bursts *= 2;
      continue;
    }
    const taken = all / bursts;
    if (first === 0) first = taken;
    fastest = Math.min(fastest, taken);
    if (settled === Number.POSITIVE_INFINITY && taken * OPTIMISED < first) settled = now + LEAST_S * 1000;
  }
  return (burstFlops(build) / fastest) * 1000;
}
