import { describe, expect, test } from "vitest";
import type { Environment, RoundLine } from "../../src/core/result-lines.ts";
import { machineWarnings } from "../../src/report/machine-warnings.ts";
import { spreadWarnings } from "../../src/report/spread-warnings.ts";

const quiet: Pick<Environment, "load" | "cores" | "governor" | "on_battery"> = {
  load: 0.3,
  cores: 4,
  governor: "performance",
  on_battery: false,
};

function machine(change: Partial<Environment>): readonly string[] {
  return machineWarnings({ ...quiet, ...change } as Environment);
}

function rounds(seconds: readonly number[], calls = 1): RoundLine[] {
  return seconds.map((sample, round) => ({
    type: "round",
    case: "one",
    round,
    samples: [sample, sample, sample],
    calls,
    at_s: round,
    load: 0,
    steal: 0,
    involuntary_switches: 0,
    warnings: [],
  }));
}

describe("warnings about the machine", () => {
  test("there are none for a quiet machine, nor where the system does not tell", () => {
    expect(machine({})).toEqual([]);
    expect(machine({ governor: null, on_battery: null })).toEqual([]);
  });

  test.each([
    [{ load: 4.1 }, /busy at the start, load 4\.1 on 4 cores/],
    [{ on_battery: true }, /battery/],
    [{ governor: "powersave" }, /governor powersave/],
  ])("%o is told with what to do", (change, text) => {
    expect(machine(change)).toEqual([expect.stringMatching(text)]);
  });
});

describe("warnings about the spread of rounds", () => {
  const steady = [1, 1.01, 0.99, 1, 1.02, 1, 0.98];

  test("there are none for steady rounds", () => {
    expect(spreadWarnings(rounds(steady), 1e-6)).toEqual([]);
  });

  test("a slow first round is told, and is no outlier besides", () => {
    expect(spreadWarnings(rounds([1.3, ...steady]), 1e-6)).toEqual([expect.stringMatching(/first round/)]);
  });

  test("a later round far off the others is told", () => {
    expect(spreadWarnings(rounds([...steady, 1.5]), 1e-6)).toEqual([expect.stringMatching(/far off/)]);
  });

  test("a round that is a little off is not, however alike the others are", () => {
    expect(spreadWarnings(rounds([1, 1, 1, 1, 1, 1, 1.05]), 1e-6)).toEqual([]);
  });

  test("few rounds say nothing about their spread", () => {
    expect(spreadWarnings(rounds([9, 1, 1, 1, 1]), 1e-6)).toEqual([]);
  });

  test("what counts against the clock's step is a whole batch, not one call", () => {
    expect(spreadWarnings(rounds([1e-6], 1), 1e-6)).toEqual([expect.stringMatching(/too coarse/)]);
    expect(spreadWarnings(rounds([1e-6], 1000), 1e-6)).toEqual([]);
  });
});
