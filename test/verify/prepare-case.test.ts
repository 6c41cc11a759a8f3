import { describe, expect, it } from "vitest";
import { elementCount, shapeOf } from "../../src/core/shape.ts";
import { parameterize } from "../../src/core/variant.ts";
import { guardedOutput, type Kernel } from "../../src/kernels/kernel.ts";
import { fullOracle } from "../../src/mechanisms/full-oracle.ts";
import { float64 } from "../../src/mechanisms/oracle.ts";
import { type GateContext, prepareCase } from "../../src/verify/prepare-case.ts";
import { gateRows } from "../../src/verify/rows.ts";
import { full } from "../../variants/dense/full.ts";
import { local } from "../../variants/sparse/local.ts";
import { problemOf } from "../kernels/arbitrary-problems.ts";
import { planted } from "./planted-kernels.ts";

const shape = shapeOf({ batch: 1, heads: 2, length: 90, headDim: 6 });
const dense = problemOf(parameterize(full, {}).mechanism, shape, false);
const windowed = problemOf(parameterize(local, { window: 4 }).mechanism, shape, false);
const places = gateRows(shape, 1);
const fullRows = {
  rows: fullOracle(dense)
    .rows(places, float64)
    .map(({ values }) => values),
  meanError: 0.75,
};

function context(overrides: Partial<GateContext> = {}): GateContext {
  return {
    places,
    fullRows: null,
    seed: 1,
    output: guardedOutput(elementCount(shape)),
    second: null,
    now: () => 0,
    ...overrides,
  };
}

/** A right kernel on a clock of its own: preparing and running take what they are told to. */
function onClock(prepareSeconds: readonly number[], runSeconds: number) {
  let seconds = 0;
  let prepared = 0;
  let disposed = 0;
  const right = planted("on-clock");
  const kernel: Kernel = {
    ...right,
    prepare(problem, output) {
      seconds += prepareSeconds[prepared++ % prepareSeconds.length];
      const runnable = right.prepare(problem, output);
      return {
        ...runnable,
        run() {
          seconds += runSeconds;
          runnable.run();
        },
        dispose: () => disposed++,
      };
    },
  };
  return { kernel, now: () => seconds, counts: () => ({ prepared, disposed }) };
}

async function green(kernel: Kernel, problem = windowed, overrides: Partial<GateContext> = {}) {
  const result = await prepareCase(problem, kernel, context(overrides));
  if (result.outcome !== "green") throw new Error(result.reason);
  return result;
}

describe("prepareCase", () => {
  it("prepares three times where that is long, reports the median, and keeps only the last prepared call", async () => {
    const { kernel, now, counts } = onClock([0.5, 0.1, 0.3], 2);
    const { prepareSeconds, callSeconds } = await green(kernel, windowed, { now });
    expect(prepareSeconds).toBeCloseTo(0.3, 9);
    expect(callSeconds).toBeCloseTo(2, 9);
    expect(counts()).toEqual({ prepared: 3, disposed: 2 });
  });

  it("prepares once where that takes more than a second", async () => {
    const { kernel, now, counts } = onClock([7], 2);
    expect((await green(kernel, windowed, { now })).prepareSeconds).toBe(7);
    expect(counts()).toEqual({ prepared: 1, disposed: 0 });
  });

  it("prepares twice where nobody asks how long that takes", async () => {
    const { kernel, now, counts } = onClock([0.001], 2);
    await green(kernel, windowed, { now, timesPreparing: false });
    expect(counts()).toEqual({ prepared: 2, disposed: 1 });
  });

  it("frees what it refuses, and survives what throws even then", async () => {
    let prepared = 0;
    let disposed = 0;
    const wrong = planted("wrong", { scale: () => 1 });
    const freed: Kernel = {
      ...wrong,
      prepare(problem, output) {
        prepared++;
        return { ...wrong.prepare(problem, output), dispose: () => disposed++ };
      },
    };
    expect((await prepareCase(windowed, freed, context())).outcome).toBe("red");
    expect(prepared).toBeGreaterThanOrEqual(3);
    expect(disposed).toBe(prepared);
    let ran = false;
    const stuck: Kernel = {
      ...wrong,
      prepare: (problem, output) => ({
        ...wrong.prepare(problem, output),
        run() {
          ran = true;
          throw new Error("no run");
        },
        dispose() {
          if (ran) throw new Error("no end");
        },
      }),
    };
    expect(await prepareCase(windowed, stuck, context())).toMatchObject({
      outcome: "red",
      reason: "the kernel threw: no run",
    });
  });

  it("holds the output of the last timed call to the numbers that it was given, and gives the others back", async () => {
    const { call, begin, verify, recheck, output } = await green(planted("right"));
    const before = windowed.inputs.k.slice();
    const timed = (calls: number) => {
      begin(calls);
      for (let made = 0; made < calls; made++) call();
    };
    for (const calls of [1, 2, 7, 100]) {
      timed(calls);
      expect(windowed.inputs.k).not.toEqual(before);
      expect(await verify()).toBeNull();
      expect(windowed.inputs.k).toEqual(before);
      expect(await recheck()).toBeNull();
    }
    timed(3);
    output.fill(0.5);
    expect(await verify()).toMatch(
      /^row \d+ of batch 0, head \d, column \d: got 0.5, .* over budget .*, seed 1$/,
    );
    timed(3);
    output[5 * shape.headDim] = Number.NaN;
    expect(await verify()).toMatch(/^row 5 of batch 0, head 0, column 0: got NaN/);
    windowed.inputs.k[3] += 1;
    expect(await recheck()).toMatch(/changed its input k$/);
    windowed.inputs.k[3] -= 1;
  });

  it("gives a fidelity within rounding of 0 to full attention, and none where it is not asked for", async () => {
    const { fidelityError } = (await green(planted("right"), dense, { fullRows })).gate;
    expect(fidelityError).toBeGreaterThan(0);
    expect(fidelityError).toBeLessThan(2 ** -23);
    expect((await green(planted("right"), dense)).gate.fidelityError).toBeNull();
  });

  it("gives the relative Frobenius distance from full attention over the gate's rows to a window", async () => {
    const { gate, runnable } = await green(planted("right"), windowed, { fullRows });
    const output = runnable.output();
    let apart = 0;
    let norm = 0;
    for (const [at, { head, row }] of places.entries()) {
      for (let column = 0; column < shape.headDim; column++) {
        const full = fullRows.rows[at][column];
        apart += (output[(head * shape.length + row) * shape.headDim + column] - full) ** 2;
        norm += full ** 2;
      }
    }
    expect(gate.fidelityError).toBeCloseTo(Math.sqrt(apart / norm), 12);
    expect(gate.rows).toBe(places.length);
    expect(gate.meanFidelityError).toBe(0.75);
  });
});
