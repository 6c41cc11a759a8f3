import { describe, expect, it } from "vitest";
import { js } from "../../src/kernels/js/index.ts";
import type { Kernel } from "../../src/kernels/kernel.ts";
import { resultLine } from "../../src/record/schema/result-lines.ts";
import { full } from "../../variants/dense/full.ts";
import { topK } from "../../variants/selection/top-k.ts";
import { isCase, isRound, type Line, linesOf, plan } from "./fake-run.ts";

const now = () => performance.now() / 1000;

async function runOf(kernel: Kernel): Promise<Line[]> {
  const planned = plan([kernel], { of: [full, topK], lengths: [64], rounds: 2 });
  const lines = await linesOf(planned, [kernel], { now, variants: [full, topK] });
  for (const line of lines) resultLine.parse(JSON.parse(JSON.stringify(line)));
  return lines;
}

/** The js kernel, with another clock of its choosing. */
function clockedBy(selectSeconds: (calls: number) => number): Kernel {
  return {
    ...js,
    prepare(problem, output) {
      const right = js.prepare(problem, output);
      let calls = 0;
      const run = () => {
        calls++;
        right.run();
      };
      return {
        ...right,
        run,
        ...(right.choice !== undefined && { selectSeconds: () => selectSeconds(calls) }),
      };
    },
  };
}

describe("a run", () => {
  it("says how long a kernel chose, and how many operations that takes, of those that choose only", async () => {
    const lines = await runOf(js);
    for (const line of lines.filter(isRound)) {
      if (!line.case.includes("top-k")) expect(line.select_s).toBeUndefined();
      else {
        expect(line.select_s).toBeGreaterThan(0);
        expect(line.select_s).toBeLessThan(line.samples.reduce((sum, one) => sum + one, 0));
      }
    }
    const flops = lines.filter(isCase).map(({ variant, select_flops }) => [variant, select_flops]);
    expect(new Map(flops.map(([variant, count]) => [variant, count]))).toEqual(
      new Map<unknown, unknown>([
        ["full", undefined],
        ["top-k", 2 * 4 * 64 * 64],
      ]),
    );
  });

  it.each([
    ["longer than its calls took", (calls: number) => 10 * calls],
    ["less than before", (calls: number) => -calls],
    ["no number", () => Number.NaN],
  ])("fails a kernel that says that it chose for %s", async (_, told) => {
    const reasons = (await runOf(clockedBy(told))).filter(isCase).flatMap(({ reason }) => reason ?? []);
    expect(reasons.join("\n")).toMatch(
      /verification: selectSeconds\(\) must grow by at most the \S+ s that its calls took, got/,
    );
  });
});
