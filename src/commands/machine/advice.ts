import { CLOCK_STEPS } from "../../core/clock-steps.ts";
import { printable } from "../../core/errors.ts";
import { limitAdvice } from "../../kernels/address-space.ts";
import { ceilingText } from "../../report/machine-description.ts";
import { machineWarnings } from "../../report/machine-warnings.ts";
import { threadsWarning } from "../../report/warnings.ts";
import { countText } from "../../text/count-text.ts";
import { formatBytes, formatSeconds } from "../../text/format.ts";
import { BATCH_S } from "../../timing/slot.ts";
import type { MachineFacts } from "./facts.ts";

/**
 * What would spoil measurements on this machine, and what to do about it: one line each, none if nothing
 * would.
 */
export function machineAdvice(facts: MachineFacts): readonly string[] {
  return [
    ...machineWarnings(facts.environment),
    ...facts.disturbances,
    ...clockAdvice(facts),
    ...memoryAdvice(facts),
    ...threadAdvice(facts),
    ...unstartedAdvice(facts),
    ...kernelAdvice(facts),
    ...widthAdvice(facts),
    ...sharedCoreAdvice(facts),
  ];
}

function clockAdvice({ environment: { timer_resolution_s: step } }: MachineFacts): readonly string[] {
  // No step seen at all is recorded as 0: such a clock is coarser than any.
  if (step > 0 && step * CLOCK_STEPS <= BATCH_S) return [];
  const seen = step > 0 ? `a clock that steps by ${formatSeconds(step)}` : "a clock that does not move";
  return [`${seen}, too coarse for short calls: measure longer sequences or more heads`];
}

/** Less leaves no room for q, k, v and out of a long sequence in addition to the reference. */
const LEAST_MEMORY = 1024 ** 3;

function memoryAdvice({ available_memory_bytes: free }: MachineFacts): readonly string[] {
  if (free === null || free >= LEAST_MEMORY) return [];
  return [`little memory, ${formatBytes(free)} left: close other programs, or measure shorter sequences`];
}

function threadAdvice({ threads, environment: { cores } }: MachineFacts): readonly string[] {
  const most = Math.max(...threads);
  if (most <= cores) return [];
  return [threadsWarning(most, cores)];
}

function unstartedAdvice({ threads, environment: { ceilings = [] } }: MachineFacts): readonly string[] {
  const why = limitAdvice();
  if (why === "" || ceilings.length === 0) return [];
  return threads
    .filter((count) => !ceilings.some((one) => one.threads === count))
    .map((count) => `${countText(count, "thread")} that did not start${why}`);
}

function kernelAdvice({ kernels }: MachineFacts): readonly string[] {
  return kernels.flatMap(({ id, unavailable, unsuited, on_demand: onDemand }) =>
    unavailable === null || unsuited || onDemand ? [] : [`no kernel ${id}: ${printable(unavailable, 500)}`],
  );
}

/** A build of twice the width must gain this much, or the engine did not widen it. */
const LEAST_GAIN = 1.1;

function widthAdvice({ environment: { cpu_features: features, ceilings = [] } }: MachineFacts) {
  if (features?.avx2 === false) {
    return ["a processor without avx2, which halves what kernels reach: compare it only with its like"];
  }
  const rate = (build: string): number | undefined =>
    ceilings.find((one) => one.threads === 1 && one.build === build)?.flops_per_s;
  const [wide, relaxed] = [rate("wide"), rate("relaxed")];
  if (wide === undefined || relaxed === undefined || wide >= LEAST_GAIN * relaxed) return [];
  return [
    `a wide build that is no faster than relaxed, ${ceilingText(wide)} against ${ceilingText(relaxed)}: ` +
      "run the Node that the lockfile pins, at a quiet time",
  ];
}

/** Threads on cores of their own reach at least this share of as many times the rate of one. */
const LEAST_SHARE = 0.6;

function sharedCoreAdvice({ environment: { ceilings = [], cores } }: MachineFacts): readonly string[] {
  const best = (threads: number): number =>
    Math.max(0, ...ceilings.filter((one) => one.threads === threads).map((one) => one.flops_per_s));
  return [...new Set(ceilings.map(({ threads }) => threads))]
    .filter((threads) => threads <= cores && best(threads) < LEAST_SHARE * threads * best(1))
    .map(
      (threads) =>
        `${threads} threads that reach ${(best(threads) / best(1)).toFixed(1)} times what one does: other programs use the cores, or they are not whole cores; measure on fewer threads`,
    );
}
