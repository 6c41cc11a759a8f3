import { describe, expect, it } from "vitest";
import { builtInKernels } from "../../../src/kernels/index.ts";
import { laws } from "../../../src/verify/laws/index.ts";
import { problemOf } from "../../../src/verify/laws/law.ts";
import { variants } from "../../../variants/index.ts";
import { subject } from "./subjects.ts";

describe.each(builtInKernels())("kernel $id", (kernel) => {
  it.each(laws)("keeps the law for every variant that it takes, causal and not: $title", (law) => {
    let held = 0;
    for (const variant of variants) {
      for (const causal of [false, true]) {
        const one = subject(variant, kernel, { causal });
        if (kernel.supports(problemOf(one)) !== true || !law.applies(one)) continue;
        expect([variant.id, causal, law.check(one)]).toEqual([variant.id, causal, null]);
        held++;
      }
    }
    // What a kernel takes may all lie outside of a law, as feature maps lie outside of those on patterns.
    if (kernel.supports(problemOf(subject(variants[0], kernel))) === true) expect(held).toBeGreaterThan(0);
  });
});

it("the laws have titles of their own", () => {
  expect(new Set(laws.map(({ title }) => title)).size).toBe(laws.length);
});
