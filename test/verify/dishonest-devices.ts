import { FailureError } from "../../src/core/errors.ts";
import { js } from "../../src/kernels/js/index.ts";
import { guardedOutput, type OwnTime, type Runnable } from "../../src/kernels/kernel.ts";
import { type FakeDevice, fakeDevice, type OnDevice } from "./fake-device.ts";

/** A device that is not what it tells, and what is said of it. */
export interface DishonestDevice {
  readonly kernel: FakeDevice;
  readonly said: RegExp;
}

/**
 * What becomes of a device that never answers something, with as much patience as this machine needs for all the rest: with
 * little at first, and with more where another answer was late.
 */
export async function patiently<Became>(
  ask: (patience_s: number) => Promise<Became>,
  isSaid: (became: Became) => boolean,
): Promise<Became> {
  for (let patience_s = LEAST_PATIENCE_S; ; patience_s *= 4) {
    const became = await ask(patience_s);
    if (isSaid(became) || patience_s > MOST_PATIENCE_S) return became;
  }
}

const LEAST_PATIENCE_S = 0.5;
const MOST_PATIENCE_S = 30;

function bent(
  id: string,
  said: RegExp,
  bend: (on: OnDevice) => Partial<Runnable>,
  clock = false,
): DishonestDevice {
  return { kernel: fakeDevice(id, { bend, clock }), said };
}

/** A clock that tells other times than it has seen. */
function lying(id: string, said: RegExp, told: (true_: OwnTime, calls: number) => unknown): DishonestDevice {
  return bent(
    id,
    said,
    ({ honest }) => ({
      timed: async (calls) => told(await ownTime(honest, calls), calls) as OwnTime,
    }),
    true,
  );
}

async function ownTime({ timed }: Runnable, calls: number): Promise<OwnTime> {
  if (timed === undefined) throw new TypeError("a lying clock needs a clock");
  return await timed(calls);
}

/** From call `first` on, what is asked never comes to an end or fails. */
function lost(first: number, end: () => Promise<void>) {
  return ({ honest }: OnDevice): Partial<Runnable> => {
    let calls = 0;
    return { finish: () => (++calls >= first ? end() : (honest.finish?.() ?? end())) };
  };
}

const never = () => new Promise<void>(() => {});
const rejected = () => Promise.reject(new Error("the device has fallen off the bus"));

/** Devices whose outputs are not those of the call. */
export const wrongOutputs: readonly DishonestDevice[] = [
  bent(
    "wrong-rows",
    /^verification: row \d+ of batch 0, head \d+, column \d+: got/,
    ({ honest, output }) => ({
      async fetch() {
        await honest.fetch?.();
        output[5] += 0.5;
      },
    }),
  ),
  bent("stale-output", /or it was an earlier call's$/, ({ honest, output }) => {
    let before: Float32Array | null = null;
    return {
      async fetch() {
        await honest.fetch?.();
        const now = output.slice();
        output.set(before ?? now);
        before = now;
      },
    };
  }),
  bent("output-of-the-call-before", /row \d+ of batch 0/, ({ honest, output }) => {
    const computed: Float32Array[] = [];
    let isNew = false;
    return {
      run() {
        honest.run();
        isNew = true;
      },
      async fetch() {
        await honest.fetch?.();
        if (isNew) computed.push(output.slice());
        isNew = false;
        output.set(computed.at(-2) ?? output);
      },
    };
  }),
  bent("never-loads-again", /row \d+ of batch 0/, ({ honest }) => {
    let loads = 0;
    return { load: async () => (loads++ === 0 ? await honest.load?.() : undefined) };
  }),
  bent("computes-once", /row \d+ of batch 0/, ({ honest }) => {
    let runs = 0;
    return { run: () => (runs++ === 0 ? honest.run() : undefined) };
  }),
  bent(
    "fence-that-does-not-wait",
    // On a busy machine it is not there at all when it is read, or it is that of the call before.
    /the output had changed when it was read again: it was still being computed|row \d+ of batch 0/,
    ({ honest }) => {
      // What is on its way is put there a little later, as a queue that nobody flushes does.
      return {
        run: () => void setTimeout(() => honest.run(), 5),
        finish: async () => {},
      };
    },
  ),
  bent("writes-beside-its-output", /wrote past the last row/, ({ honest, output }) => ({
    async fetch() {
      await honest.fetch?.();
      new Float32Array(output.buffer, output.byteOffset + output.byteLength, 1)[0] = 1;
    },
  })),
  bent("changes-its-input", /changed its input k/, ({ honest, problem }) => ({
    async load() {
      await honest.load?.();
      problem.inputs.k[3] += 1;
    },
  })),
  {
    kernel: fakeDevice("promises-in-run", {
      bend: ({ honest }) => ({ run: (async () => honest.run()) as () => void }),
    }),
    said: /^verification: run must have computed its output when it returns, got a promise/,
  },
];

