import { describe, expect, it } from "vitest";
import { overTokens, shapeOf } from "../../src/core/shape.ts";
import { parameterize } from "../../src/core/variant.ts";
import type { Kernel, Runnable } from "../../src/kernels/kernel.ts";
import type { JudgedTask } from "../../src/mechanisms/judged.ts";
import type { SoftmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { stepsOf } from "../../src/mechanisms/work-of-case.ts";
import { everything } from "../../src/pattern/band.ts";
import { wrongClaims } from "../../src/verify/claims.ts";
import { wrongPattern } from "../../src/verify/pattern-claims.ts";
import { linear } from "../../variants/feature-map/linear.ts";
import { variants } from "../../variants/index.ts";
import { local } from "../../variants/sparse/local.ts";
import { problemOf } from "../kernels/arbitrary-problems.ts";
import { ofPattern } from "../mechanisms/judge.ts";
import { planted } from "./planted-kernels.ts";
import { throughGate } from "./whole-gate.ts";

const shape = shapeOf({ batch: 2, heads: 2, length: 33, headDim: 4 });
const windowed = parameterize(local, { window: 5 }).mechanism;
const problem = problemOf(windowed, shape, true);
const leastWork = (task: JudgedTask) => task.kind.leastWork(task);
const leastStep = (task: JudgedTask, position: number) => stepsOf(task).leastWork(task, position);
const least = leastWork(problem);

/** Right, and tells of itself what it likes. */
function telling(told: Partial<Runnable>): Kernel {
  const right = planted("tells");
  return { ...right, prepare: (one, output) => ({ ...right.prepare(one, output), ...told }) };
}

const reasonOf = async (told: Partial<Runnable>) => {
  const result = await throughGate(problem, telling(told));
  return result.outcome === "red" ? result.reason : null;
};

describe("a kernel that is right is refused where", () => {
  it("it counts fewer operations than its call takes", async () => {
    const refusal =
      /^verification: executedFlops must be at least the \S+ \S?FLOP that the mathematics takes, got/;
    expect(await reasonOf({ executedFlops: 1 })).toMatch(refusal);
    expect(await reasonOf({ executedFlops: least.flops - 1 })).toMatch(refusal);
    expect(await reasonOf({ executedFlops: least.flops })).toBeNull();
  });

  it("it counts fewer bytes than a call must read and write once", async () => {
    const refusal = /^verification: bytes must be at least the \S+ \S*B that the mathematics takes, got/;
    expect(await reasonOf({ bytes: 1 })).toMatch(refusal);
    expect(await reasonOf({ bytes: least.bytes - 1 })).toMatch(refusal);
    expect(await reasonOf({ bytes: least.bytes })).toBeNull();
  });

  it("it counts fewer and gives no reason, or one that is no words", async () => {
    expect(await reasonOf({ executedFlops: 1, whyFewer: "rows alike are computed once" })).toBeNull();
    expect(await reasonOf({ executedFlops: 1, whyFewer: " " })).toMatch(/whyFewer must say why in words/);
  });
});

describe("the least work", () => {
  it("is the useful work and every row of q, k, v and out where all keys are attended", () => {
    const full = problemOf(ofPattern(everything()), shape, false);
    expect(leastWork(full)).toEqual({ flops: 4 * 4 * 33 * 33 * 4, bytes: 4 * 4 * 4 * 33 * 4 });
  });

  it("of linear attention over few tokens is that of its products key by key", () => {
    const { mechanism } = parameterize(linear, {});
    const few = problemOf(mechanism, overTokens(shape, 3), true);
    expect(leastWork(few).flops).toBe(4 * 4 * 6 * 4);
    const many = problemOf(mechanism, overTokens(shape, 300), true);
    expect(leastWork(many).flops).toBe(4 * 4 * 5 * 300 * 4);
  });

  it("of linear attention is a state for each head of k and v, which the queries read that see a key", () => {
    const { mechanism } = parameterize(linear, {});
    const unlike = shapeOf({
      batch: 2,
      heads: 4,
      kvHeads: 2,
      length: 300,
      queries: 900,
      headDim: 4,
      valueDim: 6,
    });
    const access = 2 * 4 * 7;
    const of = (causal: boolean) => leastWork(problemOf(mechanism, unlike, causal)).flops;
    expect(of(false)).toBe(2 * (2 * 300 + 4 * 900) * access);
    expect(of(true)).toBe(2 * (2 * 300 + 4 * 300) * access);
  });

  it("of a step is reading the keys before it that it attends, of which those to come are kept", () => {
    const { flops, bytes, stateBytes } = leastStep(problem, 20);
    expect(flops).toBe(4 * 4 * 6 * 4);
    expect(bytes).toBe(2 * 4 * 4 * 5 * 4);
    expect(stateBytes).toBe(2 * 4 * 4 * 5 * 4);
    expect(leastStep(problem, 33)).toEqual({ flops: 0, bytes: 0, stateBytes: 0 });
  });
});

describe("a pattern", () => {
  /** Full attention that says another number of pairs, or holds other keys in its intervals. */
  const lying = (pairs: (told: number) => number, from = 0): SoftmaxPattern => {
    const honest = everything();
    const bind: typeof honest.bind = (context) => {
      const bound = honest.bind(context);
      const intervals = (query: number) => (from === 0 ? bound.intervals(query) : [from, context.length]);
      return {
        ...bound,
        length: bound.length,
        attends: (i, j) => bound.attends(i, j),
        intervals,
        pairs: () => pairs(bound.pairs()),
      };
    };
    return { kind: "softmaxPattern", pattern: { ...honest, bind } };
  };
  const at = (mechanism: SoftmaxPattern, length: number) =>
    wrongPattern(problemOf(mechanism, shapeOf({ batch: 1, heads: 2, length, headDim: 1 }), false));

  it("that counts its pairs wrongly is refused, by itself and by what a kernel tells", () => {
    expect(
      at(
        lying((pairs) => pairs),
        50,
      ),
    ).toBeNull();
    expect(
      at(
        lying((pairs) => 10 * pairs),
        50,
      ),
    ).toBe(
      "the pattern of head 0 must count its pairs correctly: pairs() is 25000 at 50 tokens, its rows hold 2500",
    );
    const wide = problemOf(
      lying((pairs) => 2 * pairs),
      shape,
      false,
    );
    expect(wrongClaims(wide, planted("right").prepare(wide, new Float32Array(shape.length * 16)))).toMatch(
      /pairs\(\) is/,
    );
  });

  it("whose intervals are not what membership says is refused", () => {
    expect(
      at(
        lying((pairs) => pairs, 1),
        50,
      ),
    ).toMatch(
      /^the pattern of head 0, row \d+ at 50 tokens: its intervals hold 49 keys, membership 50; they differ at key 0$/,
    );
  });

  it("of a million tokens is counted at fewer, where that would take long", () => {
    expect(
      at(
        lying((pairs) => 2 * pairs),
        2 ** 20,
      ),
    ).toMatch(/pairs\(\) is \d+ at \d+ tokens/);
  });

  it.each(variants.map((variant) => [variant.id, variant] as const))("of %s is right", (_, variant) => {
    const { mechanism } = parameterize(variant, {});
    for (const causal of [false, true]) {
      expect(
        wrongPattern(problemOf(mechanism, shapeOf({ batch: 1, heads: 2, length: 300, headDim: 1 }), causal)),
      ).toBeNull();
    }
  });
});
