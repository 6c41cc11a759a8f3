import { freemem } from "node:os";
import { availableMemory } from "node:process";
import { packageRoot } from "../../files/package-root.ts";
import type { Kernel } from "../../kernels/kernel.ts";
import { measureDevices } from "../../machine/devices.ts";
import { readEnvironment } from "../../machine/environment.ts";
import {
  measureCeilings,
  measureReads,
  measureTanh,
  type ReadRate,
  recordedLimits,
} from "../../machine/limits.ts";
import { disturbances, machineState } from "../../machine/state.ts";
import { workingSets } from "../../machine/working-sets.ts";
import type { Environment } from "../../record/schema/result-lines.ts";

/** What `doctor` finds out: plain JSON. */
export interface MachineFacts {
  /** As a run records it. */
  readonly environment: Environment;
  readonly kernels: readonly KernelFacts[];
  /** Thread counts for which ceilings were measured, rising. */
  readonly threads: readonly number[];
  readonly reads: readonly ReadRate[];
  /** tanh per second on one thread; null if no kernel here can measure it. */
  readonly tanh_per_s: number | null;
  /** Bytes that this process may still take; null if unknown. */
  readonly available_memory_bytes: number | null;
  /** What other programs took of the processor while one thread was measured, and devices that could not be measured. */
  readonly disturbances: readonly string[];
}

interface KernelFacts {
  readonly id: string;
  readonly title: string;
  /** Its build, for kernels that have several. */
  readonly details: string | null;
  /** Why it cannot even run full attention, for kernels that measure the machine; otherwise null. */
  readonly unavailable: string | null;
  /** Whether that is what this machine is: it is written for others. */
  readonly unsuited: boolean;
  /** Whether it runs only where it is named, so that nobody misses it who does not. */
  readonly on_demand: boolean;
}

/** Measures the machine on one thread, and on as many as are listed. `now` gives seconds. */
export async function machineFacts(
  kernels: readonly Kernel[],
  threads: readonly number[],
  now: () => number,
): Promise<MachineFacts> {
  const environment = readEnvironment(packageRoot(), kernels);
  const available = memoryLeft();
  const [before, start] = [machineState(), now()];
  const alone = measureCeilings(kernels, [1]);
  const reads = measureReads(kernels, workingSets(environment.caches, available ?? environment.memory_bytes));
  const tanh = measureTanh(kernels);
  const disturbed = disturbances(before, machineState(), now() - start);
  const more = threads.filter((count) => count > 1);
  const ceilings = [...alone, ...measureCeilings(kernels, more)];
  const unmeasured: string[] = [];
  // After the processors: a device in software takes them.
  const devices = await measureDevices(kernels, (line) => unmeasured.push(line));
  return {
    environment: { ...environment, ...recordedLimits(ceilings, reads), ...devices },
    kernels: kernels.map(kernelFacts),
    threads: [1, ...more],
    reads,
    tanh_per_s: tanh,
    available_memory_bytes: available,
    disturbances: [...disturbed, ...unmeasured],
  };
}

/** Null if the system does not report it, which Node expresses as zero. */
function memoryLeft(): number | null {
  return [availableMemory(), freemem()].find((bytes) => bytes > 0) ?? null;
}

/** 2, 4, 8 … and all cores. */
export function usualThreads(cores: number): readonly number[] {
  const threads: number[] = [];
  for (let count = 2; count < cores; count *= 2) threads.push(count);
  return cores > 1 ? [...threads, cores] : threads;
}

function kernelFacts({ id, title, details, unavailable, unsuited, onDemand }: Kernel): KernelFacts {
  return {
    id,
    title,
    details: details?.() ?? null,
    unavailable: unavailable?.() ?? null,
    unsuited: unsuited?.() ?? false,
    on_demand: onDemand ?? false,
  };
}
