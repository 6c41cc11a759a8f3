import { expect, test } from "vitest";
import { choice, int } from "../../src/core/parameters.ts";
import { syntheticSource } from "../../src/input/synthetic.ts";
import { builtInKinds } from "../../src/mechanisms/kinds.ts";
import { softmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { band } from "../../src/pattern/band.ts";
import { lawSubjects } from "../../src/verify/check-subjects.ts";

test("every choice of a variant is checked, with small values beside it, and the defaults once", () => {
  const chosen = softmaxPattern({
    id: "chosen",
    title: "Chosen",
    source: "here",
    params: {
      mode: choice(["union", "heads"], { meaning: "how parts are joined" }),
      window: int(40, { unit: "keys", meaning: "reach", probe: 3 }),
    },
    pattern: ({ window }) => band(window, 0),
    exponent: () => 1,
  });
  const context = {
    inputs: (
      kind: "gaussian" | "peaked",
      shape: Parameters<ReturnType<typeof syntheticSource>["inputs"]>[0],
      seed: number,
    ) => syntheticSource(kind, seed).inputs(shape),
    seed: 1,
    kinds: builtInKinds,
    kernels: [],
    signal: new AbortController().signal,
    now: () => 0,
  };
  const filled = new Set(
    [...lawSubjects(chosen, () => true, context)].map((one) => JSON.stringify(one.filled.params)),
  );
  expect([...filled].sort()).toEqual([
    '{"mode":"heads","window":3}',
    '{"mode":"union","window":3}',
    '{"mode":"union","window":40}',
  ]);
});
