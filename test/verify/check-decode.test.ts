import { expect, test } from "vitest";
import { syntheticSource } from "../../src/input/synthetic.ts";
import { builtInKinds } from "../../src/mechanisms/kinds.ts";
import { type CheckContext, check } from "../../src/verify/check.ts";
import { swin } from "../../variants/image/swin.ts";
import { local } from "../../variants/sparse/local.ts";
import { plantedDecoder } from "./planted-steppers.ts";

// Fault by fault: check-decode.long.test.ts.
test("check refuses a stepper for every promise that it breaks", async () => {
  const wrong = plantedDecoder("wrong", {
    keepsState: true,
    grows: true,
    takes: (count) => Math.max(0, count - 1),
    stateBytes: () => 0.5,
  });
  const results = await Array.fromAsync(
    check(
      [local],
      [wrong],
      {
        inputs: (kind, shape, seed) => syntheticSource(kind, seed).inputs(shape),
        seed: 3,
        kinds: builtInKinds,
        kernels: [],
        signal: new AbortController().signal,
        now: () => 0,
      },
      "decode",
    ),
  );
  expect(results.flatMap(({ check: title, failure }) => (failure === null ? [] : [title]))).toEqual(
    expect.arrayContaining([
      "a prefill, whatever its length, leads where steps lead",
      "a reset forgets every token",
      "a token past the capacity is refused",
      "bytes of state are whole numbers",
    ]),
  );
});

test("check says of a variant that is never causal that decoding is not defined for it", async () => {
  const untouched = plantedDecoder("untouched", {
    keepsState: true,
    grows: true,
    takes: () => {
      throw new Error("called though it is not defined");
    },
    stateBytes: () => 0,
  });
  const context = {
    inputs: (kind, shape, seed) => syntheticSource(kind, seed).inputs(shape),
    seed: 3,
    kinds: builtInKinds,
    kernels: [],
    signal: new AbortController().signal,
    now: () => 0,
  } satisfies CheckContext;
  const results = await Array.fromAsync(check([swin], [untouched], context, "decode"));
  expect(results).toEqual([
    {
      variant: "swin",
      kernel: "untouched",
      check: "gate",
      passed: 0,
      failure: null,
      notRun: "decoding is not defined for grid(64, axisCells(7, 0)); omit --mode decode",
    },
  ]);
});
