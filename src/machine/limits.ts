import { cacheBytes } from "../core/shape.ts";
import type { Kernel } from "../kernels/kernel.ts";
import { platform } from "../platform/here.ts";
import { inputShapeOf, operationOf } from "../record/schema/case-task.ts";
import { type Environment, MEMORY_LEVEL, type Plan } from "../record/schema/result-lines.ts";
import { setsOfBytes, type WorkingSet, workingSets } from "./working-sets.ts";

/** How fast one thread reads a working set; null if no kernel can measure it. */
export interface ReadRate extends WorkingSet {
  readonly bytes_per_s: number | null;
}

/**
 * The best rates of the machine for each of these thread counts, as results record them: of every build of
 * every kernel that can measure them.
 */
export function measureCeilings(
  kernels: readonly Kernel[],
  threads: readonly number[],
): NonNullable<Environment["ceilings"]> {
  return threads
    .flatMap((count) =>
      kernels.flatMap(({ id, limits }) =>
        (limits?.ceilings(count) ?? []).map(({ build, threads, flopsPerSecond }) => {
          return { build, kernel: id, threads, flops_per_s: flopsPerSecond };
        }),
      ),
    )
    .filter(({ flops_per_s }) => isRate(flops_per_s));
}

/** How fast one thread reads each working set, by the fastest kernel. */
export function measureReads(kernels: readonly Kernel[], sets: readonly WorkingSet[]): readonly ReadRate[] {
  return sets.map((set) => {
    const rates = kernels.map(({ limits }) => limits?.readBandwidth(set.bytes) ?? 0).filter(isRate);
    return { ...set, bytes_per_s: rates.length === 0 ? null : Math.max(...rates) };
  });
}

/** tanh per second on one thread, by the fastest kernel; null if none measures it. */
export function measureTanh(kernels: readonly Kernel[]): number | null {
  const rates = kernels.map(({ limits }) => limits?.tanhRate?.() ?? 0).filter(isRate);
  return rates.length === 0 ? null : Math.max(...rates);
}

/**
 * What a run records: ceilings for the thread counts of its cases, and the rate of memory; if it decodes,
 * also the rates of caches and of working sets as large as the states.
 */
export function limitsFor(
  { cases }: Plan,
  caches: Environment["caches"],
  kernels: readonly Kernel[],
): RecordedLimits {
  const supported = cases.filter(({ unsupported }) => unsupported === null);
  const threads = [...new Set(supported.map((one) => one.threads))];
  const free = platform.availableMemory();
  const sets = workingSets(caches, free);
  const decoded = supported.filter((one) => operationOf(one).keepsState);
  if (decoded.length === 0) {
    const memory = sets.filter(({ level }) => level === MEMORY_LEVEL);
    return recordedLimits(measureCeilings(kernels, threads), measureReads(kernels, memory));
  }
  const states = decoded.map((one) => cacheBytes(inputShapeOf(one)));
  const reads = measureReads(kernels, [...sets, ...setsOfBytes(states, caches, free)]);
  return { ...recordedLimits(measureCeilings(kernels, threads), reads), read_rates: [...reads] };
}

type RecordedLimits = Pick<Environment, "ceilings" | "read_bandwidth_bytes_per_s" | "read_rates">;

/** The same from what has been measured already. */
export function recordedLimits(
  ceilings: NonNullable<Environment["ceilings"]>,
  reads: readonly ReadRate[],
): RecordedLimits {
  const memory = reads.find(({ level }) => level === MEMORY_LEVEL);
  return { ceilings, read_bandwidth_bytes_per_s: memory?.bytes_per_s ?? null };
}

function isRate(rate: number): boolean {
  return rate > 0 && rate < Number.POSITIVE_INFINITY;
}
