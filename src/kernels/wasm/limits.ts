import { fastest } from "../fastest.ts";
import type { Ceiling, MachineLimits } from "../kernel.ts";
import { Arena } from "./arena.ts";
import type { Build } from "./build.ts";
import type { Chosen } from "./choose-build.ts";
import { TANH_BURST, TANH_WORDS } from "./layout.ts";
import { BURST_CALLS, burstBytes, burstFlops } from "./micro-kernel-rate.ts";
import { ThreadPool } from "./threads/pool.ts";

/** Seconds for the ceiling of one build. */
const CEILING_S = 0.06;
/**
 * Bursts that threads divide between two readings of the clock: about 10 ms each, so that a thread that wakes
 * late counts.
 */
const BURSTS_A_THREAD = 200;
/** Seconds for the rate of tanh. */
const TANH_S = 0.06;
/** Seconds for one measurement of the bandwidth. */
const READING_S = 0.06;

/** What the machine can do at its best, as far as this family can measure. */
export function machineLimits({ build, available }: Chosen): MachineLimits {
  return {
    ceilings(threads) {
      const pool = threads > 1 ? new ThreadPool() : null;
      try {
        const measured = available.map((one) => {
          return { build: one.name, threads, flopsPerSecond: ceilingOf(one, threads, pool) };
        });
        return measured.sort((a: Ceiling, b: Ceiling) => b.flopsPerSecond - a.flopsPerSecond);
      } catch {
        return []; // threads do not start: the first call on them will say so
      } finally {
        pool?.end();
      }
    },
    readBandwidth: (bytes) => readBandwidth(build, bytes),
    tanhRate: () => tanhRate(build),
  };
}

/** The micro-kernel on several threads at once, at its best. */
function ceilingOf(build: Build, threads: number, pool: ThreadPool | null): number {
  const arena = new Arena();
  const lanes = Array.from({ length: threads }, () => arena.reserve(burstBytes(build)).start);
  const items = threads * BURSTS_A_THREAD;
  const job = { runner: "runBurst", call: BURST_CALLS, lanes, from: 0, to: items, itemBytes: 1 } as const;
  const { runBurst } = arena.instance(build);
  const crew = pool?.open(arena, build, threads) ?? null;
  const seconds = fastest(CEILING_S, () => {
    if (crew !== null) crew.run(job);
    else runBurst(BURST_CALLS, lanes[0], 0, items);
  });
  return (items * burstFlops(build)) / seconds;
}

/** Calls of a burst of tanh: about 50 µs. */
const TANH_CALLS = 500;

/** tanh per second on this thread, of numbers in the nearest cache. */
function tanhRate(build: Build): number {
  const arena = new Arena();
  const { start } = arena.reserve((TANH_WORDS + 2 * TANH_BURST) * 4);
  arena.floats(start, TANH_WORDS + 2 * TANH_BURST).fill(0.5);
  const { runTanhBurst } = arena.instance(build);
  const seconds = fastest(TANH_S, () => runTanhBurst(TANH_CALLS, start, 0, 1));
  return (TANH_CALLS * TANH_BURST) / seconds;
}

/** Bytes per second that this thread reads, over and over, from `bytes` bytes. */
function readBandwidth(build: Build, bytes: number): number | null {
  const count = Math.floor(bytes / 128) * 32;
  if (!(count > 0)) return null;
  const arena = new Arena();
  const sums = arena.reserve(128).start;
  let start: number;
  try {
    ({ start } = arena.reserve(count * 4));
  } catch {
    return null; // there is not so much memory
  }
  // Pages never written may all be the same page.
  arena.floats(start, count).fill(1);
  const { sumFloats } = arena.instance(build);
  const passes = Math.ceil(2 ** 20 / bytes);
  const seconds = fastest(READING_S, () => {
    for (let pass = 0; pass < passes; pass++) sumFloats(start, count, sums);
  });
  return (passes * count * 4) / seconds;
}
