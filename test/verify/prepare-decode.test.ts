import { describe, expect, it } from "vitest";
import { shapeOf } from "../../src/core/shape.ts";
import { stepWindow } from "../../src/core/step-window.ts";
import { parameterize, type Variant } from "../../src/core/variant.ts";
import { syntheticSource } from "../../src/input/synthetic.ts";
import { js } from "../../src/kernels/js/index.ts";
import type { Kernel } from "../../src/kernels/kernel.ts";
import type { DecodeKernel } from "../../src/kernels/stepper.ts";
import { builtInKinds } from "../../src/mechanisms/kinds.ts";
import { untimedSteps } from "../../src/verify/decode-call.ts";
import type { DecodeProblem } from "../../src/verify/expect-steps.ts";
import { prepareDecode } from "../../src/verify/prepare-decode.ts";
import { stepRows } from "../../src/verify/rows.ts";
import { full } from "../../variants/dense/full.ts";
import { linear } from "../../variants/feature-map/linear.ts";
import { global } from "../../variants/sparse/global.ts";
import { local } from "../../variants/sparse/local.ts";
import { stride } from "../../variants/sparse/stride.ts";
import { dishonestSteppers, HARMLESS } from "./dishonest-steppers.ts";
import { cachesFirst, plantedDecoder, type StepFaults, stopsAfter, writesPast } from "./planted-steppers.ts";

const POSITION = 40;

function changing(): () => number {
  let bytes = 0;
  return () => bytes++;
}

function problemAt(position: number, variant: Variant = full): DecodeProblem {
  const { tokens, capacity } = stepWindow(position);
  const sizes = { batch: 2, heads: 2, headDim: 5 };
  return builtInKinds.judged({
    mechanism: parameterize(variant, {}).mechanism,
    shape: shapeOf({ ...sizes, length: capacity }),
    causal: true,
    threads: 1,
    inputs: syntheticSource("gaussian", 4).inputs(shapeOf({ ...sizes, length: tokens })),
    position,
  });
}

function prepared(kernel: Kernel, problem = problemAt(POSITION)) {
  const { steps } = stepWindow(problem.position);
  const places = stepRows(problem.inputs.shape, steps, 1);
  if (kernel.decode === undefined) throw new Error("it decodes");
  const now = () => performance.now() / 1000;
  return prepareDecode(problem, kernel.decode, { places, fullRows: null, seed: 1, second: null, now });
}

async function green(kernel: Kernel, problem?: DecodeProblem) {
  const result = await prepared(kernel, problem);
  if (result.outcome !== "green") throw new Error(result.reason);
  return result;
}

async function reasonOf(faults: StepFaults): Promise<string | null> {
  const kernel = plantedDecoder("wrong", faults);
  const result = await prepared(kernel);
  if (result.outcome === "green") {
    result.runnable.dispose();
    return null;
  }
  expect(kernel.counts.disposed).toBe(kernel.counts.prepared);
  return result.reason;
}

describe("the gate of decoding lets through", () => {
  it.each([full, local, stride, linear])(
    "the steppers of $id, at the first positions too",
    async (variant) => {
      for (const position of [1, 2, 5, 16, 40, 300]) {
        const { gate, runnable, decoding, window } = await green(js, problemAt(position, variant));
        expect(gate.failure).toBeNull();
        expect(gate.rows).toBe(4 * stepWindow(position).steps);
        const { steps } = stepWindow(position);
        expect(window?.calls).toBe(steps - untimedSteps(steps));
        expect(decoding?.stateBytes).toBeGreaterThan(0);
        runnable.dispose();
      }
    },
  );

  it("a planted stepper without a fault, and counts what it tells of itself and the token", async () => {
    const { runnable, decoding } = await green(plantedDecoder("right"));
    const state = 40 * 2 * 2 * 2 * 5 * 4;
    expect(runnable.bytes).toBe(state + 4 * 4 * (2 * 2 * 5));
    expect(decoding?.stateBytes).toBe(state);
  });

  it("a window, of which it tells how many bytes the steps touch between them, and not those of the state", async () => {
    const rowBytes = 2 * 4 * 2 * 2 * 5;
    const resident = async (variant: Variant, position: number) => {
      const { runnable, decoding } = await green(js, problemAt(position, variant));
      runnable.dispose();
      return decoding?.residentBytes;
    };
    const { steps, tokens } = stepWindow(300);
    expect(await resident(full, 300)).toBe(tokens * rowBytes);
    expect(await resident(local, 300)).toBe((steps + 128) * rowBytes);
    expect(await resident(global, 300)).toBe(16 * rowBytes);
    expect(await resident(linear, 300)).toBe(8 * 2 * 2 * (5 * 5 + 5));
  });

  it("a full cache of 2·P·d numbers a head, all of which a step reads, and the one that it writes", async () => {
    const { runnable, decoding } = await green(js, problemAt(300));
    expect(decoding?.stateBytes).toBe(4 * 2 * 300 * 5 * 4);
    expect(runnable.bytes).toBeGreaterThanOrEqual(4 * 2 * 301 * 5 * 4 + 4 * 4 * (2 * 2 * 5));
  });
});

