import { describe, expect, it } from "vitest";
import type { Variant } from "../../src/core/variant.ts";
import { syntheticSource } from "../../src/input/synthetic.ts";
import { js, jsRecurrent } from "../../src/kernels/js/index.ts";
import type { Kernel } from "../../src/kernels/kernel.ts";
import { builtInKinds } from "../../src/mechanisms/kinds.ts";
import { type CheckResult, check } from "../../src/verify/check.ts";
import { full } from "../../variants/dense/full.ts";
import { linear } from "../../variants/feature-map/linear.ts";
import { local } from "../../variants/sparse/local.ts";
import { planted } from "./planted-kernels.ts";
import { cachesFirst, plantedDecoder, type StepFaults } from "./planted-steppers.ts";

async function checkAll(variants: readonly Variant[], kernels: readonly Kernel[]): Promise<CheckResult[]> {
  const context = {
    inputs: (kind: "gaussian" | "peaked", shape: Parameters<Kernel["allocate"] & object>[0], seed: number) =>
      syntheticSource(kind, seed).inputs(shape),
    seed: 3,
    kinds: builtInKinds,
    kernels: [],
    signal: new AbortController().signal,
    now: () => 0,
  };
  return await Array.fromAsync(check(variants, kernels, context, "decode"));
}

const PREFILL = "a prefill, whatever its length, leads where steps lead";
const RESET = "a reset forgets every token";
const CAPACITY = "a token past the capacity is refused";
const COUNTS = "bytes of state are whole numbers";

describe("check of decoding", () => {
  it("holds steppers to whole sequences at all awkward shapes and to what they promise", async () => {
    const all = await checkAll([local, linear], [js, jsRecurrent]);
    const results = all.filter(({ notRun }) => notRun === undefined);
    expect(all.length - results.length).toBe(1);
    const told = results.map(({ variant, kernel, check: title }) => `${variant} ${kernel} ${title}`);
    const kinds = ["gate", PREFILL, RESET, CAPACITY, COUNTS];
    expect(told).toEqual(
      ["local js", "linear js", "linear js-recurrent"].flatMap((who) =>
        kinds.map((title) => `${who} ${title}`),
      ),
    );
    for (const { failure, passed } of results)
      expect({ failure, many: passed > 0 }).toEqual({ failure: null, many: true });
    // Nine lengths with seven head dimensions, four shapes with other heads or widths; small parameters and
    // defaults.
    expect(results[0].passed).toBe((9 * 7 + 4) * 2);
  });

  it("leaves out kernels that do not decode", async () => {
    expect(await checkAll([full], [planted("whole")])).toMatchObject([
      { check: "gate", passed: 0, notRun: "it has no decoding: it computes whole sequences only" },
    ]);
  });

  it.each<readonly [what: string, faults: StepFaults, red: readonly string[]]>([
    ["ignores the last key", { keys: (keys) => (keys.length > 1 ? keys.slice(0, -1) : keys) }, ["gate"]],
    ["keeps its state over a reset", { keepsState: true }, [RESET]],
    ["gives its first output again", cachesFirst(), ["gate"]],
    ["takes in tokens past its capacity", { grows: true }, [CAPACITY]],
    ["loses the last token of a prefill", { takes: (count) => Math.max(0, count - 1) }, [PREFILL]],
    ["takes in nothing in a prefill, and finds there what was", { prefillsNothing: true }, [PREFILL]],
    ["reads every prefill from the start of the inputs", { fromZero: true }, [PREFILL]],
    ["takes the length of the inputs for its capacity", { mistakesLength: true }, [PREFILL]],
    ["has its answers from a prefill, where they are still to come", { looksAhead: true }, [PREFILL]],
    ["computes after it has returned", { promises: true }, ["gate", PREFILL, RESET]],
    ["holds less than it was prepared for", { capacity: (length) => length - 1 }, [CAPACITY]],
    ["says nothing of its state", { stateBytes: () => Number.NaN }, [COUNTS]],
    ["has a negative state", { stateBytes: () => -8 }, [COUNTS]],
    ["has half a byte of state", { stateBytes: () => 0.5 }, [COUNTS]],
    ["has a state in words", { stateBytes: () => "12" }, [COUNTS]],
    ["has a state in other numbers", { stateBytes: () => 2n ** 70n }, [COUNTS]],
    ["has another state at every look", { stateBytes: () => Math.floor(Math.random() * 2 ** 40) }, [COUNTS]],
  ])("refuses a stepper that %s", async (_, faults, red) => {
    const failed = (await checkAll([local], [plantedDecoder("wrong", faults)])).filter(
      ({ failure }) => failure,
    );
    expect(failed.map(({ check: title }) => title)).toEqual(expect.arrayContaining([...red]));
  });

  it("lets a stepper hold more than it was prepared for, and finds where it grows past that", async () => {
    const failures = async (faults: StepFaults) =>
      (await checkAll([local], [plantedDecoder("roomy", faults)]))
        .map(({ failure }) => failure)
        .filter(Boolean);
    expect(await failures({ capacity: (length) => 3 * length })).toEqual([]);
    expect(await failures({ capacity: (length) => length + 1, grows: true })).toEqual([
      expect.stringMatching(/with a capacity of \d+, a step past it must throw a RangeError, got none$/),
    ]);
  });
});
