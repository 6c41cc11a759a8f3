import { describe, expect, it } from "vitest";
import { FailureError } from "../../src/core/errors.ts";
import { type Shape, shapeOf } from "../../src/core/shape.ts";
import { stepWindow } from "../../src/core/step-window.ts";
import { parameterize, type Variant } from "../../src/core/variant.ts";
import { syntheticSource } from "../../src/input/synthetic.ts";
import { js } from "../../src/kernels/js/index.ts";
import { GUARD } from "../../src/kernels/kernel.ts";
import type { DecodeKernel, Stepper, Token } from "../../src/kernels/stepper.ts";
import { builtInKinds } from "../../src/mechanisms/kinds.ts";
import { planSlotElsewhere } from "../../src/timing/slot-elsewhere.ts";
import { check } from "../../src/verify/check.ts";
import { decodeWhole } from "../../src/verify/decode-whole.ts";
import type { DecodeProblem } from "../../src/verify/expect-steps.ts";
import type { GreenCase, RedCase } from "../../src/verify/prepare-case.ts";
import { prepareDecode } from "../../src/verify/prepare-decode.ts";
import { gateRows, stepRows } from "../../src/verify/rows.ts";
import { full } from "../../variants/dense/full.ts";
import { linear } from "../../variants/feature-map/linear.ts";
import { local } from "../../variants/sparse/local.ts";
import { problemOf } from "../kernels/arbitrary-problems.ts";
import { patiently } from "./dishonest-devices.ts";
import { type DeviceFaults, deviceStepper } from "./fake-device-stepper.ts";

const POSITION = 40;
/** Seconds that are waited for what comes. */
const PATIENCE_S = 60;
const sizes = { batch: 2, heads: 2, headDim: 5 };
const now = () => performance.now() / 1000;

function problemAt(position: number, variant: Variant): DecodeProblem {
  const { tokens, capacity } = stepWindow(position);
  return builtInKinds.judged({
    mechanism: parameterize(variant, {}).mechanism,
    shape: shapeOf({ ...sizes, length: capacity }),
    causal: true,
    threads: 1,
    inputs: syntheticSource("gaussian", 4).inputs(shapeOf({ ...sizes, length: tokens })),
    position,
  });
}

async function prepared(
  decode: DecodeKernel,
  variant: Variant = full,
  patience_s = PATIENCE_S,
): Promise<GreenCase | RedCase> {
  const problem = problemAt(POSITION, variant);
  const places = stepRows(problem.inputs.shape, stepWindow(POSITION).steps, 1);
  const context = { places, fullRows: null, seed: 1, second: js, patience_s, now };
  return await prepareDecode(problem, decode, context);
}

/** What becomes of it at the gate and in some rounds of samples: null where it stays green, or why not. */
async function fault(
  decode: DecodeKernel,
  variant: Variant = full,
  patience_s = PATIENCE_S,
): Promise<string | null> {
  const result = await prepared(decode, variant, patience_s);
  if (result.outcome !== "green") return result.reason;
  const { elsewhere, window } = result;
  if (elsewhere === null || window === null) throw new Error("it is awaited");
  for (const calls of [1, 3, window.calls, window.calls]) {
    result.begin(calls);
    await elsewhere.sample(calls);
    await elsewhere.sample(calls);
    const wrong = (await result.verify()) ?? (await result.recheck());
    if (wrong !== null) return wrong;
  }
  result.runnable.dispose();
  return null;
}

const never = () => new Promise<void>(() => {});
/** What it is told to do later, a little later than it says. */
const later = (act: () => unknown) => void setTimeout(act, 5);

