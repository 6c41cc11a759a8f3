import { describe, expect, it } from "vitest";
import { builtInKernels } from "../../../src/kernels/index.ts";
import { supportsPass } from "../../../src/kernels/supports-mode.ts";
import { problemOf } from "../../../src/mechanisms/laws/law.ts";
import { softmaxPatternKind } from "../../../src/mechanisms/softmax-pattern/kind.ts";
import { allowsCausal } from "../../../src/mechanisms/why-undefined.ts";
import { heldTo } from "../../../src/verify/held-to.ts";
import { variants } from "../../../variants/index.ts";
import { isDefined } from "../../kernels/arbitrary-problems.ts";
import { subject } from "./subjects.ts";

/** Those of pairs, and all others. */
const { laws } = softmaxPatternKind;

describe.each(builtInKernels())("kernel $id", (kernel) => {
  it.each(laws)("keeps the law for every variant that it takes, causal and not: $title", async (law) => {
    let held = 0;
    for (const variant of variants) {
      for (const causal of [false, true]) {
        const one = subject(variant, kernel, { causal });
        if (!one.filled.kind.laws.includes(law)) continue;
        const asked = problemOf(one);
        if (!isDefined(asked) || !allowsCausal(asked, causal)) continue;
        if (supportsPass(kernel, asked) !== true || !law.applies(one)) continue;
        expect([variant.id, causal, await law.check(heldTo(one))]).toEqual([variant.id, causal, null]);
        held++;
      }
    }
    // What a kernel takes may all lie outside of a law, as feature maps lie outside of those on patterns, and products
    // outside of those on other scores.
    const takes = variants.some((variant) => {
      const one = subject(variant, kernel);
      return law.applies(one) && supportsPass(kernel, problemOf(one)) === true;
    });
    if (takes) expect(held).toBeGreaterThan(0);
  });
});

it("the laws have titles of their own", () => {
  expect(new Set(laws.map(({ title }) => title)).size).toBe(laws.length);
});
