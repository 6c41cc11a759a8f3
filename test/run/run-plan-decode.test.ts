import { expect, test } from "vitest";
import { syntheticSource } from "../../src/input/synthetic.ts";
import type { Kernel } from "../../src/kernels/kernel.ts";
import { builtInKinds } from "../../src/mechanisms/kinds.ts";
import { planRun } from "../../src/plan/plan.ts";
import type { CaseLine } from "../../src/record/schema/result-lines.ts";
import { runPlan } from "../../src/run/run-plan.ts";
import { full } from "../../variants/dense/full.ts";
import { deviceStepper } from "../verify/fake-device-stepper.ts";
import { plantedDecoder, type StepFaults } from "../verify/planted-steppers.ts";

/** The lines of a run of two rounds that decodes `full` at two positions by a planted stepper. */
async function linesOf(faults: StepFaults, memoryBytes = 2 ** 30) {
  return await linesBy(plantedDecoder("planted", faults), memoryBytes);
}

/** The same by any kernel. */
async function linesBy<K extends Kernel>(kernel: K, memoryBytes = 2 ** 30) {
  const plan = planRun(
    {
      kinds: builtInKinds,
      mode: "decode",
      variants: [{ variant: full, overrides: {} }],
      kernels: [kernel],
      lengths: [8, 16],
      recomputed: [8],
      batch: 1,
      heads: 2,
      headDim: 4,
      causal: false,
      threads: 1,
      input: "gaussian",
      plugins: [],
      simd: "auto",
      seed: 1,
      rounds: 2,
      budgetSeconds: 60,
      deadlineSeconds: 60,
    },
    [kernel],
  );
  const run = runPlan(plan, {
    kinds: builtInKinds,
    variants: [full],
    kernels: [kernel],
    source: syntheticSource("gaussian", 1),
    already: { outcomes: new Map(), rounds: new Set(), spent: new Map(), elapsed: 0 },
    memoryBytes,
    now: () => performance.now() / 1000,
    signal: new AbortController().signal,
    observe: () => {},
  });
  const lines = await Array.fromAsync(run);
  const cases = lines.filter((line): line is CaseLine => line.type === "case");
  const last = new Map(cases.map((line) => [line.case, line]));
  return {
    kernel,
    rounds: lines.filter(({ type }) => type === "round"),
    of: (name: string) => last.get(name),
  };
}

const STEP = "full/planted/b1h2n16d4/decode";

test("a stepper that is right is measured in every round, and freed at the end", async () => {
  const { kernel, rounds, of } = await linesOf({});
  expect(of(STEP)).toMatchObject({
    outcome: "measured",
    mode: "decode",
    state_bytes: 8 * 2 * 4 * 16,
    causal: true,
  });
  expect(of("full/planted/b1h2n8d4/recompute")).toMatchObject({ outcome: "measured", pairs: 45 });
  expect(rounds).toHaveLength(3 * 2);
  expect(kernel.counts.disposed).toBe(kernel.counts.prepared);
});

test("a stepper that is waited for is measured by windows, with what a step takes by itself", async () => {
  const { rounds, of } = await linesBy({ ...plantedDecoder("planted"), decode: deviceStepper() });
  const line = of(STEP);
  expect(line).toMatchObject({ outcome: "measured", mode: "decode" });
  expect(line?.first_step_s).toBeGreaterThan(0);
  expect(line?.remarks?.join()).toMatch(/computes elsewhere, where no speed limit is known/);
  const steps = rounds.filter((round) => round.type === "round" && round.case === STEP);
  expect(steps).toHaveLength(2);
  // Eight steps in a window, of which two are not timed.
  for (const round of steps) expect(round.type === "round" && round.calls % 6).toBe(0);
  const { of: here } = await linesOf({});
  expect(here(STEP)).not.toHaveProperty("first_step_s");
});

test("a stepper that turns wrong after verification fails, and is freed", async () => {
  let steps = 0;
  // More than verification takes; warming up alone takes the rest.
  const { kernel, of } = await linesOf({ after: ({ out }) => void (++steps > 100 && out.fill(9)) });
  expect(of(STEP)).toMatchObject({ outcome: "failed", state_bytes: null });
  expect(of(STEP)?.reason).toMatch(/^verification/);
  expect(kernel.counts.disposed).toBe(kernel.counts.prepared);
});

test("a wrong stepper fails with the reason, and the inputs that it shared are whole for the next", async () => {
  const { of } = await linesOf({ keys: (keys) => keys.slice(1) });
  expect(of(STEP)).toMatchObject({ outcome: "failed", prepare_s: null, state_bytes: null, prefill_s: null });
  expect(of(STEP)?.reason).toMatch(/^verification: in the steps from position 12 on, row \d/);
  expect(of("full/planted/b1h2n8d4/recompute")?.outcome).toBe("measured");
});

test("a position is not begun where its tokens and a cache of them would not fit", async () => {
  // 20 tokens of two heads of 4, six times, in float32.
  const { of } = await linesOf({}, 20 * 2 * 4 * 6 * 4 - 1);
  expect(of(STEP)).toMatchObject({ outcome: "skipped" });
  expect(of(STEP)?.reason).toMatch(/^q, k, v, out and a cache of k and v take/);
  expect(of("full/planted/b1h2n8d4/decode")?.outcome).toBe("measured");
});
