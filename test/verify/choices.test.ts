import { describe, expect, it } from "vitest";
import { randomStream } from "../../src/core/random.ts";
import { shapeOf } from "../../src/core/shape.ts";
import { parameterize } from "../../src/core/variant.ts";
import { js } from "../../src/kernels/js/index.ts";
import { guardedOutput } from "../../src/kernels/kernel.ts";
import type { JudgedProblem } from "../../src/mechanisms/judged.ts";
import { prepareCase } from "../../src/verify/prepare-case.ts";
import { gateRows } from "../../src/verify/rows.ts";
import { moba } from "../../variants/selection/moba.ts";
import { topK } from "../../variants/selection/top-k.ts";
import { problemOf } from "../kernels/arbitrary-problems.ts";
import { type ChoiceFaults, choosing } from "./planted-choices.ts";
import { refusal, throughGate } from "./whole-gate.ts";

const shape = shapeOf({ batch: 1, heads: 2, length: 97, headDim: 8 });
const problems = [false, true].flatMap((causal) => {
  const blocks = parameterize(moba, { block: 8, chosen: 4 }).mechanism;
  const keys = parameterize(topK, { keys: 6 }).mechanism;
  return [
    { what: `MoBA${causal ? ", causal" : ""}`, problem: problemOf(blocks, shape, causal) },
    { what: `top-k${causal ? ", causal" : ""}`, problem: problemOf(keys, shape, causal) },
  ];
});

const BETTER =
  /^verification: (with .*: )?row \d+ of batch 0, head \d: chose (block|key) \d+, and (block|key) \d+ was better by \S+; rounding explains \S+; seed 1$/;
const MALFORMED =
  /^verification: (with .*: )?row \d+ of batch 0, head \d: must choose \d+ (block|key)s? in rising order, each once, and then -1, got .*; seed 1$/;
const OVER_BUDGET = /^verification: (with .*: )?row \d+ of batch 0, head \d, column \d: got .* over budget/;

/** The best of what was left out in the place of the worst that was taken. */
function secondBest(right: readonly number[], { candidates, scores }: Parameters<Choose>[1]): number[] {
  const scoreOf = (one: number): number => scores[candidates.indexOf(one)];
  const left = candidates.filter((one) => !right.includes(one)).sort((a, b) => scoreOf(b) - scoreOf(a));
  const taken = right.toSorted((a, b) => scoreOf(b) - scoreOf(a)).slice(0, -1);
  if (left.length === 0 || right.length === 0) return [...right];
  return [...taken, left[0]].sort((a, b) => a - b);
}

type Choose = NonNullable<ChoiceFaults["choose"]>;

/** As many candidates one further on. */
const offByOne: Choose = (right, { candidates }) =>
  right.map((one) => candidates[(candidates.indexOf(one) + 1) % candidates.length]).sort((a, b) => a - b);

const random = randomStream(3);
const drawn: Choose = (right, { candidates }) => {
  const left = [...candidates];
  while (left.length > right.length) left.splice(random.below(left.length), 1);
  return left;
};

const planted: ReadonlyArray<readonly [string, ChoiceFaults, RegExp]> = [
  ["chooses one further on", { choose: offByOne }, BETTER],
  ["takes the second best for the best", { choose: secondBest }, BETTER],
  ["chooses at random", { choose: drawn }, BETTER],
  ["chooses for another head", { head: ({ head }, heads) => (head + 1) % heads }, BETTER],
  [
    "says one twice",
    { tell: (chosen) => (chosen.length > 1 ? [chosen[0], ...chosen.slice(0, -1)] : chosen) },
    MALFORMED,
  ],
  ["says them unsorted", { tell: (chosen) => chosen.toReversed() }, MALFORMED],
  ["says fewer", { tell: (chosen) => chosen.slice(0, -1) }, MALFORMED],
  [
    "says what does not exist",
    { tell: (chosen) => (chosen.length > 0 ? [...chosen.slice(0, -1), 1000] : chosen) },
    /: chose (block|key) 1000, which is none of those it may choose; seed 1$/,
  ],
  [
    "says the right choice and computes on another",
    { choose: secondBest, tell: (_, one) => best(one) },
    OVER_BUDGET,
  ],
  ["computes on the right choice and says another", { tell: offByOne }, BETTER],
  [
    "hands out no choice",
    { hand: null },
    /the kernel must hand out what it chose, (blocks|keys), got no choice\(\)/,
  ],
  [
    "throws when asked",
    {
      hand() {
        throw new Error("no idea");
      },
    },
    /choice\(\) threw no idea/,
  ],
  ["hands out nothing", { hand: () => null }, /choice\(\) must return (blocks|keys) by name, got null/],
  [
    "hands it out under another name",
    { hand: (choice) => ({ tokens: Object.values(choice)[0] }) },
    /choice\(\) must hold an Int32Array of \d+ numbers as (blocks|keys), got undefined/,
  ],
  [
    "hands out floats",
    { hand: (choice) => mapped(choice, (array) => Float32Array.from(array)) },
    /choice\(\) must hold an Int32Array of \d+ numbers as (blocks|keys), got Float32Array/,
  ],
  [
    "hands out an array that is too short",
    { hand: (choice) => mapped(choice, (array) => array.subarray(1)) },
    /choice\(\) must hold an Int32Array of \d+ numbers as (blocks|keys), got \d+/,
  ],
  [
    "hands out more than is declared",
    { hand: (choice) => ({ ...choice, others: new Int32Array(3) }) },
    /choice\(\) must return (blocks|keys) and nothing else, got others/,
  ],
];

