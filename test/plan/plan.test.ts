import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/core/errors.ts";
import { js } from "../../src/kernels/js/index.ts";
import type { Kernel } from "../../src/kernels/kernel.ts";
import { simpleKernel } from "../../src/kernels/simple-kernel.ts";
import type { DecodeKernel } from "../../src/kernels/stepper.ts";
import { builtInKinds } from "../../src/mechanisms/kinds.ts";
import { isSoftmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { type PlanOptions, planRun } from "../../src/plan/plan.ts";
import { type Plan, resultLine } from "../../src/record/schema/result-lines.ts";
import { full } from "../../variants/dense/full.ts";
import { linear } from "../../variants/feature-map/linear.ts";
import { neighbourhood } from "../../variants/image/neighbourhood.ts";
import { bigbird } from "../../variants/sparse/bigbird.ts";
import { local } from "../../variants/sparse/local.ts";

const any = simpleKernel({ id: "any", prepare: () => () => {} });
const patternsOnly = simpleKernel({
  id: "patterns-only",
  supports: ({ mechanism }) => isSoftmaxPattern(mechanism) || "it has no feature maps",
  prepare: () => () => {},
});
const decoder: Kernel = {
  ...any,
  id: "decoder",
  decode: { ...js.decode, supports: () => true } as DecodeKernel,
};
const never = simpleKernel({ id: "never", supports: () => "it never works", prepare: () => () => {} });

function options(overrides: Partial<PlanOptions> = {}): PlanOptions {
  return {
    kinds: builtInKinds,
    variants: [full, local, linear].map((variant) => ({ variant, overrides: {} })),
    kernels: "auto",
    lengths: [16, 64],
    batch: 2,
    heads: 3,
    headDim: 8,
    causal: false,
    threads: 1,
    input: "gaussian",
    plugins: ["./mine.ts"],
    simd: "plain",
    seed: 5,
    rounds: 7,
    budgetSeconds: 60,
    deadlineSeconds: 10,
    ...overrides,
  };
}

const windows = fc.uniqueArray(fc.nat(50), { minLength: 1, maxLength: 4 });
const lengths = fc.uniqueArray(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 4 });
const kernels = fc.uniqueArray(fc.constantFrom(any, patternsOnly, never), { minLength: 1 });

/** Every object and array within, itself included. */
function partsOf(value: unknown): object[] {
  return typeof value === "object" && value !== null ? [value, ...Object.values(value).flatMap(partsOf)] : [];
}

function recorded(plan: Plan): unknown {
  const environment = {
    cpu: "",
    cores: 1,
    caches: {},
    memory_bytes: 1,
    governor: null,
    on_battery: null,
    os: "",
    node: "",
    v8: "",
    flags: [],
    load: 0,
    steal: null,
    timer_resolution_s: 0,
    attnbench: "",
    commit: null,
    dirty: null,
    lockfile_sha256: null,
  };
  const line = { type: "run", schema: 1, started: "2000-01-01T00:00:00Z", plan, environment };
  const read = resultLine.parse(JSON.parse(JSON.stringify(line)));
  return read.type === "run" ? read.plan : null;
}

