import { withinPatience } from "../kernels/within-patience.ts";
import type { CallsElsewhere, SampleElsewhere } from "../timing/slot-elsewhere.ts";
import type { Stepped } from "./stepped.ts";

/** Taken before any plug-in is loaded. */
const clock = performance.now.bind(performance);

/** What is stepped through. */
interface Steps {
  /** The most steps that are timed from one rewinding to the next. */
  readonly calls: number;
  /** Rewinds unless so many steps are left; returns how many of the next are not timed. */
  makeRoom(calls: number): number;
  /** Starts the next step. */
  step(): void;
}

/**
 * The awaited steps of a window, timed: all steps of a sample are started one after the other, each with its own token, and
 * awaited once. That is what a layer takes in a model that starts dozens of layers and waits for their token; what one
 * token takes that is awaited by itself is the time of a first step. What their outputs take to arrive is in neither.
 */
export function stepsElsewhere(stepped: Stepped, { calls: most, makeRoom, step }: Steps): CallsElsewhere {
  const { stepper, patience_s } = stepped;
  const fetch = async (): Promise<number> => {
    if (stepper.fetch === undefined) return 0;
    return await withinPatience("fetch", patience_s, async () => {
      const start = clock();
      await stepper.fetch?.();
      return (clock() - start) / 1000;
    });
  };
  /** Seconds of steps of one window. */
  const within = async (calls: number): Promise<number> => {
    const untimed = makeRoom(calls);
    if (untimed > 0) {
      // The prefill is no part of what the first step takes.
      await stepped.computed();
      for (let made = 0; made < untimed; made++) step();
      await stepped.outputs();
    }
    return await withinPatience("finish", patience_s, async () => {
      const start = clock();
      for (let made = 0; made < calls; made++) step();
      await stepper.finish?.();
      return (clock() - start) / 1000;
    });
  };
  const again = async (calls: number): Promise<SampleElsewhere> => {
    let seconds = 0;
    for (let left = calls; left > 0; left -= most) seconds += await within(Math.min(left, most));
    return { seconds, around: seconds, device: null, waited: 0, processor: null, transfer: 0 };
  };
  return {
    isElsewhere: true,
    pid: () => null,
    computing: () => undefined,
    hasClock: false,
    again,
    load: async () => 0,
    fetch,
    async sample(calls) {
      const sample = await again(calls);
      // After the next fence it is too late for them.
      await fetch();
      return sample;
    },
    untold: () => null,
  };
}