/** Clocks of their own that tell what nobody else has seen. */
export const lyingClocks: readonly DishonestDevice[] = [
  lying(
    "clock-that-tells-more",
    /^verification: timed reports .* awaited for .*; its clock must report no more/,
    ({ wall }) => ({
      wall: wall + 1,
      device: null,
    }),
  ),
  lying(
    "clock-that-tells-a-tenth",
    /^verification: timed reports .* its clock must report all that they take/,
    ({ wall }) => ({
      wall: wall / 10,
      device: null,
    }),
  ),
  lying(
    "device-beyond-its-wall",
    /^verification: timed reports .* of its device in .*; a part must be/,
    ({ wall }) => ({
      wall,
      device: wall + 1,
    }),
  ),
  lying(
    "clock-without-a-number",
    /^verification: timed must resolve to the seconds of its calls as wall, got NaN/,
    () => ({}),
  ),
  bent(
    "clock-of-one-call",
    // On a machine with other work a request may take longer, which its clock does not tell either.
    /^verification: timed (took no longer for \d+ calls than for one|reports .* its clock must report all)/,
    ({ honest }) => ({ timed: async () => await ownTime(honest, 1) }),
    true,
  ),
];

/** Devices that are lost at the gate or, from so many calls on, in the rounds. */
export const lostDevices: readonly DishonestDevice[] = [
  bent(
    "never-answers",
    /^finish has not answered within \S+ m?s; its device or process is lost$/,
    lost(1, never),
  ),
  bent("fails", /^the kernel threw: the device has fallen off the bus$/, lost(1, rejected)),
  bent(
    "fails-for-no-reason",
    /^the kernel threw: undefined$/,
    lost(1, () => Promise.reject(undefined)),
  ),
  bent("never-takes-its-inputs", /^load has not answered within \S+ m?s/, () => ({ load: never })),
  bent("never-gives-its-output", /^fetch has not answered within \S+ m?s/, () => ({ fetch: never })),
  bent(
    "never-tells-its-time",
    /^timed has not answered within \S+ m?s/,
    () => ({ timed: () => new Promise(() => {}) }),
    true,
  ),
  {
    kernel: { ...fakeDevice("never-prepares"), prepare: () => new Promise(() => {}) },
    said: /^prepare has not answered within \S+ m?s/,
  },
  {
    kernel: {
      ...fakeDevice("cannot-prepare"),
      prepare: () => Promise.reject(new FailureError("the device has no memory left")),
    },
    said: /^the device has no memory left$/,
  },
];

/** Lost after so many calls. */
export function lostAfter(calls: number, how: "never" | "rejected"): FakeDevice {
  return fakeDevice(`lost-${how}`, { bend: lost(calls, how === "never" ? never : rejected) });
}

/** Computes on this thread, whatever it says: the fence does the work. */
export const onThisProcessor: FakeDevice = {
  ...fakeDevice("on-this-processor"),
  prepare(problem, output) {
    const inner = js.prepare(problem, guardedOutput(output.length));
    let due = 0;
    return {
      ...inner,
      run: () => void due++,
      async finish() {
        const end = performance.now() + 2;
        for (; due > 0; due--) inner.run();
        while (performance.now() < end);
        output.set(inner.output());
      },
      output: () => output,
    };
  },
};
