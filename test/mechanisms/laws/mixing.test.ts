import { describe, expect, it } from "vitest";
import type { AttentionInputs } from "../../../src/core/tensors.ts";
import type { Variant } from "../../../src/core/variant.ts";
import { js } from "../../../src/kernels/js/index.ts";
import type { Kernel } from "../../../src/kernels/kernel.ts";
import { simpleKernel } from "../../../src/kernels/simple-kernel.ts";
import { LEARNED as AFT_LEARNED } from "../../../src/mechanisms/aft/declare.ts";
import {
  aftLaws,
  farKeys,
  gatedConstant,
  keysShift,
  withoutBiases,
} from "../../../src/mechanisms/aft/laws/index.ts";
import type { Law } from "../../../src/mechanisms/laws/law.ts";
import { LEARNED } from "../../../src/mechanisms/synthesizer/declare.ts";
import {
  attentionOfFactors,
  equalQueries,
  meanOfValues,
  synthesizerLaws,
  unreadInputs,
} from "../../../src/mechanisms/synthesizer/laws/index.ts";
import { heldTo } from "../../../src/verify/held-to.ts";
import { aftFull } from "../../../variants/mixing/aft-full.ts";
import { aftLocal } from "../../../variants/mixing/aft-local.ts";
import { aftSimple } from "../../../variants/mixing/aft-simple.ts";
import { synthesizerDense } from "../../../variants/mixing/synthesizer-dense.ts";
import { synthesizerRandom } from "../../../variants/mixing/synthesizer-random.ts";
import { subject } from "./subjects.ts";

type Change = Readonly<Record<string, (values: Float32Array) => Float32Array>>;

/** Right for other inputs than the ones that it is given. */
function mistaking(id: string, change: Change): Kernel {
  return simpleKernel({
    id,
    freedoms: ["valueDim"],
    prepare: (problem, output) => () => {
      const inputs: AttentionInputs = { ...problem.inputs };
      for (const [name, made] of Object.entries(change)) {
        const values: unknown = Reflect.get(inputs, name);
        if (values instanceof Float32Array) Reflect.set(inputs, name, made(values));
      }
      js.prepare({ ...problem, inputs }, output).run();
    },
  });
}

/** Right, plus 0 times what it has no business with. */
const readsQueries: Kernel = simpleKernel({
  id: "reads-queries",
  prepare: (problem, output) => {
    const { run } = js.prepare(problem, output);
    return () => {
      run();
      const extra = problem.inputs.q.reduce((sum, x) => sum + 0 * x, 0);
      for (let at = 0; at < output.length; at++) output[at] += extra;
    };
  },
});

const HEAD_DIM = 6;

interface Breach {
  readonly what: string;
  readonly law: Law;
  readonly variant: Variant;
  readonly kernel: Kernel;
  readonly causal?: boolean;
  readonly message: RegExp;
}

const OFF = /^row \d+ of batch \d+, head \d+, column \d+: got/;

const breaches: readonly Breach[] = [
  {
    what: "a kernel that reads queries where logits are learned",
    law: unreadInputs,
    variant: synthesizerRandom,
    kernel: readsQueries,
    message: /^element 0: \S+ became NaN with other numbers in q and k$/,
  },
  {
    what: "a kernel that divides the product of factors by the root of their rank",
    law: attentionOfFactors,
    variant: synthesizerRandom,
    kernel: mistaking("scaled", { [LEARNED.ofKeys]: (b) => b.map((x) => x / Math.sqrt(3)) }),
    message: OFF,
  },
  {
    what: "a kernel that adds something to what makes the logits",
    law: meanOfValues,
    variant: synthesizerDense,
    kernel: mistaking("shifted", { q: (q) => q.map((x) => x + 1) }),
    message: OFF,
  },
  {
    what: "a kernel that lets logits depend on the place of their query",
    law: equalQueries,
    variant: synthesizerDense,
    kernel: mistaking("placed", { q: (q) => q.map((x, at) => x * (1 + (Math.floor(at / HEAD_DIM) % 5))) }),
    message: OFF,
  },
  {
    what: "a kernel that adds a bias which nothing learned",
    law: withoutBiases,
    variant: aftFull,
    kernel: mistaking("sloped", {
      [AFT_LEARNED.ofQueries]: (u) => u.map((x) => x + 1),
      [AFT_LEARNED.ofKeys]: (v) => v.map((x, at) => x + 0.01 * at),
    }),
    message: OFF,
  },
  {
    what: "a kernel whose gate is open",
    law: gatedConstant,
    variant: aftSimple,
    kernel: mistaking("open", { q: (q) => q.map(() => 100) }),
    message: OFF,
  },
  {
    what: "a kernel that takes the exponential of no key beyond 1000",
    law: keysShift,
    variant: aftLocal,
    kernel: mistaking("clamped", { k: (k) => k.map((x) => Math.min(x, 1000)) }),
    message: OFF,
  },
  {
    what: "a causal kernel that takes the largest key of all rows for that of each",
    law: farKeys,
    variant: aftSimple,
    kernel: mistaking("whole", { k: (k) => k.map((x) => Math.max(x, 2900)) }),
    causal: true,
    message: OFF,
  },
];

describe("the laws of synthesizers and attention-free transformers", () => {
  it.each(breaches)("are broken by $what", async ({ law, variant, kernel, causal = false, message }) => {
    const one = subject(variant, kernel, { causal });
    expect(law.applies(one)).toBe(true);
    expect(await law.check(heldTo(one))).toMatch(message);
    // The same, kept by a right kernel.
    expect(await law.check(heldTo({ ...one, kernel: js }))).toBeNull();
  });

  it("have a breach each", () => {
    expect(new Set(breaches.map(({ law }) => law))).toEqual(new Set([...synthesizerLaws, ...aftLaws]));
  });

  it("say nothing of what they are not about", () => {
    expect(attentionOfFactors.applies(subject(synthesizerRandom, js, { overrides: { rank: 0 } }))).toBe(
      false,
    );
    expect(equalQueries.applies(subject(synthesizerDense, js, { causal: true }))).toBe(false);
    expect(meanOfValues.applies(subject(synthesizerRandom, js))).toBe(false);
    expect(withoutBiases.applies(subject(aftSimple, js))).toBe(false);
  });
});
