import { describe, expect, it } from "vitest";
import type { Problem } from "../../../src/core/problem.ts";
import { tensorNamed } from "../../../src/core/tensors.ts";
import { js } from "../../../src/kernels/js/index.ts";
import type { Kernel } from "../../../src/kernels/kernel.ts";
import {
  isSelection,
  NSA_GATES,
  type Nsa,
  type Selection,
} from "../../../src/mechanisms/selection/declare.ts";
import {
  allBlocks,
  branchesAdd,
  equalBlocks,
  forcedBlocks,
  NSA_LAWS,
  widestWindow,
} from "../../../src/mechanisms/selection/laws/nsa-branches.ts";
import { heldTo } from "../../../src/verify/held-to.ts";
import { nsa } from "../../../variants/selection/nsa.ts";
import { subject } from "../laws/subjects.ts";

/** What a wrong kernel of js takes the rule for, and does to what is right. */
interface Wrong {
  readonly rule?: (rule: Nsa) => Nsa;
  readonly after?: (output: Float32Array, problem: Problem) => void;
}

function wrong(id: string, { rule = (own) => own, after }: Wrong): Kernel {
  return {
    ...js,
    id,
    prepare(problem, output) {
      const { mechanism } = problem;
      if (!isSelection(mechanism) || mechanism.rule.id !== "nsa") throw new TypeError("it computes NSA");
      const other: Selection = { ...mechanism, rule: rule(mechanism.rule) };
      const runnable = js.prepare({ ...problem, mechanism: other }, output);
      return {
        ...runnable,
        run() {
          runnable.run();
          after?.(output, problem);
        },
      };
    },
  };
}

const OFF = /row \d+ of batch \d+, head \d+, column \d+: got \S+, expected \S+; error \S+ over budget/;

const breaches = [
  {
    what: "a kernel that chooses one block too few",
    law: allBlocks,
    kernel: wrong("sparing", { rule: (rule) => ({ ...rule, chosen: rule.chosen - 1 }) }),
  },
  {
    what: "a kernel whose window omits its first key",
    law: widestWindow,
    kernel: wrong("short", { rule: (rule) => ({ ...rule, window: rule.window - 1 }) }),
  },
  {
    what: "a kernel that gives the last query the row of the one before",
    law: forcedBlocks,
    kernel: wrong("forgetful", {
      after(output, { shape }) {
        const last = shape.valueDim * (shape.length - 1);
        output.copyWithin(last, last - shape.valueDim, last);
      },
    }),
  },
  {
    what: "a kernel whose blocks are one token longer",
    law: equalBlocks,
    kernel: wrong("long", { rule: (rule) => ({ ...rule, block: rule.block + 1 }) }),
  },
  {
    what: "a kernel whose gates are made to sum to 1",
    law: branchesAdd,
    kernel: wrong("shares", {
      after(output, { inputs }) {
        const open = NSA_GATES.filter((name) => tensorNamed(inputs, name)[0] > 0).length;
        for (let at = 0; at < output.length; at++) output[at] /= Math.max(1, open);
      },
    }),
  },
];

describe("every law of NSA", () => {
  it.each(breaches)("is broken by $what", async ({ law, kernel }) => {
    const one = subject(nsa, kernel, { causal: true });
    expect(law.applies(one)).toBe(true);
    expect(await law.check(heldTo(one))).toMatch(OFF);
    expect(await law.check(heldTo({ ...one, kernel: js }))).toBeNull();
  });

  it("has a breach here", () => {
    expect(new Set(breaches.map(({ law }) => law))).toEqual(new Set(NSA_LAWS));
  });

  it("says nothing of a kernel that hands out no choice, but that it must", async () => {
    const silent: Kernel = {
      ...js,
      id: "silent",
      prepare: (problem, output) => {
        const { choice, ...rest } = js.prepare(problem, output);
        return rest;
      },
    };
    const one = subject(nsa, silent, { causal: true });
    expect(await branchesAdd.check(heldTo(one))).toMatch(/must hand out what it chose/);
  });
});
