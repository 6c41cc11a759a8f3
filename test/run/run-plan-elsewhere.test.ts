import { afterAll, describe, expect, it } from "vitest";
import type { Kernel } from "../../src/kernels/kernel.ts";
import { resultLine } from "../../src/record/schema/result-lines.ts";
import { local } from "../../variants/sparse/local.ts";
import { lostAfter, patiently, wrongOutputs } from "../verify/dishonest-devices.ts";
import { fakeDevice } from "../verify/fake-device.ts";
import { planted } from "../verify/planted-kernels.ts";
import { isCase, isRound, type Line, linesOf, plan, roundsOf, verdicts } from "./fake-run.ts";

const now = () => performance.now() / 1000;
const punctual = fakeDevice("punctual");
const clocked = fakeDevice("clocked", { clock: true });

afterAll(async () => {
  for (const device of [punctual, clocked]) await device.close();
});

/** A run of some kernels by the clock, of one short case each. */
async function runOf(
  kernels: readonly Kernel[],
  overrides: Parameters<typeof linesOf>[2] = {},
  rounds = 3,
): Promise<Line[]> {
  const planned = plan(kernels, { of: [local], lengths: [12], rounds });
  const lines = await linesOf(planned, kernels, { now, ...overrides });
  // What the file refuses would end a run.
  for (const line of lines) resultLine.parse(JSON.parse(JSON.stringify(line)));
  return lines;
}

const isOf = (id: string) => (line: Line) => line.case.includes(id);

/** A run of a device that is lost in its second round, beside another kernel. */
async function lostInRound(how: "never" | "rejected", patience_s: number): Promise<Line[]> {
  let isLost = false;
  const device = fakeDevice("device", {
    bend: ({ honest }) => ({
      async finish() {
        if (!isLost) await honest.finish?.();
        else if (how === "never") await new Promise(() => {});
        else throw new Error("the device is gone");
      },
    }),
  });
  let rounds = 0;
  const observe = ({ phase, case: name }: { phase: string; case: string }) => {
    if (phase === "measure" && name.includes("device") && ++rounds === 2) isLost = true;
  };
  try {
    return await runOf([device, planted("after")], { observe, patience_s });
  } finally {
    await device.close();
  }
}