describe("the gate of decoding refuses a stepper that", () => {
  it.each<readonly [what: string, faults: StepFaults, why: RegExp]>([
    ["is off by one", { keys: (keys) => keys.map((key) => Math.max(0, key - 1)) }, /row \d+ of batch/],
    ["ignores the last key", { keys: (keys) => (keys.length > 1 ? keys.slice(0, -1) : keys) }, /row \d+ of/],
    ["forgets the first key", { keys: (keys) => keys.slice(1) }, /row \d+ of batch/],
    ["keeps its state over a reset", { keepsState: true }, /row \d+ of batch/],
    ["gives its first output again", cachesFirst(), /row \d+ of batch/],
    ["stops writing outputs", stopsAfter(6), /never written/],
    ["writes past its output", writesPast, /wrote past the last row/],
    ["changes its token", { after: ({ q }) => void q.fill(7) }, /changed its token's q/],
    ["takes in fewer tokens than it should", { takes: (count) => count - 1 }, /lead to position 40, got 39/],
    ["has its answers before it is timed", { looksAhead: true }, /with q, k and v changed|row \d+ of batch/],
    ["takes in nothing in a prefill", { prefillsNothing: true }, /row \d+ of batch|threw/],
    ["computes after it has returned", { promises: true }, /the step must have computed its output when it/],
    ["has a state in words", { stateBytes: () => "12" }, /stateBytes must be a whole number, got 12$/],
    [
      "has no end of state",
      { stateBytes: () => Number.POSITIVE_INFINITY },
      /stateBytes must be .* got Infinity/,
    ],
    ["has half a byte of state", { stateBytes: () => 0.5 }, /stateBytes must be a whole number, got 0.5$/],
    [
      "has another state at every look",
      { stateBytes: changing() },
      /stateBytes must be the same every time it is read/,
    ],
    [
      "says that it keeps less than keys and values take",
      { stateBytes: () => 8 },
      /^verification: stateBytes must be at least the 6.25 KiB that the mathematics takes at position 40, got 8 B;/,
    ],
    ["does not go on", { advance: 0 }, /must be at position \d+, got \d+/],
    ["holds less than it was prepared for", { capacity: (length) => length - 1 }, /must hold 168 tokens/],
    [
      "throws",
      {
        after: () => {
          throw new Error("no more");
        },
      },
      /^the kernel threw: no more/,
    ],
  ])("%s, and frees it", async (_, faults, why) => {
    expect(await reasonOf(faults)).toMatch(why);
  });
});

describe("a stepper that", () => {
  const verdict = async (decode: DecodeKernel, variant: Variant): Promise<string | null> => {
    const result = await prepared({ ...js, decode }, problemAt(POSITION, variant));
    if (result.outcome !== "green") return result.reason;
    for (let round = 0; round < 4; round++) {
      result.begin(6);
      result.window?.makeRoom(6);
      for (let made = 0; made < 6; made++) result.call();
      const wrong = (await result.verify()) ?? (await result.recheck());
      if (wrong !== null) return wrong;
    }
    return null;
  };

  it.each(Object.entries(dishonestSteppers).filter(([what]) => what !== HARMLESS))(
    "%s is refused",
    async (_, decode) => {
      for (const variant of [full, local, linear])
        expect(await verdict(decode, variant)).toMatch(/row \d+ of batch/);
    },
  );

  it(`${HARMLESS} finds none there`, async () => {
    expect(await verdict(dishonestSteppers[HARMLESS], full)).toBeNull();
    expect(await verdict(js.decode as DecodeKernel, full)).toBeNull();
  });
});

describe("a prepared window", () => {
  it("is stepped through over and over, each time from a state built anew", async () => {
    const { call, verify, begin } = await green(js);
    const { steps } = stepWindow(POSITION);
    for (const calls of [1, 3, steps - 1, steps, 3 * steps + 2]) {
      begin(calls);
      for (let made = 0; made < calls; made++) call();
      expect(await verify()).toBeNull();
    }
  });

  it("is found wrong after a slot in which an output was not written or is not right", async () => {
    let broken = false;
    const kernel = plantedDecoder("later", { after: ({ out }) => void (broken && out.fill(0.5)) });
    const { call, verify, begin, window } = await green(kernel);
    begin(2);
    broken = true;
    window?.makeRoom(2);
    call();
    expect(await verify()).toMatch(/^in the steps from position \d+ on, row [01] of batch/);
  });
});
