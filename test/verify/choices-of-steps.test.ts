import { describe, expect, it } from "vitest";
import type { Choice } from "../../src/core/choice.ts";
import { elementCount, shapeOf } from "../../src/core/shape.ts";
import { stepWindow } from "../../src/core/step-window.ts";
import { parameterize } from "../../src/core/variant.ts";
import { js } from "../../src/kernels/js/index.ts";
import { guardedOutput, type Kernel } from "../../src/kernels/kernel.ts";
import type { DecodeKernel, Stepper, Token } from "../../src/kernels/stepper.ts";
import type { JudgedProblem } from "../../src/mechanisms/judged.ts";
import { decodeWhole } from "../../src/verify/decode-whole.ts";
import { prepareCase } from "../../src/verify/prepare-case.ts";
import { prepareDecode } from "../../src/verify/prepare-decode.ts";
import { gateRows, stepRows } from "../../src/verify/rows.ts";
import { moba } from "../../variants/selection/moba.ts";
import { quest } from "../../variants/selection/quest.ts";
import { topK } from "../../variants/selection/top-k.ts";
import { problemOf } from "../kernels/arbitrary-problems.ts";

const shape = shapeOf({ batch: 1, heads: 2, length: 97, headDim: 8 });
const variants = [
  { id: "top-k", problem: problemOf(parameterize(topK, { keys: 6 }).mechanism, shape, true) },
  { id: "moba", problem: problemOf(parameterize(moba, { block: 8, chosen: 4 }).mechanism, shape, true) },
  { id: "quest", problem: problemOf(parameterize(quest, { page: 4, pages: 5 }).mechanism, shape, true) },
];

/** The js stepper, with something else in the place of what it hands out; no method at all if null. */
function telling(hand: ((choice: Choice, position: number) => Choice) | null): DecodeKernel {
  if (js.decode === undefined) throw new TypeError("js decodes");
  const { supports, prepare } = js.decode;
  return {
    supports,
    prepare(task, weights): Stepper {
      const right = prepare(task, weights);
      const stepper: Stepper = Object.create(right);
      const own = () => {
        if (right.choice === undefined) throw new TypeError("it chooses");
        return right.choice();
      };
      return Object.defineProperties(stepper, {
        choice: { value: hand === null ? undefined : () => hand(own(), right.position) },
      });
    },
  };
}

/** Why it is refused, over a whole sequence and in a window of steps; null where it is not. */
async function faults(problem: JudgedProblem, kernel: DecodeKernel): Promise<(string | null)[]> {
  const context = { fullRows: null, seed: 1, second: null };
  const whole = await decodeWhole(problem, kernel, { ...context, places: gateRows(shape, 1) });
  const position = 60;
  const steps = await prepareDecode({ ...problem, position }, kernel, {
    ...context,
    places: stepRows(shape, stepWindow(60).steps, 1),
    now: () => performance.now() / 1000,
  });
  return [whole, steps].map((result) => (result.outcome === "green" ? null : result.reason));
}

function changed(choice: Choice, change: (one: number) => number): Choice {
  return Object.fromEntries(Object.entries(choice).map(([name, array]) => [name, array.map(change)]));
}

describe.each(variants)("of steps by $id, verification", ({ problem }) => {
  it("has nothing to say of a stepper that hands out what it chose", async () => {
    expect(
      await faults(
        problem,
        telling((choice) => choice),
      ),
    ).toEqual([null, null]);
  });

  it("refuses a stepper that hands out no choice", async () => {
    for (const fault of await faults(problem, telling(null))) {
      expect(fault).toMatch(/^verification: .*the kernel must hand out what it chose/);
    }
  });

  it("refuses a stepper that hands out another choice than its own", async () => {
    const lie = telling((choice) => changed(choice, (one) => (one > 0 ? one - 1 : one)));
    for (const fault of await faults(problem, lie)) {
      expect(fault).toMatch(/row \d+ of batch 0, head \d/);
    }
  });

  it("refuses a stepper that hands out what it chose in the step before", async () => {
    let before: Choice | null = null;
    const late = telling((choice) => {
      const told = before ?? choice;
      before = changed(choice, (one) => one);
      return told;
    });
    for (const fault of await faults(problem, late)) {
      expect(fault).toMatch(/row \d+ of batch 0, head \d/);
    }
  });

  it("looks at the last step of a slot, whose choice can still be asked", async () => {
    let isLying = false;
    const turning = telling((choice) => (isLying ? changed(choice, (one) => one + 1) : choice));
    const result = await prepareDecode({ ...problem, position: 60 }, turning, {
      fullRows: null,
      seed: 1,
      second: null,
      places: stepRows(shape, stepWindow(60).steps, 1),
      now: () => performance.now() / 1000,
    });
    if (result.outcome !== "green") throw new Error(result.reason);
    for (const lies of [false, true]) {
      isLying = lies;
      result.begin(5);
      for (let call = 0; call < 5; call++) result.call();
      const wrong = await result.verify();
      if (lies) expect(wrong).toMatch(/row \d+ of batch 0, head \d/);
      else expect(wrong).toBeNull();
    }
  });
});

