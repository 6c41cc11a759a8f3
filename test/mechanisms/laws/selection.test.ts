import { describe, expect, it } from "vitest";
import type { Problem } from "../../../src/core/problem.ts";
import type { Variant } from "../../../src/core/variant.ts";
import { js } from "../../../src/kernels/js/index.ts";
import type { Kernel } from "../../../src/kernels/kernel.ts";
import type { Law } from "../../../src/mechanisms/laws/law.ts";
import { isSelection, type Rule } from "../../../src/mechanisms/selection/declare.ts";
import { selectionLaws } from "../../../src/mechanisms/selection/laws/index.ts";
import { ownBlock, singleKeys } from "../../../src/mechanisms/selection/laws/moba.ts";
import { singlePages } from "../../../src/mechanisms/selection/laws/quest.ts";
import { keptMass, oneKey } from "../../../src/mechanisms/selection/laws/top-k.ts";
import { unreadValues } from "../../../src/mechanisms/selection/laws/unread-values.ts";
import { heldTo } from "../../../src/verify/held-to.ts";
import { moba } from "../../../variants/selection/moba.ts";
import { quest } from "../../../variants/selection/quest.ts";
import { topK } from "../../../variants/selection/top-k.ts";
import { choosing } from "../../verify/planted-choices.ts";
import { subject } from "./subjects.ts";

/** Right for another problem than the one that it is given. */
function mistaking(id: string, made: (problem: Problem) => Problem): Kernel {
  return { ...js, id, prepare: (problem, output) => js.prepare(made(problem), output) };
}

/** Right, plus 0 times all values. */
const readsValues: Kernel = {
  ...js,
  id: "reads-values",
  prepare(problem, output) {
    const right = js.prepare(problem, output);
    return {
      ...right,
      run() {
        right.run();
        const extra = problem.inputs.v.reduce((sum, x) => sum + 0 * x, 0);
        for (let at = 0; at < output.length; at++) output[at] += extra;
      },
    };
  },
};

/** By another rule than the problem's, whose choice is as long. */
function byRule(change: (rule: Rule) => Rule): (problem: Problem) => Problem {
  return (problem) => {
    const { mechanism } = problem;
    if (!isSelection(mechanism)) return problem;
    return { ...problem, mechanism: { ...mechanism, rule: change(mechanism.rule) } };
  };
}

const worst = choosing("worst", {
  choose(right, { candidates, scores }) {
    const order = candidates.map((_, at) => at).sort((a, b) => scores[a] - scores[b]);
    return order
      .slice(0, right.length)
      .map((at) => candidates[at])
      .sort((a, b) => a - b);
  },
});

interface Breach {
  readonly what: string;
  readonly law: Law;
  readonly variant: Variant;
  readonly kernel: Kernel;
  readonly message: RegExp;
}

const OFF = /^row \d+ of batch \d+, head \d+, column \d+: got/;
const BETTER =
  /row \d+ of batch \d+, head \d+: chose (block|key|page) \d+, and (block|key|page) \d+ was better by/;

const breaches: readonly Breach[] = [
  {
    what: "a kernel that reads values which no query chose",
    law: unreadValues,
    variant: quest,
    kernel: readsValues,
    message: /became NaN when NaN was planted in values that it did not choose/,
  },
  {
    what: "a kernel that takes the worst key for the best",
    law: oneKey,
    variant: topK,
    kernel: worst,
    message: BETTER,
  },
  {
    what: "a kernel that weighs what it should return",
    law: oneKey,
    variant: topK,
    kernel: mistaking("weighs", (problem) => ({
      ...problem,
      inputs: { ...problem.inputs, v: problem.inputs.v.map((x) => x * (1 + 2 ** -20)) },
    })),
    message: /of the only key \d+ got/,
  },
  {
    what: "a kernel whose values are five times as large",
    law: keptMass,
    variant: topK,
    kernel: mistaking("loud", (problem) => ({
      ...problem,
      inputs: { ...problem.inputs, v: problem.inputs.v.map((x) => 5 * x) },
    })),
    message: OFF,
  },
  {
    what: "a kernel that attends a block more",
    law: ownBlock,
    variant: moba,
    kernel: mistaking(
      "one-more",
      byRule((rule) => (rule.id === "moba" ? { ...rule, chosen: rule.chosen + 1 } : rule)),
    ),
    message: OFF,
  },
  {
    what: "a kernel that chooses the worst of single keys",
    law: singleKeys,
    variant: moba,
    kernel: worst,
    message: BETTER,
  },
  {
    what: "a kernel that bounds products from below",
    law: singlePages,
    variant: quest,
    kernel: mistaking("below", (problem) => ({
      ...problem,
      inputs: { ...problem.inputs, q: problem.inputs.q.map((x) => -x) },
    })),
    message: BETTER,
  },
];

describe("the laws of selections", () => {
  it.each(breaches)("are broken by $what", async ({ law, variant, kernel, message }) => {
    for (const causal of variant === quest ? [true] : [false, true]) {
      const one = subject(variant, kernel, { causal });
      expect(law.applies(one)).toBe(true);
      expect(await law.check(heldTo(one))).toMatch(message);
      // The same, kept by a right kernel.
      expect(await law.check(heldTo({ ...one, kernel: js }))).toBeNull();
    }
  });

  it("have a breach each", () => {
    expect(new Set(breaches.map(({ law }) => law))).toEqual(new Set(selectionLaws));
  });

  it("say nothing of other rules", () => {
    const applying = (variant: Variant) =>
      selectionLaws.filter((law) => law.applies(subject(variant, js, { causal: true })));
    expect(applying(topK)).toEqual([unreadValues, oneKey, keptMass]);
    expect(applying(moba)).toEqual([unreadValues, ownBlock, singleKeys]);
    expect(applying(quest)).toEqual([unreadValues, singlePages]);
  });
});
