/** How much work a run of a probe does: workgroups, and how often each does it again. */
export interface Size {
  readonly groups: number;
  readonly rounds: number;
}

/** What a run took, and by which clock. */
export interface Timed {
  readonly seconds: number;
  readonly clock: "host" | "device";
}

/** The best rate that was seen, and by which clock. */
export interface BestRate {
  readonly perSecond: number;
  readonly clock: Timed["clock"];
}

/** What is run, with work that is known. */
export interface Runs {
  /** Workgroups at first, and at most: more than any device computes at once. */
  readonly groups: { readonly least: number; readonly most: number };
  /** What one workgroup does in one round, in operations or bytes. */
  readonly work: number;
  run(size: Size): Promise<Timed>;
  /** Seconds from any fixed point. */
  now(): number;
}

/** Seconds of a run that is long enough for a clock: the host's sees all that a submission costs as well. */
const LONG_S = { device: 0.02, host: 0.06 } as const;
/** Long runs, of which the fastest counts: a device that idled takes some to reach its pace. */
const LONG_RUNS = 6;
/** However slow a device is, no further run is begun after so many seconds. */
const MOST_S = 1.5;
/** Work grows by this factor at most from one run to the next, which keeps the first long one short. */
const GROWTH = 16;

/** Runs a probe with growing work until a run is long enough, and takes the fastest of some such runs. */
export async function bestRate({ groups, work, run, now }: Runs): Promise<BestRate> {
  const begun = now();
  let size: Size = { groups: groups.least, rounds: 1 };
  // The first one compiles, in some drivers.
  await run(size);
  let best: BestRate | null = null;
  let isLong = false;
  for (let longRuns = 0; longRuns < LONG_RUNS; ) {
    const { seconds, clock } = await run(size);
    const perSecond = (size.groups * size.rounds * work) / seconds;
    const wasLong = isLong;
    isLong ||= seconds >= LONG_S[clock];
    // What a clock tells of short runs is vague: it counts only where there is nothing better.
    if (best === null || !wasLong || perSecond > best.perSecond) best = { perSecond, clock };
    if (isLong) longRuns++;
    else size = grown(size, Math.min(GROWTH, 1.5 * (LONG_S[clock] / seconds)), groups.most);
    if (now() - begun >= MOST_S) break;
  }
  return best ?? { perSecond: 0, clock: "host" };
}

/** More workgroups until the device is full of them, then more rounds. */
function grown({ groups, rounds }: Size, factor: number, most: number): Size {
  const more = Math.min(most, Math.ceil(groups * factor));
  return { groups: more, rounds: Math.ceil((rounds * groups * factor) / more) };
}

/** The device's clock and the host's see the same run: one that tells less than this share of the other's time is not believed. */
const LEAST_TOLD = 0.5;

/** What a run took, from what the device's clock tells of it, null if nothing, and the host's. */
export function believed(told: number | null, around: number): Timed {
  const isTold = told !== null && told >= LEAST_TOLD * around && told <= around;
  return isTold ? { seconds: told, clock: "device" } : { seconds: around, clock: "host" };
}
