import { CLOCK_STEP_S } from "../platform/clock-step.ts";
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
  const { runnable, elsewhere, callSeconds, gate } = checked;
  let fastest = callSeconds;
  let calls = 0;
  const start = now();
  try {
    for (; now() - start + callSeconds < WARM_UP_S; calls++) {
      if (elsewhere !== null) {
        fastest = Math.min(fastest, (await elsewhere.again(1)).seconds);
        continue;
      }
      const before = now();
      runnable.run();
      fastest = Math.min(fastest, now() - before);
    }
  } catch (thrown) {
    discard(runnable);
    return { outcome: "red", reason: blame(thrown, " when called again"), gate };
  }
  // A call that takes no step of the clock is told by all of them together.
  const seen = fastest < CLOCK_STEP_S && calls > 0 ? (now() - start) / calls : fastest;
  return { ...checked, callSeconds: seen };
}