describe("planRun", () => {
  it("makes a case of every variant, length and kernel, each under a name of its own", () => {
    fc.assert(
      fc.property(windows, lengths, kernels, fc.boolean(), (sides, tokens, chosen, causal) => {
        const variants = sides.map((window) => ({ variant: local, overrides: { window } }));
        const { cases } = planRun(options({ variants, lengths: tokens, kernels: chosen, causal }), []);
        expect(cases.length).toBe(sides.length * tokens.length * chosen.length);
        expect(new Set(cases.map((one) => one.case)).size).toBe(cases.length);
      }),
    );
  });

  it("measures the forward pass of every case beside its training, and of no other pass", () => {
    const variants = [full, local].map((variant) => ({ variant, overrides: {} }));
    const modes = (mode: "train" | "backward") =>
      planRun(options({ variants, lengths: [16, 32], kernels: [any], mode }), []).cases.map(
        (one) => one.mode,
      );
    expect(modes("train")).toEqual([0, 1, 2, 3].flatMap(() => ["train", undefined]));
    expect(modes("backward")).toEqual([0, 1, 2, 3].map(() => "backward"));
  });

  it("names cases apart that differ in any one thing", () => {
    const base = options({ variants: [{ variant: local, overrides: {} }], lengths: [16], kernels: [any] });
    const changes: ReadonlyArray<Partial<PlanOptions>> = [
      {},
      { variants: [{ variant: local, overrides: { left: 128 } }] },
      { variants: [{ variant: local, overrides: { right: 128 } }] },
      { variants: [{ variant: full, overrides: {} }] },
      { lengths: [17] },
      { batch: 1 },
      { heads: 1 },
      { headDim: 9 },
      { kvHeads: 1 },
      { queries: 1 },
      { valueDim: 9 },
      { causal: true },
      { threads: 2 },
      { kernels: [never] },
    ];
    const names = changes.map((change) => planRun({ ...base, ...change }, []).cases[0].case);
    expect(new Set(names).size).toBe(changes.length);
    expect(names[0]).toBe("local(window=128)/any/b2h3n16d8");
  });

  it("names the alignment of causal cases whose queries are not as many as keys, and of no others", () => {
    const alignments = (overrides: Partial<PlanOptions>) =>
      planRun(
        options({ variants: [{ variant: full, overrides: {} }], kernels: [any], ...overrides }),
        [],
      ).cases.map((one) => one.alignment);
    expect(alignments({ causal: true, queries: 16 })).toEqual([undefined, "end"]);
    expect(alignments({ causal: true, queries: 20 })).toEqual(["end", "end"]);
    expect(alignments({ causal: false, queries: 20 })).toEqual([undefined, undefined]);
    expect(alignments({ mode: "decode" })).toEqual([undefined, undefined]);
  });

  it("is plain JSON that comes back from a results file as it went in, and frozen to the last part", () => {
    fc.assert(
      fc.property(windows, lengths, kernels, (sides, tokens, chosen) => {
        const variants = [
          ...sides.map((window) => ({ variant: local, overrides: { window } })),
          { variant: linear, overrides: { eps: 0.25 } },
        ];
        const shape = { kvHeads: 1, queries: 40, valueDim: 3, causal: true };
        const plan = planRun(options({ variants, lengths: tokens, kernels: chosen, ...shape }), []);
        expect(recorded(plan)).toEqual(plan);
        expect(partsOf(plan).every((part) => Object.isFrozen(part))).toBe(true);
      }),
    );
  });

  it("takes the first kernel that supports a case, where it is left to choose", () => {
    const chosenFrom = (available: PlanOptions["kernels"]) =>
      planRun(options({ lengths: [16] }), available === "auto" ? [] : available).cases.map(
        (one) => one.kernel,
      );
    expect(chosenFrom([never, patternsOnly, any])).toEqual(["patterns-only", "patterns-only", "any"]);
    expect(chosenFrom([any, patternsOnly])).toEqual(["any", "any", "any"]);
  });

  it("says of a length that a pattern does not take why, and goes on with the others", () => {
    const image = [{ variant: neighbourhood, overrides: { width: 16, size: 3 } }];
    const { cases } = planRun(options({ variants: image, lengths: [16, 40, 64] }), [any]);
    expect(cases.map(({ unsupported }) => unsupported)).toEqual([
      null,
      "grid(16, axisWindow(3, 1, clamp)) takes an image of whole rows, so the tokens must be a multiple of its " +
        "width 16, got 40; choose another length, or set width",
      null,
    ]);
    const causal = planRun(options({ variants: image, causal: true }), [any]);
    for (const { unsupported } of causal.cases)
      expect(unsupported).toMatch(/cannot be causal; omit --causal$/);
  });

  it("keeps a case that no kernel supports, with the reason of the first", () => {
    const { cases } = planRun(options(), [patternsOnly, never]);
    for (const { variant, kernel, unsupported } of cases) {
      expect(kernel).toBe("patterns-only");
      expect(unsupported).toBe(variant === "linear" ? "it has no feature maps" : null);
    }
  });

  it("for auto measures a named baseline by every kernel that measures others, as far as they take it", () => {
    const kernelsOf = (variant: string, baseline?: string) => {
      const { cases } = planRun(options({ baseline, lengths: [16] }), [patternsOnly, any]);
      return cases.filter((one) => one.variant === variant).map(({ kernel }) => kernel);
    };
    expect(kernelsOf("local")).toEqual(["patterns-only"]);
    expect(kernelsOf("local", "local")).toEqual(["patterns-only", "any"]);
    expect(kernelsOf("full", "local")).toEqual(["patterns-only"]);
    expect(kernelsOf("linear", "linear")).toEqual(["any"]);
  });

  it("plans the kernels asked for, whether they can or not", () => {
    const { cases } = planRun(options({ kernels: [never, any], lengths: [16] }), []);
    expect(cases.map(({ kernel, unsupported }) => [kernel, unsupported])).toEqual(
      [full, local, linear].flatMap(() => [
        ["never", "it never works"],
        ["any", null],
      ]),
    );
  });

  it("writes down every parameter, given or not, and what the run was asked for", () => {
    const plan = planRun(options({ variants: [{ variant: local, overrides: { left: 2 } }], lengths: [16] }), [
      any,
    ]);
    expect(plan.cases[0].params).toEqual({ window: 128, left: 2, right: null });
    const { cases: _, ...rest } = plan;
    expect(rest).toEqual({
      seed: 5,
      rounds: 7,
      budget_s: 60,
      deadline_s: 10,
      input: "gaussian",
      plugins: ["./mine.ts"],
      simd: "plain",
    });
  });

  it("foretells more time for more work, and none of a case it has not planned", () => {
    const { cases } = planRun(
      options({ variants: [{ variant: bigbird, overrides: {} }], lengths: [64, 256, 1024] }),
      [any],
    );
    const flops = cases.map(({ useful_flops }) => useful_flops);
    expect(flops).toEqual(flops.toSorted((a, b) => a - b));
    for (const { predicted_s, useful_flops } of cases) {
      expect(predicted_s / useful_flops).toBeCloseTo(cases[0].predicted_s / cases[0].useful_flops, 20);
    }
  });

  it("refuses a shape or a parameter that cannot be", () => {
    expect(() => planRun(options({ heads: 0 }), [any])).toThrow(UsageError);
    expect(() => planRun(options({ lengths: [2 ** 30] }), [any])).toThrow(UsageError);
    const variants = [{ variant: local, overrides: { window: -1 } }];
    expect(() => planRun(options({ variants }), [any])).toThrow(
      /^local\.window must be an integer of at least 0/,
    );
  });

  it("to decode has causal cases at each position that name their mode, and the baseline recomputing, too", () => {
    const { cases } = planRun(
      options({ mode: "decode", kernels: [decoder], lengths: [16, 256], recomputed: [16] }),
      [],
    );
    expect(cases.map((one) => one.case)).toEqual([
      "full/decoder/b2h3n16d8/decode",
      "full/decoder/b2h3n16d8/recompute",
      "full/decoder/b2h3n256d8/decode",
      "local(window=128)/decoder/b2h3n16d8/decode",
      "local(window=128)/decoder/b2h3n256d8/decode",
      "linear(eps=0.000001)/decoder/b2h3n16d8/decode",
      "linear(eps=0.000001)/decoder/b2h3n256d8/decode",
    ]);
    expect(cases.every(({ causal, unsupported }) => causal && unsupported === null)).toBe(true);
    // The keys of one token, or the pairs of a pass over it and all before it.
    const perPair = 4 * 8 * 2 * 3;
    const flops = Object.fromEntries(cases.map((one) => [one.case, one.useful_flops]));
    expect(flops["full/decoder/b2h3n16d8/decode"]).toBe(17 * perPair);
    expect(flops["full/decoder/b2h3n16d8/recompute"]).toBe(((17 * 18) / 2) * perPair);
    expect(flops["local(window=128)/decoder/b2h3n256d8/decode"]).toBe(129 * perPair);
    expect(flops["linear(eps=0.000001)/decoder/b2h3n256d8/decode"]).toBe(4 * 8 * 9 * 2 * 3);
  });

  it("takes for auto the first kernel that decodes, and says of others why they cannot", () => {
    const chosen = (kernels: PlanOptions["kernels"]) =>
      planRun(options({ mode: "decode", kernels, lengths: [16] }), [any, decoder]).cases;
    expect(chosen("auto").map(({ kernel }) => kernel)).toEqual(["decoder", "decoder", "decoder"]);
    for (const { unsupported } of chosen([any])) expect(unsupported).toMatch(/^it has no decoding/);
  });
});
