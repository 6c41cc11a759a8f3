import { join } from "node:path";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { shapeOf } from "../../src/core/shape.ts";
import { openProgram } from "../../src/kernels/external/open-program.ts";
import { programName } from "../../src/kernels/external/program-spec.ts";
import { band } from "../../src/pattern/band.ts";
import { problemOf } from "../kernels/arbitrary-problems.ts";
import { ofPattern } from "../mechanisms/judge.ts";
import { throughGate } from "../verify/whole-gate.ts";
import { pythonWith } from "./pythons.ts";

const python = pythonWith();
const shape = shapeOf({ batch: 1, heads: 2, length: 20, headDim: 4 });

/** What verification says of a kernel in `wrong/`; null if it is right. */
async function refusalOf(file: string, causal: boolean): Promise<string | null> {
  const program = await openProgram(
    programName({ command: [python ?? "", join(import.meta.dirname, "wrong", file)] }),
  );
  try {
    const [kernel] = program.kernels;
    const result = await throughGate(problemOf(ofPattern(band(3, 3)), shape, causal), kernel);
    return result.outcome === "green" ? null : result.reason;
  } finally {
    await program.close();
  }
}

const row = /row \d+ of batch 0, head \d/;

describe.skipIf(python === null)("a kernel in Python that", () => {
  it.each([
    ["does not scale q·k", "no_scale.py", row],
    ["is off by one at the edges of the pattern", "off_by_one.py", row],
    ["reads what is still to come", "future_leak.py", row],
    ["hands out what it computed before", "stale_output.py", row],
    ["sums in half precision", "half_sums.py", row],
    ["takes each head for another", "heads_swapped.py", row],
    ["computes on the inputs as they were when it was prepared", "inputs_of_prepare.py", row],
    ["leaves its last row", "last_row.py", row],
    ["has an output of another shape", "wrong_shape.py", /must be|shape/],
  ])("%s is refused, and the reason names the row", async (_, file, reason) => {
    expect(await refusalOf(file, true)).toMatch(reason);
  });

  it.each([true, false])("is right passes, causal: %s", async (causal) => {
    expect(await refusalOf("right.py", causal)).toBeNull();
  });
});

it("Python is there, or its tests say that they were skipped", () => {
  if (python === null) process.stderr.write("no python3 on the path: kernels in Python were not tested\n");
  expect(python ?? "none").not.toBe("");
});
