import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Kernel } from "../../src/kernels/kernel.ts";
import { resultLine } from "../../src/record/schema/result-lines.ts";
import { full } from "../../variants/dense/full.ts";
import { clock } from "../timing/slot-on-the-clock.ts";
import { beginRun, isCase, isRound, kernel, type Line, linesOf, plan, verdicts } from "./fake-run.ts";

vi.mock("../../src/timing/slot.ts", () => import("../timing/slot-on-the-clock.ts"));
beforeEach(beginRun);

/** The last word on each kernel's case. */
const told = (lines: readonly Line[]) =>
  new Map([...verdicts(lines).values()].map((line) => [line.kernel, line]));
const one = { of: [full], lengths: [8], headDim: 4, rounds: 3 };

describe("a run", () => {
  it("takes no time for one that no processor reaches: such a case is failed, and the others go on", async () => {
    const kernels = [kernel("lazy", { callSeconds: () => 0.01 }), kernel("honest", { callSeconds: () => 1 })];
    // A thread that finishes 100 thousand operations a second takes 0.16 s for the 16 thousand of 32 tokens.
    const speedLimit = { flopsPerSecond: 1e5, bytesPerSecond: 1e9 };
    const planned = plan(kernels, { ...one, lengths: [32], headDim: 4 });
    const lines = await linesOf(planned, kernels, { speedLimit });
    expect(told(lines).get("lazy")).toMatchObject({ outcome: "failed", prepare_s: null });
    expect(told(lines).get("lazy")?.reason).toMatch(
      /^verification, in round 0: a call of 16.4 kFLOP must take at least 164 ms on 1 thread of .*, got 10.0 ms; its timed calls skip work$/,
    );
    expect(lines.filter(isRound).map((line) => line.case)).toEqual(
      Array(3).fill(told(lines).get("honest")?.case),
    );
  });

  it("says what the first prepare took, and warns of one that keeps what the others find", async () => {
    const slowFirst = (id: string, seconds: number): Kernel => {
      const inner = kernel(id);
      let first = true;
      const prepare: Kernel["prepare"] = (problem, output) => {
        clock.seconds += first ? seconds : 1e-4;
        first = false;
        return inner.prepare(problem, output);
      };
      return { ...inner, prepare };
    };
    const kernels = [slowFirst("keeps", 0.2), slowFirst("cold", 0.01)];
    const lines = await linesOf(plan(kernels, one), kernels);
    expect(told(lines).get("keeps")?.first_prepare_s).toBeCloseTo(0.2, 4);
    expect(told(lines).get("keeps")?.prepare_s).toBeCloseTo(1e-4, 6);
    expect(told(lines).get("keeps")?.remarks).toEqual([
      expect.stringMatching(
        /^kernel keeps keeps what it prepared: the first time took 200 ms, the median is 100 µs; /,
      ),
    ]);
    expect(told(lines).get("cold")).not.toHaveProperty("remarks");
    for (const line of lines) expect(resultLine.parse(JSON.parse(JSON.stringify(line)))).toEqual(line);
  });

  it("refuses a kernel that replaces a clock or mathematics, and puts it back for the others", async () => {
    const { exp } = Math;
    const replacing = (id: string, when: number) =>
      kernel(id, {
        afterCall: (call) => {
          if (call === when) Math.exp = (x) => exp(x);
        },
      });
    const kernels = [replacing("early", 1), replacing("late", 7), kernel("honest")];
    const lines = await linesOf(plan(kernels, one), kernels);
    const wrong = /: it replaced Math.exp, which measuring and the reference rely on; leave it as it is$/;
    expect(told(lines).get("early")?.reason).toMatch(wrong);
    expect(told(lines).get("late")?.reason).toMatch(wrong);
    expect(told(lines).get("honest")?.outcome).toBe("measured");
    expect(Math.exp).toBe(exp);
  });

  it("shows why a kernel counts less work than the mathematics takes", async () => {
    const inner = kernel("fewer");
    const fewer: Kernel = {
      ...inner,
      prepare: (problem, output) =>
        Object.assign(inner.prepare(problem, output), {
          executedFlops: 1,
          whyFewer: "rows alike are computed once",
        }),
    };
    const lines = await linesOf(plan([fewer], one), [fewer]);
    expect(lines.find(isCase)?.remarks).toEqual([
      "kernel fewer counts less work than the mathematics takes: rows alike are computed once",
    ]);
  });

  it("writes down what each slot took of the processors", async () => {
    const lines = await linesOf(plan([kernel("a")], one), [kernel("a")]);
    for (const line of lines.filter(isRound)) {
      expect(line.wall_s).toBeGreaterThan(0);
      expect(line.processor_s).toBeGreaterThanOrEqual(0);
      expect(line.threads_seen).toBeGreaterThanOrEqual(0);
    }
  });
});
