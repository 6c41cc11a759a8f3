import { afterAll, describe, expect, it } from "vitest";
import { elementCount, shapeOf } from "../../src/core/shape.ts";
import { parameterize } from "../../src/core/variant.ts";
import { js } from "../../src/kernels/js/index.ts";
import { guardedOutput, type Kernel } from "../../src/kernels/kernel.ts";
import { openKernels } from "../../src/kernels/open-kernels.ts";
import { callGreenAgain } from "../../src/verify/call-green-again.ts";
import { type GreenCase, prepareCase, type RedCase } from "../../src/verify/prepare-case.ts";
import { gateRows } from "../../src/verify/rows.ts";
import { local } from "../../variants/sparse/local.ts";
import { problemOf } from "../kernels/arbitrary-problems.ts";
import {
  lostAfter,
  lostDevices,
  lyingClocks,
  onThisProcessor,
  patiently,
  wrongOutputs,
} from "./dishonest-devices.ts";
import { type FakeDevice, fakeDevice } from "./fake-device.ts";

const shape = shapeOf({ batch: 1, heads: 2, length: 40, headDim: 6 });
const problem = problemOf(parameterize(local, { window: 9 }).mechanism, shape, false);
const devices: FakeDevice[] = [];

/** What is opened here is closed at the end. */
function closing<D extends FakeDevice>(device: D): D {
  devices.push(device);
  return device;
}

afterAll(async () => {
  for (const device of devices) await device.close();
});

async function atGate(kernel: Kernel, patience_s = 60): Promise<GreenCase | RedCase> {
  return await prepareCase(problem, kernel, {
    places: gateRows(shape, 1),
    fullRows: null,
    seed: 1,
    output: guardedOutput(elementCount(shape)),
    second: js,
    patience_s,
    now: () => performance.now() / 1000,
  });
}

/** What becomes of a device at the gate and in some rounds: null where it stays green, or why not. */
async function fault(kernel: Kernel, patience_s?: number): Promise<string | null> {
  const result = await atGate(kernel, patience_s);
  if (result.outcome !== "green") return result.reason;
  const { elsewhere } = result;
  if (elsewhere === null) throw new Error(`${kernel.id} computes here`);
  for (let round = 0; round < 3; round++) {
    result.begin(3);
    for (let sample = 0; sample < 3; sample++) await elsewhere.sample(1);
    const wrong = (await result.verify()) ?? (await result.recheck());
    if (wrong !== null) return wrong;
  }
  result.runnable.dispose();
  return null;
}

describe("a kernel that computes on a device", () => {
  it.each([
    { what: "is waited for", clock: false },
    { what: "times itself", clock: true },
  ])("and $what is right, with all that is told of its calls", async ({ clock }) => {
    const device = closing(fakeDevice("honest", { clock }));
    const before = problem.inputs.k.slice();
    expect(await fault(device)).toBeNull();
    expect(problem.inputs.k).toEqual(before);
    const green = await atGate(device);
    if (green.outcome !== "green" || green.elsewhere === null) throw new Error("it is green");
    expect(green.elsewhere).toMatchObject({ isElsewhere: true, hasClock: clock });
    expect(green.gate.comparedRows).toBe(2 * 40);
    expect(green.transferSeconds).toBeGreaterThan(0);
    green.begin(1);
    const { seconds, around, device: computed, transfer } = await green.elsewhere.sample(2);
    expect(seconds).toBeGreaterThan(0);
    expect(around).toBeGreaterThanOrEqual(seconds);
    expect(transfer).toBeGreaterThan(0);
    if (clock) expect(computed).toBeCloseTo(0.75 * seconds, 9);
    else expect([computed, around]).toEqual([null, seconds]);
    expect(await green.verify()).toBeNull();
    green.runnable.dispose();
  });

  it.each(wrongOutputs)(
    "is refused where its output is not the call's: $kernel.id",
    async ({ kernel, said }) => {
      expect(await fault(closing(kernel))).toMatch(said);
    },
  );

  it.each(lyingClocks)("is refused where its clock is not ours: $kernel.id", async ({ kernel, said }) => {
    expect(await fault(closing(kernel))).toMatch(said);
  });

  it.each(lostDevices)("is failed in one line where it is lost: $kernel.id", async ({ kernel, said }) => {
    closing(kernel);
    const became = await patiently(
      (patience_s) => fault(kernel, patience_s),
      (why) => said.test(`${why}`),
    );
    expect(became).toMatch(said);
  });

  it.each([false, true])(
    "is given other numbers before every sample, be they timed by its clock or not: %s",
    async (clock) => {
      const loads: string[] = [];
      const device = closing(
        fakeDevice("watching", {
          clock,
          bend: ({ honest, problem: { inputs } }) => ({
            async load() {
              loads.push(`${inputs.q} ${inputs.k} ${inputs.v}`);
              await honest.load?.();
            },
          }),
        }),
      );
      const green = await atGate(device);
      if (green.outcome !== "green" || green.elsewhere === null) throw new Error("it is green");
      loads.length = 0;
      green.begin(4);
      for (let sample = 0; sample < 4; sample++) await green.elsewhere.sample(1);
      expect(new Set(loads).size).toBe(4);
      expect(await green.verify()).toBeNull();
      green.runnable.dispose();
    },
  );

  it("leaves the inputs as they were, whenever it is lost", async () => {
    const { q, k, v } = problem.inputs;
    const before = [q, k, v].map((tensor) => tensor.slice());
    for (let calls = 1; calls < 8; calls++) {
      await fault(closing(lostAfter(calls, "rejected")));
      expect([q, k, v]).toEqual(before);
    }
  });
});

