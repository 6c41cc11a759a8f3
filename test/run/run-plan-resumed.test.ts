import { beforeEach, describe, expect, it, vi } from "vitest";
import type { CaseLine } from "../../src/record/schema/result-lines.ts";
import { roundKey } from "../../src/run/run-context.ts";
import { full } from "../../variants/dense/full.ts";
import { planted } from "../verify/planted-kernels.ts";
import {
  beginRun,
  doneBy,
  events,
  isRound,
  kernel,
  type Line,
  linesOf,
  nothingDone,
  plan,
} from "./fake-run.ts";

vi.mock("../../src/timing/slot.ts", () => import("../timing/slot-on-the-clock.ts"));
beforeEach(beginRun);

describe("runPlan, resumed", () => {
  it("measures what is missing, and nothing twice, wherever it was interrupted", async () => {
    const kernels = [
      kernel("a"),
      planted("wrong", { scale: () => 1 }),
      kernel("no", { supports: () => "no" }),
    ];
    const planned = plan(kernels, { lengths: [4, 9], rounds: 3 });
    const whole = await linesOf(planned, kernels);
    const keys = (lines: readonly Line[]) =>
      lines.map((line) => (isRound(line) ? roundKey(line) : `${line.outcome} ${line.case}`)).toSorted();
    for (let kept = 0; kept <= whole.length; kept += 3) {
      const before = whole.slice(0, kept);
      const rest = await linesOf(planned, kernels, { already: doneBy(before) });
      expect(keys([...before, ...rest])).toEqual(keys(whole));
    }
  });

  it("does not begin a case again that was skipped or failed", async () => {
    const kernels = [kernel("a")];
    const planned = plan(kernels, { of: [full] });
    const outcomes = new Map<string, CaseLine["outcome"]>([
      [planned.cases[0].case, "skipped"],
      [planned.cases[1].case, "failed"],
    ]);
    const lines = await linesOf(planned, kernels, { already: { ...nothingDone, outcomes } });
    expect(new Set(lines.map((line) => line.case))).toEqual(new Set([planned.cases[2].case]));
    expect(new Set(events.map(({ length }) => length))).toEqual(new Set([12]));
  });

  it("fails a case that was measured before and is wrong now", async () => {
    const kernels = [planted("wrong", { scale: () => 1 })];
    const planned = plan(kernels, { of: [full], lengths: [9] });
    const outcomes = new Map([[planned.cases[0].case, "measured"] as const]);
    const lines = await linesOf(planned, kernels, { already: { ...nothingDone, outcomes } });
    expect(lines).toMatchObject([{ type: "case", outcome: "failed" }]);
  });

  it("counts what was spent before towards the deadline", async () => {
    const kernels = [kernel("a", { callSeconds: () => 10 })];
    const planned = plan(kernels, { of: [full], lengths: [4], rounds: 8, deadlineSeconds: 25 });
    const spent = new Map([[planned.cases[0].case, 20]]);
    const outcomes = new Map([[planned.cases[0].case, "measured"] as const]);
    const rounds = new Set([0, 1].map((round) => roundKey({ case: planned.cases[0].case, round })));
    const lines = await linesOf(planned, kernels, { already: { outcomes, rounds, spent, elapsed: 30 } });
    expect(lines).toMatchObject([{ type: "round", round: 2 }]);
    expect(lines[0].type === "round" && lines[0].at_s).toBeGreaterThanOrEqual(30);
  });

  it.each([
    ["pairs", { pairs: 15 }],
    ["useful_flops", { useful_flops: 1 }],
    ["executed_flops", { executed_flops: 1 }],
    ["bytes", { bytes: null }],
    ["workspace_bytes", { workspace_bytes: 7 }],
  ] as const)("refuses a case that has other %s than its line says", async (field, change) => {
    const kernels = [kernel("a")];
    const planned = plan(kernels, { of: [full], lengths: [4], rounds: 2 });
    const [written] = (await linesOf(planned, kernels)) as CaseLine[];
    const of = (line: CaseLine) => ({
      ...nothingDone,
      ...doneBy([line]),
      lines: new Map([[line.case, line]]),
    });
    expect(await linesOf(planned, kernels, { already: of(written) })).toHaveLength(2);
    await expect(linesOf(planned, kernels, { already: of({ ...written, ...change }) })).rejects.toThrow(
      new RegExp(
        `^--resume: full/a/\\S+ has ${field} .* in the file, this code has .*; resume with the code`,
      ),
    );
  });

  it("refuses the same of a case that has all its rounds, where that can be known", async () => {
    const kernels = [kernel("a")];
    const planned = plan(kernels, { of: [full], lengths: [4], rounds: 2 });
    const lines = await linesOf(planned, kernels);
    const written = { ...(lines[0] as CaseLine), pairs: 15 };
    const already = { ...doneBy(lines), lines: new Map([[written.case, written]]) };
    await expect(linesOf(planned, kernels, { already })).rejects.toThrow(/ has pairs 15 in the file/);
  });
});
