import { describe, expect, it } from "vitest";
import type { Problem } from "../../../src/core/problem.ts";
import { tensorNamed } from "../../../src/core/tensors.ts";
import type { Variant } from "../../../src/core/variant.ts";
import { js } from "../../../src/kernels/js/index.ts";
import type { Kernel } from "../../../src/kernels/kernel.ts";
import type { Law } from "../../../src/mechanisms/laws/law.ts";
import { isSelection, ROTATIONS, type Rule } from "../../../src/mechanisms/selection/declare.ts";
import { selectionLaws } from "../../../src/mechanisms/selection/laws/index.ts";
import { ownBlock, singleKeys } from "../../../src/mechanisms/selection/laws/moba.ts";
import { singlePages } from "../../../src/mechanisms/selection/laws/quest.ts";
import {
  equalQueries,
  oneChunk,
  roundsAdd,
  roundsMerge,
  unreadKeys,
} from "../../../src/mechanisms/selection/laws/reformer.ts";
import { oneCentre, separated, unrouted } from "../../../src/mechanisms/selection/laws/routing.ts";
import { keptMass, oneKey } from "../../../src/mechanisms/selection/laws/top-k.ts";
import { unreadValues } from "../../../src/mechanisms/selection/laws/unread-values.ts";
import { heldTo } from "../../../src/verify/held-to.ts";
import { moba } from "../../../variants/selection/moba.ts";
import { quest } from "../../../variants/selection/quest.ts";
import { reformer } from "../../../variants/selection/reformer.ts";
import { routing } from "../../../variants/selection/routing.ts";
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

/** Right, and then something is done to its output. */
function spoiled(id: string, spoil: (output: Float32Array, problem: Problem) => void): Kernel {
  return {
    ...js,
    id,
    prepare(problem, output) {
      const right = js.prepare(problem, output);
      return {
        ...right,
        run() {
          right.run();
          spoil(output, problem);
        },
      };
    },
  };
}

/** Right, but its choice says that the last token is in another bucket. */
const misplaces: Kernel = {
  ...js,
  id: "misplaces",
  prepare(problem, output) {
    const right = js.prepare(problem, output);
    return {
      ...right,
      choice() {
        const { buckets } = right.choice?.() ?? {};
        return { buckets: buckets.map((one, at) => (at === buckets.length - 1 ? one ^ 1 : one)) };
      },
    };
  },
};

/** The mean of rounds, each with a softmax of its own. */
const averages: Kernel = {
  ...js,
  id: "averages",
  prepare(problem, output) {
    const { mechanism, inputs, shape } = problem;
    const right = js.prepare(problem, output);
    if (!isSelection(mechanism) || mechanism.rule.id !== "reformer") return right;
    const { rule } = mechanism;
    const drawn = tensorNamed(inputs, ROTATIONS);
    const size = drawn.length / (shape.heads * rule.rounds);
    const rounds = Array.from({ length: rule.rounds }, (_, round) => {
      const own = new Float32Array(shape.heads * size);
      for (let head = 0; head < shape.heads; head++) {
        const from = (head * rule.rounds + round) * size;
        own.set(drawn.subarray(from, from + size), head * size);
      }
      const alone = { ...mechanism, rule: { ...rule, rounds: 1 } };
      const to = new Float32Array(output.length);
      return {
        to,
        ...js.prepare({ ...problem, mechanism: alone, inputs: { ...inputs, ...{ [ROTATIONS]: own } } }, to),
      };
    });
    return {
      ...right,
      run() {
        right.run();
        output.fill(0);
        for (const { run, to } of rounds) {
          run();
          for (let at = 0; at < to.length; at++) output[at] += to[at] / rule.rounds;
        }
      },
    };
  },
};

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
  {
    what: "a kernel that attends the keys of one bucket alone",
    law: oneChunk,
    variant: reformer,
    kernel: mistaking(
      "one-bucket",
      byRule((rule) => (rule.id === "reformer" ? { ...rule, sameBucket: true } : rule)),
    ),
    message: OFF,
  },
  {
    what: "a kernel that adds a key to its rows",
    law: unreadKeys,
    variant: reformer,
    kernel: spoiled("adds-key", (output, { inputs }) => {
      output[0] += inputs.k[0];
    }),
    message: /became .* with other numbers in k/,
  },
  {
    what: "a kernel that hashes its last token elsewhere",
    law: equalQueries,
    variant: reformer,
    kernel: misplaces,
    message: /tokens \d+ and \d+ are equal, and in buckets \d+ and \d+/,
  },
  {
    what: "a kernel that takes other directions where there are few rounds",
    law: roundsAdd,
    variant: reformer,
    kernel: mistaking("few-rounds", (problem) => {
      const { mechanism, inputs } = problem;
      if (!isSelection(mechanism) || mechanism.rule.id !== "reformer" || mechanism.rule.rounds > 2)
        return problem;
      const turned = tensorNamed(inputs, ROTATIONS).map((one, at) => (at % 2 === 0 ? one : -one));
      return { ...problem, inputs: { ...inputs, ...{ [ROTATIONS]: turned } } };
    }),
    message: OFF,
  },
  {
    what: "a kernel that averages its rounds",
    law: roundsMerge,
    variant: reformer,
    kernel: averages,
    message: OFF,
  },
  {
    what: "a kernel that divides by a little more than the number of clusters",
    law: oneCentre,
    variant: routing,
    kernel: spoiled("shrinks", (output) => {
      for (let at = 0; at < output.length; at++) output[at] /= 1 + 1e-5;
    }),
    message: OFF,
  },
  {
    what: "a kernel that gives empty rows a value",
    law: unrouted,
    variant: routing,
    kernel: spoiled("fills", (output, { inputs }) => {
      for (let at = 0; at < output.length; at++) if (output[at] === 0) output[at] = inputs.v[at];
    }),
    message: /which no centre took, has/,
  },
  {
    what: "a kernel that takes queries for keys",
    law: separated,
    variant: routing,
    kernel: mistaking("queries-as-keys", (problem) => ({
      ...problem,
      inputs: { ...problem.inputs, k: problem.inputs.q },
    })),
    message: OFF,
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
    expect(applying(reformer)).toEqual([
      unreadValues,
      oneChunk,
      unreadKeys,
      equalQueries,
      roundsAdd,
      roundsMerge,
    ]);
    expect(applying(routing)).toEqual([unreadValues, oneCentre, unrouted, separated]);
  });
});
