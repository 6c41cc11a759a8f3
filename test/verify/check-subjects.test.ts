import { expect, test } from "vitest";
import type { Shape } from "../../src/core/shape.ts";
import { syntheticSource } from "../../src/input/synthetic.ts";
import { builtInKinds } from "../../src/mechanisms/kinds.ts";
import { gateSubjects, lawSubjects } from "../../src/verify/check-subjects.ts";
import { neighbourhood } from "../../variants/image/neighbourhood.ts";
import { local } from "../../variants/sparse/local.ts";

const context = {
  inputs: (kind: "gaussian" | "peaked", shape: Shape, seed: number) =>
    syntheticSource(kind, seed).inputs(shape),
  seed: 3,
  kinds: builtInKinds,
  kernels: [],
  signal: new AbortController().signal,
  now: () => 0,
};
const all = () => true;

test("a variant is tried at the next longer shape that its pattern takes, never causal if it cannot be", () => {
  for (const subjects of [gateSubjects, lawSubjects]) {
    let tried = 0;
    for (const { filled, shape, causal, inputs } of subjects(neighbourhood, all, context)) {
      expect(shape.length % Number(filled.params.width)).toBe(0);
      expect(causal).toBe(false);
      expect(inputs.shape).toEqual(shape);
      tried++;
    }
    expect(tried).toBeGreaterThan(0);
  }
});

test("others are tried at lengths that are no multiple of anything, causal and not", () => {
  const subjects = [...gateSubjects(local, all, context)];
  expect(new Set(subjects.map(({ causal }) => causal)).size).toBe(2);
  for (const length of [1, 63, 127, 1000]) {
    expect(subjects.some(({ shape }) => shape.length === length)).toBe(true);
  }
});
