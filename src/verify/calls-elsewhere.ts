import { FailureError } from "../core/errors.ts";
import type { OtherProcess, Runnable } from "../kernels/kernel.ts";
import { PATIENCE_S, withinPatience } from "../kernels/within-patience.ts";
import { firstThreadSeconds } from "../timing/processor-time.ts";
import type { CallsElsewhere, SampleElsewhere } from "../timing/slot-elsewhere.ts";
import { markWaiting, waitedSince } from "../timing/waiting.ts";
import { isWaitedFor, refusePromise, type WholeCall } from "./called.ts";
import { ToldTimes, wrongOwnTime } from "./own-clock.ts";

/** Taken before any plug-in is loaded. */
const clock = performance.now.bind(performance);

/** A forward pass of which calls are given what it saves, and what changes between the two. */
interface Saving {
  readonly save: NonNullable<WholeCall["save"]>;
  change(): void;
}

/**
 * The awaited calls of a kernel, timed; null if `run` computes from the arrays themselves before it returns.
 * `changeFirst` changes some numbers before each sample, `requestSeconds` are what a request of its own clock costs besides its calls. The time of a call covers `run` and `finish` only.
 */
export function callsElsewhere(
  runnable: Runnable,
  changeFirst: () => void,
  patience_s = PATIENCE_S,
  requestSeconds = 0,
  saving: Saving | null = null,
): CallsElsewhere | null {
  if (!isWaitedFor(runnable)) return null;
  const moving = async (what: "load" | "fetch"): Promise<number> => {
    if (runnable[what] === undefined) return 0;
    return await withinPatience(what, patience_s, async () => {
      const start = clock();
      await runnable[what]?.();
      return (clock() - start) / 1000;
    });
  };
  const one = async (): Promise<number> => {
    if (runnable.finish === undefined) {
      const start = clock();
      const returned: unknown = runnable.run();
      const end = clock();
      refusePromise(returned);
      return (end - start) / 1000;
    }
    return await withinPatience("finish", patience_s, async () => {
      const start = clock();
      const returned: unknown = runnable.run();
      await runnable.finish?.();
      const end = clock();
      refusePromise(returned);
      return (end - start) / 1000;
    });
  };
  const told = new ToldTimes(requestSeconds);
  const byOwnClock = async (calls: number): Promise<SampleElsewhere> => {
    const { own, around, waited, processor } = await withinPatience("timed", patience_s, async () => {
      const since = markProgram(runnable);
      const start = clock();
      const own = await runnable.timed?.(calls);
      const around = (clock() - start) / 1000;
      return { own, around, ...since() };
    });
    const { wall = Number.NaN, device = null, submitting } = own ?? {};
    const wrong = wrongOwnTime({ wall, device }, around);
    if (wrong !== null) throw new FailureError(`verification: ${wrong}`);
    const sample = { seconds: wall, around, device, submitting, waited, processor, transfer: 0 };
    told.add(sample);
    return sample;
  };
  const again = async (calls: number): Promise<SampleElsewhere> => {
    if (calls === 0) return { seconds: 0, around: 0, device: null, waited: 0, processor: null, transfer: 0 };
    if (runnable.timed !== undefined) return await byOwnClock(calls);
    let seconds = 0;
    for (let call = 0; call < calls; call++) seconds += await one();
    return { seconds, around: seconds, device: null, waited: 0, processor: null, transfer: 0 };
  };
  return {
    isElsewhere:
      (runnable.finish !== undefined || runnable.timed !== undefined) &&
      runnable.process?.onProcessors !== true,
    pid: () => runnable.process?.pid ?? null,
    computing: () => (runnable.process === undefined ? undefined : placesOf(runnable.process)),
    hasClock: runnable.timed !== undefined,
    again,
    load: () => moving("load"),
    fetch: () => moving("fetch"),
    async sample(calls) {
      const change = async () => {
        changeFirst();
        if (saving === null) return;
        await saving.save();
        saving.change();
      };
      if (runnable.timed !== undefined) {
        await change();
        const transfer = await moving("load");
        return { ...(await again(calls)), transfer };
      }
      let [seconds, transfer] = [0, 0];
      for (let call = 0; call < calls; call++) {
        await change();
        transfer += await moving("load");
        seconds += await one();
      }
      return { seconds, around: seconds, device: null, waited: 0, processor: null, transfer };
    },
    untold: () => told.wrong,
  };
}

function placesOf({ pid }: OtherProcess): readonly string[] {
  return pid === null ? [] : [`${pid}`];
}

/**
 * From here on, in seconds: how long whoever has a part in an answer was kept from running, and what the first thread of its
 * process computed. Of a kernel of this process, this thread's waiting alone.
 */
function markProgram({ process }: Runnable): () => Pick<SampleElsewhere, "waited" | "processor"> {
  if (process === undefined) {
    const mark = markWaiting();
    return () => ({ waited: waitedSince(mark), processor: null });
  }
  const { pid, attendant } = process;
  const carriers = ["thread-self", ...(attendant === null ? [] : [`self/task/${attendant}`])];
  const before = pid === null ? null : firstThreadSeconds(pid);
  const mark = markWaiting([...placesOf(process), ...carriers]);
  return () => {
    const waited = waitedSince(mark);
    const after = pid === null ? null : firstThreadSeconds(pid);
    return { waited, processor: before === null || after === null ? null : after - before };
  };
}