describe("a run", () => {
  it("measures what computes elsewhere beside what computes here, and writes down how it was timed", async () => {
    const lines = await runOf([punctual, planted("here"), clocked]);
    expect(lines.filter(isCase).map(({ outcome, reason }) => [outcome, reason])).toEqual(
      Array(3).fill(["measured", null]),
    );
    expect(roundsOf(lines).map((round) => round.length)).toEqual([3, 3, 3]);
    for (const line of lines.filter(isRound)) {
      const { samples, calls, transfer_s, device_s, around_s } = line;
      expect(Math.min(...samples)).toBeGreaterThan(0);
      if (line.case.includes("here"))
        expect([transfer_s, device_s, around_s]).toEqual(Array(3).fill(undefined));
      else expect(transfer_s).toBeGreaterThan(0);
      // A call that is waited for is timed alone.
      if (line.case.includes("punctual"))
        expect([calls, device_s, around_s]).toEqual([1, undefined, undefined]);
      if (line.case.includes("clocked")) {
        expect(device_s).toBeGreaterThan(0);
        expect(around_s).toBeGreaterThan(device_s ?? 0);
      }
    }
    // With a clock several calls are timed at once, where the round before found them short.
    const ofClocked = lines.filter(isRound).filter(isOf("clocked"));
    for (const [at, { calls }] of ofClocked.slice(1).entries()) {
      const { samples } = ofClocked[at];
      const median = samples.toSorted((a, b) => a - b)[samples.length >> 1];
      expect(calls > 1).toBe(median < 1e-4);
    }
  });

  it("says of what computes elsewhere that no limit is known of it, and of nothing else", async () => {
    const lines = (await runOf([punctual, planted("here")])).filter(isCase);
    const remarks = Object.fromEntries(
      lines.map(({ kernel, remarks: all = [] }) => [kernel, all.join("\n")]),
    );
    expect(remarks.punctual).toMatch(/kernel punctual computes elsewhere, where no speed limit is known/);
    expect(remarks.here).toBe("");
  });

  it("holds what computes here to what no processor exceeds, and what computes elsewhere to nothing", async () => {
    const speedLimit = { flopsPerSecond: 1, bytesPerSecond: 1 };
    const lines = await runOf([punctual, planted("here"), clocked], { speedLimit });
    expect(
      [...verdicts(lines).values()].map(({ kernel, outcome, reason }) => [kernel, outcome, reason]),
    ).toEqual(
      expect.arrayContaining([
        ["punctual", "measured", null],
        ["here", "failed", expect.stringMatching(/its timed calls skip work$/)],
        ["clocked", "measured", null],
      ]),
    );
  });

  it.each(["never", "rejected"] as const)(
    "fails a device that is lost at the gate in one line, and goes on: %s",
    async (how) => {
      const lines = await runOf([lostAfter(3, how), planted("after")], { patience_s: 2 });
      const final = [...verdicts(lines).values()].map(({ kernel, outcome }) => [kernel, outcome]);
      expect(final.toSorted()).toEqual([
        ["after", "measured"],
        [`lost-${how}`, "failed"],
      ]);
      expect(lines.filter(isRound)).toHaveLength(3);
    },
  );

  it.each([
    ["never", /^in round 1: finish has not answered within \S+ m?s; its device or process is lost$/],
    ["rejected", /^the kernel threw in round 1: the device is gone$/],
  ] as const)("fails a device that is lost in a round in one line, and goes on: %s", async (how, said) => {
    const lines = await patiently(
      (patience_s) => lostInRound(how, patience_s),
      (all) =>
        verdicts(all.filter(isOf("device")))
          .values()
          .next()
          .value?.reason?.match(said) != null,
    );
    const of = (id: string) => lines.filter(isOf(id));
    expect(of("device").map((line) => (isCase(line) ? line.outcome : line.round))).toEqual([
      "measured",
      0,
      "failed",
    ]);
    expect(verdicts(of("device")).values().next().value?.reason).toMatch(said);
    expect(of("after").map((line) => (isCase(line) ? line.outcome : line.round))).toEqual([
      "measured",
      0,
      1,
      2,
    ]);
  });

  it("fails a device whose clock tells little of what is waited for in a round", async () => {
    let isSlow = false;
    const device = fakeDevice("device", {
      clock: true,
      bend: ({ honest }) => ({
        async timed(calls) {
          if (isSlow) await new Promise((resolve) => setTimeout(resolve, 200));
          if (honest.timed === undefined) throw new TypeError("it has a clock");
          return await honest.timed(calls);
        },
      }),
    });
    const observe = ({ phase }: { phase: string }) => {
      isSlow ||= phase === "measure";
    };
    const lines = await runOf([device], { observe }, 12);
    expect(verdicts(lines).values().next().value?.reason).toMatch(
      /^verification, after round \d+: timed reports .* awaited for .*; its clock must report all that they take$/,
    );
    await device.close();
  });

  it("gives a device an output of its own, into which it may still write when it is lost", async () => {
    const outputs: Float32Array[] = [];
    const device = fakeDevice("device", {
      bend({ output }) {
        outputs.push(output);
        return {};
      },
    });
    const here = planted("here");
    const shared: Float32Array[] = [];
    const spied: Kernel = {
      ...here,
      prepare(problem, output) {
        shared.push(output);
        return here.prepare(problem, output);
      },
    };
    await runOf([device, spied]);
    expect(outputs.length).toBeGreaterThan(0);
    for (const output of outputs) expect(shared.map(({ buffer }) => buffer)).not.toContain(output.buffer);
    await device.close();
  });

  it("fails a device that turns wrong in a round, and none beside it", async () => {
    let isWrong = false;
    const device = fakeDevice("device", {
      bend: ({ honest, output }) => ({
        async fetch() {
          await honest.fetch?.();
          if (isWrong) output[3] += 1;
        },
      }),
    });
    const observe = ({ phase }: { phase: string }) => {
      isWrong ||= phase === "measure";
    };
    const lines = await runOf([device, punctual], { observe });
    const final = [...verdicts(lines).values()].map(({ kernel, outcome, reason }) => [
      kernel,
      outcome,
      reason,
    ]);
    expect(final.toSorted()).toEqual([
      [
        "device",
        "failed",
        expect.stringMatching(/^verification, after round 0: row 0 of batch 0, head 0, column 3/),
      ],
      ["punctual", "measured", null],
    ]);
    await device.close();
  });

  it.each(wrongOutputs)("fails $kernel.id", async ({ kernel }) => {
    const lines = await runOf([kernel]);
    expect(lines.map((line) => isCase(line) && line.outcome)).toEqual(["failed"]);
    await kernel.close();
  });
});
