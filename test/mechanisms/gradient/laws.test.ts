import { describe, expect, it } from "vitest";
import { outputCount, rowsIn } from "../../../src/core/outputs.ts";
import type { Problem } from "../../../src/core/problem.ts";
import { tensorNamed } from "../../../src/core/tensors.ts";
import type { Variant } from "../../../src/core/variant.ts";
import { builtInKernels } from "../../../src/kernels/index.ts";
import { js } from "../../../src/kernels/js/index.ts";
import { guardedOutput, type Kernel } from "../../../src/kernels/kernel.ts";
import { supportsPass } from "../../../src/kernels/supports-mode.ts";
import { DOUT } from "../../../src/mechanisms/gradient/declare.ts";
import { alongOneQuery } from "../../../src/mechanisms/gradient/laws/along-one-query.ts";
import { causalDout } from "../../../src/mechanisms/gradient/laws/causal-dout.ts";
import { forbiddenKeys } from "../../../src/mechanisms/gradient/laws/forbidden-keys.ts";
import { independentHeads } from "../../../src/mechanisms/gradient/laws/independent-heads.ts";
import { linearInDout } from "../../../src/mechanisms/gradient/laws/linear-in-dout.ts";
import { builtInKinds } from "../../../src/mechanisms/kinds.ts";
import { deterministic } from "../../../src/mechanisms/laws/deterministic.ts";
import { type Law, problemOf } from "../../../src/mechanisms/laws/law.ts";
import { withNamed } from "../../../src/mechanisms/named-inputs.ts";
import { outputsOf } from "../../../src/mechanisms/outputs.ts";
import { constantValues } from "../../../src/mechanisms/softmax-pattern/gradient/laws/constant-values.ts";
import { keysSum } from "../../../src/mechanisms/softmax-pattern/gradient/laws/keys-sum.ts";
import type { Checked } from "../../../src/verify/check-subjects.ts";
import { heldTo } from "../../../src/verify/held-to.ts";
import { full } from "../../../variants/dense/full.ts";
import { variants } from "../../../variants/index.ts";
import { local } from "../../../variants/sparse/local.ts";
import { isDefined } from "../../kernels/arbitrary-problems.ts";
import { subject } from "../laws/subjects.ts";

/** The gradient of a law's subject. */
function gradientSubject(variant: Variant, kernel: Kernel, causal: boolean): Checked {
  const one = subject(variant, kernel, { causal });
  const filled = { ...one.filled, ...builtInKinds.under(one.filled, { pass: "backward" }) };
  const inputs = withNamed({ ...filled, shape: one.shape }, one.inputs, 7);
  return { ...one, filled, inputs: { ...inputs, ...one.inputs }, call: { pass: "backward" } };
}

/** The js kernel, of whose output something is changed once it has computed. */
function broken(change: (output: Float32Array, problem: Problem, call: number) => void): Kernel {
  let calls = 0;
  return {
    ...js,
    prepare(problem, output) {
      const inner = js.prepare(problem, output);
      return {
        ...inner,
        run() {
          inner.run();
          change(output, problem, calls++);
        },
      };
    },
  };
}

const { shape } = gradientSubject(full, js, false);
/** Where dk begins. */
const ofKeys = shape.batch * shape.heads * shape.length * shape.headDim;

const BROKEN: ReadonlyArray<{
  readonly law: Law;
  readonly variant: Variant;
  readonly causal: boolean;
  readonly kernel: Kernel;
}> = [
  {
    law: deterministic,
    variant: full,
    causal: false,
    kernel: broken((output, _problem, call) => {
      output[3] += call;
    }),
  },
  {
    law: linearInDout,
    variant: full,
    causal: false,
    kernel: broken((output) => {
      output[3] += 1e-3;
    }),
  },
  {
    law: alongOneQuery,
    variant: local,
    causal: true,
    kernel: broken((output) => {
      output[ofKeys] += 1e-30;
    }),
  },
  {
    law: forbiddenKeys,
    variant: local,
    causal: false,
    kernel: broken((output, { inputs }) => {
      // The last key, which the first query is far from.
      output[0] += 0 * inputs.k[(shape.length - 1) * shape.headDim];
    }),
  },
  {
    law: independentHeads,
    variant: full,
    causal: false,
    kernel: broken((output, { inputs }) => {
      output[0] += 0 * inputs.q[inputs.q.length - 1];
    }),
  },
  {
    law: causalDout,
    variant: full,
    causal: true,
    kernel: broken((output, { inputs }) => {
      output[0] += 0 * tensorNamed(inputs, DOUT)[(shape.length - 1) * shape.valueDim];
    }),
  },
  {
    law: causalDout,
    variant: full,
    causal: true,
    kernel: broken((output, { inputs }) => {
      output[ofKeys + (shape.length - 1) * shape.headDim] += 0 * tensorNamed(inputs, DOUT)[0];
    }),
  },
  {
    law: constantValues,
    variant: full,
    causal: false,
    kernel: broken((output) => {
      output[5] += 1e-3;
    }),
  },
  {
    law: keysSum,
    variant: local,
    causal: false,
    kernel: broken((output) => {
      output[ofKeys + 5] += 1e-2;
    }),
  },
];

describe("a law of gradients", () => {
  it.each(BROKEN)(
    "is broken by a kernel that breaks it: $law.title",
    async ({ law, variant, causal, kernel }) => {
      const one = gradientSubject(variant, kernel, causal);
      expect(law.applies(one)).toBe(true);
      expect(await law.check(heldTo(one))).not.toBeNull();
      const right = gradientSubject(variant, js, causal);
      expect(await law.check(heldTo(right))).toBeNull();
    },
  );

  it.each([
    ["0 times later dout holds", 0, true],
    ["a trace of later dout breaks it", 1e-6, false],
  ])("plants finite numbers for a kernel of finite numbers, where %s", async (_, trace, holds) => {
    const adding = broken((output, { inputs }) => {
      output[0] += trace * tensorNamed(inputs, DOUT)[(shape.length - 1) * shape.valueDim];
    });
    const check = (kernel: Kernel) => causalDout.check(heldTo(gradientSubject(full, kernel, true)));
    expect((await check({ ...adding, finiteOnly: true })) === null).toBe(holds);
    expect(await check(adding)).toMatch(/became NaN when dout was NaN from row/);
  });

  it("is held by every kernel of every variant whose gradient it takes", async () => {
    let held = 0;
    for (const kernel of builtInKernels()) {
      for (const variant of variants) {
        const one = gradientSubject(variant, kernel, false);
        const asked = problemOf(one);
        if (!isDefined(asked) || supportsPass(kernel, asked) !== true) continue;
        for (const law of one.filled.kind.laws) {
          if (!law.applies(one)) continue;
          expect([kernel.id, variant.id, await law.check(heldTo(one))]).toEqual([
            kernel.id,
            variant.id,
            null,
          ]);
          held++;
        }
      }
    }
    expect(held).toBeGreaterThan(0);
  });
});

it("the tensors of an output lie one after the other, each laid out as its input", () => {
  const problem = problemOf(gradientSubject(full, js, false));
  const outputs = outputsOf(problem);
  expect(outputs.map(({ name }) => name)).toEqual(["dq", "dk", "dv"]);
  expect(guardedOutput(outputCount(outputs)).length).toBe(
    [...rowsIn(outputs)].reduce((sum, { width }) => sum + width, 0),
  );
});
