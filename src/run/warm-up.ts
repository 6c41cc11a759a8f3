import { leastSample } from "../platform/clock-step.ts";
import { type CallWindow, timeSlot } from "../timing/slot.ts";
import { discard } from "../verify/discard.ts";
import { blame, type GreenCase, type RedCase } from "../verify/prepare-case.ts";

/** Calls are repeated for this long before the first round, so that compiled code is what is timed. */
const WARM_UP_S = 0.05;

/**
 * Calls until the code is warm: `callSeconds` is then what a warm call takes. A kernel that throws meanwhile
 * is red.
 */
export async function warmUp(checked: GreenCase | RedCase, now: () => number): Promise<GreenCase | RedCase> {
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
    if (elsewhere === null && fastest < leastSample())
      fastest = tellableSeconds(() => runnable.run(), window);
  } catch (thrown) {
    discard(runnable);
    return { outcome: "red", reason: blame(thrown, " when called again"), gate };
  }
  return { ...checked, callSeconds: fastest };
}

/** Seconds of a call by a clock that is too coarse for one. */
function tellableSeconds(run: () => void, window: CallWindow | null): number {
  for (let calls = window?.calls ?? 1; ; calls *= 2) {
    const [seconds] = timeSlot(run, { callsPerSample: calls, samples: 1 }, 0, window);
    if (seconds * calls >= leastSample()) return seconds;
  }
}
