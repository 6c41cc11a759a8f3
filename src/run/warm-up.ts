import { CLOCK_STEP_S, leastSample } from "../platform/clock-step.ts";
import { formatSeconds } from "../text/format.ts";
import { type CallWindow, timeSlot } from "../timing/slot.ts";
import type { CallsElsewhere } from "../timing/slot-elsewhere.ts";
import { discard } from "../verify/discard.ts";
import { blame, type GreenCase, type RedCase } from "../verify/prepare-case.ts";

/** Calls are repeated for this long before the first round, so that compiled code is what is timed. */
const WARM_UP_S = 0.05;

/** Seconds that a sample may take to tell calls by a coarse clock: where they rewind often, most is rewinding. */
const TELLING_S = 0.5;

/**
 * Calls until the code is warm: `callSeconds` is then what a warm call takes. A kernel that throws meanwhile
 * is red. `least` is the shortest sample that the clock can tell, 0 if that is any.
 */
export async function warmUp(
  checked: GreenCase | RedCase,
  now: () => number,
  least: number = leastSample(),
): Promise<GreenCase | RedCase> {
  if (checked.outcome !== "green") return checked;
  const { runnable, window, elsewhere, callSeconds, gate } = checked;
  let fastest = callSeconds;
  const start = now();
  try {
    while (now() - start + callSeconds < WARM_UP_S) {
      if (elsewhere !== null) {
        fastest = Math.min(fastest, (await elsewhere.again(1)).seconds);
        continue;
      }
      const before = now();
      runnable.run();
      fastest = Math.min(fastest, now() - before);
    }
    if (elsewhere?.hasClock === true && fastest < least) fastest = await tellableElsewhere(elsewhere, least);
    if (elsewhere === null && fastest < least) {
      const told = tellableSeconds(() => runnable.run(), window, now, least);
      if (told === null) {
        discard(runnable);
        return { outcome: "untold", reason: untoldReason(), gate };
      }
      fastest = told;
    }
  } catch (thrown) {
    discard(runnable);
    return { outcome: "red", reason: blame(thrown, " when called again"), gate };
  }
  return { ...checked, callSeconds: fastest };
}

/** Seconds of a call by a clock that is too coarse for one; null if a sample that tells them takes too long. */
function tellableSeconds(
  run: () => void,
  window: CallWindow | null,
  now: () => number,
  least: number,
): number | null {
  for (let calls = window?.calls ?? 1; ; calls *= 2) {
    const start = now();
    const [seconds] = timeSlot(run, { callsPerSample: calls, samples: 1 }, 0, window);
    if (seconds * calls >= least) return seconds;
    if (now() - start > TELLING_S) return null;
  }
}

/** The same of a kernel whose own clock, which may be this one, times several calls at once. */
async function tellableElsewhere({ again }: CallsElsewhere, least: number): Promise<number> {
  for (let calls = 1; ; calls *= 2) {
    const { seconds } = await again(calls);
    if (seconds >= least) return seconds / calls;
  }
}

function untoldReason(): string {
  return `its calls are too short for this clock, which steps by ${formatSeconds(CLOCK_STEP_S)}: a sample that tells them takes more than ${formatSeconds(TELLING_S)}, most of it rewinding; open the page that attnbench page serves, whose clock is finer, or use attnbench run`;
}