/** The js kernel, waited for: a call is complete, and its choice known, once `finish` has resolved. */
function elsewhere(lag: number): Kernel {
  return {
    ...js,
    id: "elsewhere",
    prepare(problem, output) {
      const { run, choice, ...rest } = js.prepare(problem, output);
      let calls: Choice[] = [];
      return {
        ...rest,
        run() {},
        async finish() {
          await Promise.resolve();
          run();
          calls = [...calls, changed(choice?.() ?? {}, (one) => one)].slice(-2);
        },
        choice: () => calls[Math.max(0, calls.length - 1 - lag)],
      };
    },
  };
}

describe.each(variants)("of calls by $id that are waited for, verification", ({ problem }) => {
  const asked = async (kernel: Kernel) =>
    await prepareCase(problem, kernel, {
      places: gateRows(shape, 1),
      fullRows: null,
      seed: 1,
      output: guardedOutput(elementCount(shape, "output")),
      second: null,
      now: () => performance.now() / 1000,
    });

  it("reads the choice once a call has ended", async () => {
    const result = await asked(elsewhere(0));
    expect(result.outcome === "green" ? null : result.reason).toBeNull();
  });

  it("refuses the choice of the call before", async () => {
    const result = await asked(elsewhere(1));
    expect(result.outcome === "green" ? null : result.reason).toMatch(/row \d+ of batch 0, head \d/);
  });
});

it.each(variants)("computing by $id in choice() is refused, in calls and in steps", async ({ problem }) => {
  let isLate = false;
  const late: Kernel = {
    ...js,
    id: "late",
    prepare(asked, output) {
      const right = js.prepare(asked, output);
      return {
        ...right,
        run() {
          if (!isLate) right.run();
        },
        choice() {
          if (isLate) right.run();
          return right.choice?.() ?? {};
        },
      };
    },
  };
  const result = await prepareCase(problem, late, {
    places: gateRows(shape, 1),
    fullRows: null,
    seed: 1,
    output: guardedOutput(elementCount(shape, "output")),
    second: null,
    now: () => 0,
  });
  if (result.outcome !== "green") throw new Error(result.reason);
  isLate = true;
  result.begin(5);
  for (let call = 0; call < 5; call++) result.call();
  expect(await result.verify()).toMatch(/choice\(\) changed the output/);

  const { decode } = js;
  if (decode === undefined) throw new TypeError("js decodes");
  const lateSteps: DecodeKernel = {
    ...decode,
    prepare(task, weights): Stepper {
      const right = decode.prepare(task, weights);
      const stepper: Stepper = Object.create(right);
      let last: Float32Array = new Float32Array(0);
      let kept: Float32Array = new Float32Array(0);
      return Object.defineProperties(stepper, {
        step: {
          value(token: Token) {
            right.step(token);
            last = token.out;
            kept = token.out.slice();
            token.out.fill(0);
          },
        },
        choice: {
          value() {
            last.set(kept);
            return right.choice?.() ?? {};
          },
        },
      });
    },
  };
  for (const fault of await faults(problem, lateSteps)) {
    expect(fault).toMatch(/choice\(\) changed the output/);
  }
});

describe.each(variants)("in rounds of $id, verification", ({ problem }) => {
  it("finds a kernel that no longer chooses", async () => {
    let calls = 0;
    const lazy: Kernel = {
      ...js,
      id: "lazy",
      prepare(asked, output) {
        const kept = { ...asked.inputs, q: asked.inputs.q.slice(), k: asked.inputs.k.slice() };
        const right = js.prepare(asked, output);
        const stale = js.prepare({ ...asked, inputs: kept }, output);
        return {
          ...right,
          run() {
            calls++;
            if (calls < 20) right.run();
            else stale.run();
          },
          choice: () => (calls < 20 ? right : stale).choice?.() ?? {},
        };
      },
    };
    const result = await prepareCase(problem, lazy, {
      places: gateRows(shape, 1),
      fullRows: null,
      seed: 1,
      output: guardedOutput(elementCount(shape, "output")),
      second: null,
      now: () => 0,
    });
    if (result.outcome !== "green") throw new Error(result.reason);
    let wrong: string | null = null;
    for (let round = 0; round < 6 && wrong === null; round++) {
      result.begin(5);
      for (let call = 0; call < 5; call++) result.call();
      wrong = (await result.verify()) ?? (await result.recheck());
    }
    expect(wrong).toMatch(/row \d+ of batch 0, head \d/);
    expect(calls).toBeGreaterThanOrEqual(20);
  });
});