/** Steppers on a device that are not what they say, and what is said of them. */
const dishonest: Readonly<Record<string, readonly [faults: DeviceFaults, said: RegExp]>> = {
  "keeps the arrays that it is given": [{ keepsArrays: true }, /row \d+ of batch/],
  "has one place for the tokens of all steps on their way": [
    { hasOnePlace: true },
    /^verification: with other tokens in the window: row \d+ of batch/,
  ],
  "has a fence that does not wait": [
    { bend: (honest) => ({ finish: async () => later(() => honest.finish?.()) }) },
    /row \d+ of batch|never written|had changed when they were read again/,
  ],
  "has a fence that does not wait for several steps": [
    {
      bend(honest) {
        let steps = 0;
        return {
          step(token) {
            steps++;
            honest.step(token);
          },
          async finish() {
            if (steps > 1) later(() => honest.finish?.());
            else await honest.finish?.();
            steps = 0;
          },
        };
      },
    },
    /with other tokens in the window: (row \d+ of batch|outputs had changed when they were read again)/,
  ],
  "brings the outputs of the step before": [
    {
      bend(honest) {
        let [before, last]: (Token | null)[] = [null, null];
        return {
          step(token) {
            [before, last] = [last, token];
            honest.step(token);
          },
          async fetch() {
            await honest.fetch?.();
            if (before !== null) last?.out.set(before.out);
          },
        };
      },
    },
    /row \d+ of batch/,
  ],
  "brings no outputs after a while": [
    {
      bend(honest) {
        let fences = 0;
        return {
          fetch: async () => (++fences < 30 ? await honest.fetch?.() : undefined),
        };
      },
    },
    /row \d+ of batch|never written/,
  ],
  "writes past an output": [
    {
      bend(honest) {
        let last: Token | null = null;
        return {
          step(token) {
            last = token;
            honest.step(token);
          },
          async fetch() {
            await honest.fetch?.();
            if (last !== null) new Float32Array(last.out.buffer)[GUARD + last.out.length + 2] = 1;
          },
        };
      },
    },
    /wrote past the last row/,
  ],
  "returns a promise of a step": [
    { bend: (honest) => ({ step: (async (token) => honest.step(token)) as Stepper["step"] }) },
    /^verification: .*the step must have computed its output when it returns, got a promise/,
  ],
  "never reaches a fence": [{ bend: () => ({ finish: never }) }, /^finish has not answered within /],
  "never gives its outputs": [{ bend: () => ({ fetch: never }) }, /^fetch has not answered within /],
  "loses its device": [
    { bend: () => ({ finish: () => Promise.reject(new FailureError("the device was lost")) }) },
    /^the device was lost$/,
  ],
};

describe("a stepper that is waited for", () => {
  it.each([full, local, linear])("is right on $id, one by one and in a window of steps", async (variant) => {
    expect(await fault(deviceStepper(), variant)).toBeNull();
  });

  it.each(Object.entries(dishonest))("and %s is refused", async (_, [faults, said]) => {
    const became = await patiently(
      (patience_s) => fault(deviceStepper(faults), full, patience_s),
      (why) => said.test(`${why}`),
    );
    expect(became).toMatch(said);
  });

  it("and never prepares is given up", async () => {
    const lost: DecodeKernel = { ...deviceStepper(), prepare: () => new Promise(() => {}) };
    expect(await fault(lost, full, 0.5)).toMatch(/^prepare has not answered within 500 ms/);
  });

  it("is timed by windows with one fence each, unless its steps are long", async () => {
    const fences: number[] = [];
    let steps = 0;
    const bend = (honest: Stepper): Partial<Stepper> => ({
      step(token) {
        steps++;
        honest.step(token);
      },
      async finish() {
        fences.push(steps);
        steps = 0;
        await honest.finish?.();
      },
    });
    const result = await prepared(deviceStepper({ bend }));
    if (result.outcome !== "green" || result.elsewhere === null || result.window === null) throw new Error();
    const { elsewhere, window } = result;
    const { callsPerSample } = planSlotElsewhere(1e-3, 0, elsewhere, undefined, window);
    expect(callsPerSample).toBe(window.calls);
    // Shorter ones in more windows than one, so that a sample lasts two milliseconds.
    expect(planSlotElsewhere(1e-4, 0, elsewhere, undefined, window).callsPerSample).toBe(4 * window.calls);
    expect(planSlotElsewhere(1, 0, elsewhere, undefined, window)).toEqual({ callsPerSample: 1, samples: 3 });
    fences.length = 0;
    result.begin(2 * callsPerSample);
    await elsewhere.sample(2 * callsPerSample);
    const { steps: all } = stepWindow(POSITION);
    const one = [0, all - window.calls, window.calls];
    expect(fences).toEqual([...one, ...one]);
  });

  it("decodes a whole sequence, which is said to come from elsewhere", async () => {
    const shape = shapeOf({ ...sizes, length: 33 });
    const problem = problemOf(parameterize(local, { window: 9 }).mechanism, shape, true);
    const context = { places: gateRows(shape, 1), fullRows: null, seed: 1, second: js };
    const whole = await decodeWhole(problem, deviceStepper(), context);
    expect(whole).toMatchObject({ outcome: "green", isElsewhere: true });
  });

  it("keeps all promises of a stepper that is checked", async () => {
    const kernel = { ...js, id: "elsewhere", decode: deviceStepper() };
    const context = {
      inputs: (kind: "gaussian" | "peaked", shape: Shape, seed: number) =>
        syntheticSource(kind, seed).inputs(shape),
      seed: 1,
      kinds: builtInKinds,
      kernels: [js],
      signal: new AbortController().signal,
      patience_s: PATIENCE_S,
      now,
    };
    const results = [];
    for await (const result of check([local], [kernel], context, "decode")) results.push(result);
    expect(results.map(({ failure }) => failure)).toEqual(results.map(() => null));
    expect(results.length).toBe(5);
    expect(results[0].remark).toMatch(/computes elsewhere, where no speed limit is known/);
  });
});
