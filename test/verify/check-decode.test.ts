import { expect, test } from "vitest";
import { syntheticSource } from "../../src/input/synthetic.ts";
import { builtInKinds } from "../../src/mechanisms/kinds.ts";
import { check } from "../../src/verify/check.ts";
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