function best({ candidates, scores, taken }: Parameters<Choose>[1]): number[] {
  const order = candidates.map((_, at) => at).sort((a, b) => scores[b] - scores[a]);
  return order
    .slice(0, taken)
    .map((at) => candidates[at])
    .sort((a, b) => a - b);
}

function mapped(choice: Readonly<Record<string, Int32Array>>, of: (array: Int32Array) => unknown): unknown {
  return Object.fromEntries(Object.entries(choice).map(([name, array]) => [name, of(array)]));
}

/** The first call's choice, whatever the numbers are later. */
function remembering(): ChoiceFaults {
  let first: Int32Array | null = null;
  return {
    hand: (choice) =>
      mapped(choice, (array) => {
        first ??= array.slice();
        return first;
      }),
  };
}

describe.each(problems)("of $what, verification", ({ problem }) => {
  it("has nothing to say of a kernel that chooses by float32 sums in another order", async () => {
    const result = await throughGate(problem, choosing("honest"));
    expect(result.outcome === "green" ? null : result.reason).toBeNull();
  });

  it.each(planted)("refuses a kernel that %s", async (_, faults, message) => {
    expect(await refusal(problem, choosing("planted", faults))).toMatch(message);
  });

  it("refuses a kernel that hands out the choice of an earlier call", async () => {
    expect(await refusal(problem, choosing("remembering", remembering()))).toMatch(BETTER);
  });

  it("finds one wrong choice among all rows, by what another kernel chose", async () => {
    const at = 41;
    const choose: Choose = (right, one) =>
      one.place.row === at && one.place.head === 1 ? secondBest(right, one) : right;
    const places = gateRows(shape, 1).filter(({ row }) => row !== at);
    const result = await prepareCase(problem, choosing("one-row", { choose }), {
      places,
      fullRows: null,
      seed: 1,
      output: guardedOutput(97 * 16),
      second: js,
      now: () => 0,
    });
    expect(result.outcome === "green" ? null : result.reason).toMatch(/row 41 of batch 0, head 1: chose/);
  });
});

describe("of near ties, verification", () => {
  it.each(problems)("lets either stand in $what", async ({ problem }) => {
    const near = withNearTies(problem);
    for (const kernel of [choosing("honest"), js]) {
      const result = await throughGate(near, kernel);
      expect(result.outcome === "green" ? null : result.reason).toBeNull();
    }
  });

  it.each(problems)(
    "finds one wrong choice among many that differ rightly, where no output shows it, in $what",
    async ({ problem }) => {
      const tied = withNearTies(problem);
      const near = { ...tied, inputs: { ...tied.inputs, v: new Float32Array(tied.inputs.v.length).fill(1) } };
      const at = 90;
      // As good as none of those that it should have taken.
      const choose: Choose = (right, { place, candidates, scores }) => {
        if (place.row !== at || place.head !== 1) return right;
        const worst = candidates[scores.indexOf(Math.min(...scores))];
        return [...right.slice(1), worst].sort((a, b) => a - b);
      };
      const result = await prepareCase(near, choosing("one-row", { choose }), {
        places: gateRows(shape, 1).filter(({ row }) => row < 80),
        fullRows: null,
        seed: 1,
        output: guardedOutput(97 * 16),
        second: js,
        now: () => 0,
      });
      expect(result.outcome === "green" ? null : result.reason).toMatch(/row 90 of batch 0, head 1: chose/);
    },
  );

  it.each(problems)("lets whichever of equal tokens stand in $what", async ({ problem }) => {
    const equal = withEqualTokens(problem);
    const last: Choose = (right, { candidates, taken }) => (taken === 0 ? right : candidates.slice(-taken));
    for (const kernel of [choosing("honest"), choosing("last", { choose: last }), js]) {
      const result = await prepareCase(equal, kernel, {
        places: gateRows(shape, 1),
        fullRows: null,
        seed: 1,
        output: guardedOutput(97 * 16),
        second: null,
        now: () => 0,
      });
      // Of other numbers the last are not the best.
      if (kernel.id === "last")
        expect(result.outcome === "green" ? null : result.reason).toMatch(/^verification: with /);
      else expect(result.outcome === "green" ? null : result.reason).toBeNull();
    }
  });
});

/** Each three blocks of 8 keys are one another's but for the last bits, so that float32 sums do not tell them apart. */
function withNearTies(problem: JudgedProblem): JudgedProblem {
  const k = problem.inputs.k.slice();
  const before = 8 * problem.shape.headDim;
  for (let at = before; at < k.length; at++) {
    if (Math.floor(at / before) % 3 > 0) k[at] = Math.fround(k[at - before] * (1 + 2 ** -23));
  }
  return { ...problem, inputs: { ...problem.inputs, k } };
}

function withEqualTokens(problem: JudgedProblem): JudgedProblem {
  const k = problem.inputs.k.slice();
  const { headDim } = problem.shape;
  for (let at = headDim; at < k.length; at++) k[at] = k[at % headDim];
  return { ...problem, inputs: { ...problem.inputs, k } };
}
