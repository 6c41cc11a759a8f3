import { describe, expect, test } from "vitest";
import type { Environment } from "../../src/core/result-lines.ts";
import { machineWarnings } from "../../src/report/machine-warnings.ts";

const quiet: Pick<Environment, "load" | "cores" | "governor" | "on_battery"> = {
  load: 0.3,
  cores: 4,
  governor: "performance",
  on_battery: false,
};

function machine(change: Partial<Environment>): readonly string[] {
  return machineWarnings({ ...quiet, ...change } as Environment);
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
