import { isReduced } from "../core/dtype.ts";
import { cpuFeatures } from "../machine/cpu-features.ts";
import type { LeastWork } from "../mechanisms/kind.ts";
import { inSteps } from "../platform/clock-step.ts";
import { platform } from "../platform/here.ts";
import { formatFlops, formatSeconds } from "../text/format.ts";

/** More than one thread of this kind of processor can do with any code. */
export interface SpeedLimit {
  readonly flopsPerSecond: number;
  readonly bytesPerSecond: number;
}

/** No processor's clock is faster. */
const MOST_HZ = 6.5e9;
/**
 * Operations in single precision that a thread finishes in a cycle: two fused multiply-adds of 16 lanes with
 * AVX-512, of 8 without; elsewhere a matrix unit of 16 × 16, which ARM processors may have.
 */
const FLOPS_A_CYCLE = { wide: 64, narrow: 32, other: 512 } as const;
/** In half precision any processor may have a matrix unit; AMX does 1024 (Intel 2023, Optimization Reference Manual, ch. 20). */
const HALF_FLOPS_A_CYCLE = 2048;
/**
 * Bytes that it reads from its nearest cache in a cycle: two loads of 64 bytes; as many as a matrix unit may
 * take.
 */
const BYTES_A_CYCLE = { x86: 128, other: 512 } as const;

/**
 * A limit that nothing honest exceeds, however badly the machine's ceiling was measured and whatever
 * instructions a kernel uses: a fault, whereas the ceiling is a hint. `features` as results record them.
 */
export function speedLimit(features: Readonly<Record<string, boolean>> | null): SpeedLimit {
  const x86 = features !== null;
  const flops = !x86 ? FLOPS_A_CYCLE.other : FLOPS_A_CYCLE[features.avx512f === false ? "narrow" : "wide"];
  return {
    flopsPerSecond: MOST_HZ * flops,
    bytesPerSecond: MOST_HZ * (x86 ? BYTES_A_CYCLE.x86 : BYTES_A_CYCLE.other),
  };
}

/** That of this machine. */
export function thisSpeedLimit(): SpeedLimit {
  // Without Linux the limit of any processor is taken for this one's.
  return speedLimit(cpuFeatures(platform.readSystemFile("/proc/cpuinfo")));
}

/** How far off a clock may be at each end of a timed interval. */
const CLOCK_S = inSteps(1e-6, 1);

/**
 * What is wrong with the time of a number of calls, or null. `seconds` are of one call. A call faster than
 * any processor can do its least work did not do it.
 */
export function tooFast(
  { flops, bytes, dtype }: LeastWork,
  { seconds, calls, threads }: { readonly seconds: number; readonly calls: number; readonly threads: number },
  limit: SpeedLimit,
): string | null {
  const rate = isReduced(dtype) ? MOST_HZ * HALF_FLOPS_A_CYCLE : limit.flopsPerSecond;
  const least = Math.max(flops / rate, bytes / limit.bytesPerSecond) / threads;
  if (!(seconds * calls + CLOCK_S < least * calls)) return null;
  const where = threads === 1 ? "1 thread" : `${threads} threads`;
  return `a call of ${formatFlops(flops)} must take at least ${formatSeconds(least)} on ${where} of any processor of this kind, got ${formatSeconds(seconds)}; its timed calls skip work`;
}