describe("what must be known of a kernel that computes elsewhere", () => {
  const remarksOf = async (kernel: Kernel): Promise<readonly string[]> => {
    const green = await atGate(kernel);
    if (green.outcome !== "green") throw new Error(green.reason);
    const {
      fault: wrong,
      threadsSeen,
      remarks,
    } = await callGreenAgain(kernel, green, problem.kind.leastWork(problem), 1);
    expect([wrong, threadsSeen]).toEqual([null, 0]);
    return remarks;
  };

  it("is that nothing is known of how fast it can be", async () => {
    const [noLimit] = await remarksOf(closing(fakeDevice("honest")));
    expect(noLimit).toMatch(/^kernel honest computes elsewhere, where no speed limit is known/);
  });

  it("is that it computes on this process's processors, where it does", async () => {
    let remarks: readonly string[] = [];
    // Others may leave it no processor for a while.
    for (let look = 0; look < 20 && remarks.length < 2; look++) remarks = await remarksOf(onThisProcessor);
    expect(remarks.join("\n")).toMatch(
      /kernel on-this-processor is awaited .* of this process's processor time/,
    );
  });

  it.each([
    [
      true,
      /^kernel on-this-processor computes on a driver in software, Soft: on this machine's processors, in all/,
    ],
    [
      false,
      /^kernel on-this-processor computes on Soft, of which no speed limit is known but what it was seen to/,
    ],
  ])(
    "is one line about a device that the suite knows, whose driver takes processor time: software %s",
    async (software, said) => {
      const facts = {
        name: "Soft",
        vendor: "",
        architecture: "",
        device: "",
        description: "",
        software,
        driver: null,
        implementation: "",
        toggles: [],
        features: [],
        limits: {},
      };
      const device = () => ({ facts, measure: () => Promise.reject(new Error("nobody asks")) });
      expect(await remarksOf({ ...onThisProcessor, device })).toEqual([expect.stringMatching(said)]);
    },
  );

  it("is that its fence lets calls pass before they are computed, where bringing the output waits for them", async () => {
    const lazy = closing(
      fakeDevice("lazy-fence", {
        bend({ honest }) {
          let computed: Promise<void> | null = null;
          return {
            run: () => {
              honest.run();
              computed = new Promise((resolve) => setTimeout(resolve, 40));
            },
            finish: async () => {},
            async fetch() {
              await computed;
              computed = null;
              await honest.fetch?.();
            },
          };
        },
      }),
    );
    expect((await remarksOf(lazy)).join("\n")).toMatch(
      /kernel lazy-fence takes .* to return its output after a call/,
    );
  });

  it("is nothing where it only takes in its inputs apart and computes here, which the speed limit holds for", async () => {
    const packing: Kernel = {
      ...js,
      id: "packing",
      prepare: (one, output) => ({ ...js.prepare(one, output), load() {} }),
    };
    const green = await atGate(packing);
    if (green.outcome !== "green") throw new Error(green.reason);
    expect(green.elsewhere).toMatchObject({ isElsewhere: false, hasClock: false });
    const work = { flops: 1e12, bytes: 0 };
    const again = await callGreenAgain(packing, green, work, 1);
    expect(again.fault).toMatch(/^called again, a call of 1.00 TFLOP must take at least/);
    expect(again.remarks).toEqual([]);
  });
});

describe("openKernels", () => {
  const kernels = (open: () => Promise<unknown>) => [
    js,
    fakeDevice("device", { open: open as () => Promise<true | string> }),
  ];

  it("leaves a kernel as it is that has nothing to open, or opens", async () => {
    const all = kernels(async () => true);
    expect(await openKernels(all)).toEqual(all);
  });

  it.each([
    ["says why not", async () => "no device was found", /^no device was found$/],
    ["gives no reason", async () => "", /^open must answer true or why not, got no reason$/],
    ["answers something else", async () => false, /^open must answer true or why not, got false$/],
    ["throws", () => Promise.reject(new Error("no driver")), /^open threw no driver$/],
    ["never answers", () => new Promise(() => {}), /^open has not answered within 100 ms; /],
  ])("keeps a kernel that %s in its place, and lets it say so of every task", async (_, open, why) => {
    const [first, closed] = await openKernels(kernels(open), 0.1);
    expect(first).toBe(js);
    expect(closed.id).toBe("device");
    expect(closed.supports(problem)).toMatch(why);
    expect(closed.unavailable?.()).toMatch(why);
    expect(() => closed.prepare(problem, guardedOutput(1))).toThrow(/^kernel device cannot run here, /);
  });
});
