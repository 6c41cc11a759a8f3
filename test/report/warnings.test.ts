import { describe, expect, test } from "vitest";
import type { Environment } from "../../src/record/schema/result-lines.ts";
import { machineWarnings } from "../../src/report/machine-warnings.ts";
import { warningsOf } from "../../src/report/warnings.ts";
import { sampleResults } from "./sample-results.ts";

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
    [{ load: 1.1, cores: 1 }, /busy at the start, load 1\.1 on 1 core: close/],
    [{ load: 4.1 }, /busy at the start, load 4\.1 on 4 cores/],
    [{ on_battery: true }, /battery/],
    [{ governor: "powersave" }, /governor powersave/],
    [{ kernels: { wasm: "wide 0123, bounds checks" } }, /checks every access to memory.*ulimit -v/],
  ])("%o is told with what to do", (change, text) => {
    expect(machine(change)).toEqual([expect.stringMatching(text)]);
  });
});

test("more threads than cores are told of a run", () => {
  const { run, rows, ...rest } = sampleResults();
  const cores = { ...run, environment: { ...run.environment, cores: 2 } };
  const on = (threads: number) =>
    warningsOf({ ...rest, run: cores, rows: rows.map((row) => ({ ...row, threads })) }).join();
  expect(on(3)).toContain("3 threads on 2 cores, which take turns: ask for --threads 2 at most");
  expect(on(2)).not.toContain("take turns");
});

test("a run that ended early is to be resumed, and in a browser, which cannot resume one, to be run again", () => {
  const { run, rows, ...rest } = sampleResults();
  const early = (browser: Pick<Environment, "browser">) => {
    const environment = { ...run.environment, ...browser };
    return warningsOf({ ...rest, run: { ...run, environment }, rows: rows.slice(1) }).join("\n");
  };
  expect(early({})).toMatch(/the run ended early; run it again with --resume$/m);
  expect(early({ browser: { user_agent: "some", isolated: true } })).toMatch(
    /the run ended early; run it again$/m,
  );
});
