import { fastest } from "../../fastest.ts";
import type { Ceiling, MachineLimits } from "../../kernel.ts";
import { MemoryPlan, type Region } from "../call/memory.ts";
import { ffiOrThrow } from "../call/program.ts";
import { VECTOR } from "../code/transpose.ts";
import { openCrew } from "../threads/crew.ts";
import { BURST, BURST_FLOPS, LIMIT_PROGRAMS, PANEL_BYTES, READING, ROWS_BYTES } from "./programs.ts";

const [limits] = LIMIT_PROGRAMS;
const WORD = 8;

/** Entries that are timed, and what their rate is called. */
const BUILDS = [
  { entry: "registers", build: "native 512, registers" },
  { entry: "tile", build: "native 512" },
] as const;

/** Seconds for one rate. */
const RATE_S = 0.05;
/** Bursts that threads divide between two readings of the clock: about 10 ms each, so that a thread that wakes late counts. */
const BURSTS_A_THREAD = 400;

/** What registers, the nearest cache and memory reach, by code of the family. */
export const machineLimits: MachineLimits = { ceilings, readBandwidth };

function ceilings(threads: number): readonly Ceiling[] {
  const plan = new MemoryPlan();
  const queue = plan.reserve(2 * WORD);
  const lanes = Array.from({ length: threads }, () => ({
    lane: plan.reserve(BURST.bytes),
    rows: plan.reserve(ROWS_BYTES),
    panel: plan.reserve(PANEL_BYTES),
  }));
  plan.make(ffiOrThrow());
  const addresses = lanes.map(({ lane, rows, panel }) => {
    lane().words.set([queue().address, rows().address, panel().address]);
    return lane().address;
  });
  try {
    const measured = BUILDS.map(({ entry, build }) => {
      return { build, threads, flopsPerSecond: rateOf(entry, queue(), addresses) };
    });
    return measured.sort((a, b) => b.flopsPerSecond - a.flopsPerSecond);
  } catch {
    return []; // threads do not start: the first call on them will say so
  }
}

/** Operations per second of one entry on all lanes at once, at its best. */
function rateOf(entry: string, queue: Region, lanes: readonly bigint[]): number {
  const bursts = lanes.length * BURSTS_A_THREAD;
  const crew = openCrew(limits, entry, lanes.length);
  const seconds = fastest(RATE_S, () => {
    queue.words.set([0n, BigInt(bursts)]);
    crew.run(lanes);
  });
  crew.close();
  return (bursts * BURST_FLOPS) / seconds;
}

/** Bytes read between two readings of the clock, at least. */
const LEAST_READ = 2 ** 20;

function readBandwidth(bytes: number): number | null {
  const vectors = Math.floor(bytes / VECTOR);
  if (!(vectors > 0)) return null;
  const plan = new MemoryPlan();
  const [block, data] = [plan.reserve(READING.bytes), plan.reserve(vectors * VECTOR)];
  try {
    plan.make(ffiOrThrow());
  } catch {
    return null; // there is not so much memory
  }
  const { address, floats } = data();
  // Pages never written may all be the same page.
  floats.fill(1);
  block().words.set([address, BigInt(vectors)]);
  const read = limits.entry("read");
  const at = block().address;
  const passes = Math.ceil(LEAST_READ / (vectors * VECTOR));
  const seconds = fastest(RATE_S, () => {
    for (let pass = 0; pass < passes; pass++) read(at);
  });
  // The memory lives as long as its views.
  return (passes * floats.byteLength) / seconds;
}
