import { describe, expect, it } from "vitest";
import type { Problem } from "../../../src/core/problem.ts";
import { type AttentionInputs, tensorNamed } from "../../../src/core/tensors.ts";
import type { Variant } from "../../../src/core/variant.ts";
import { js } from "../../../src/kernels/js/index.ts";
import type { Kernel } from "../../../src/kernels/kernel.ts";
import { simpleKernel } from "../../../src/kernels/simple-kernel.ts";
import type { Law } from "../../../src/mechanisms/laws/law.ts";
import { LAWS } from "../../../src/mechanisms/laws/named.ts";
import { isRecurrence, type Recurrence } from "../../../src/mechanisms/recurrence/declare.ts";
import { recurrenceKind } from "../../../src/mechanisms/recurrence/kind.ts";
import { channelsAlike, constantSum } from "../../../src/mechanisms/recurrence/laws/forms.ts";
import { allForgotten, allKept, nothingWritten } from "../../../src/mechanisms/recurrence/laws/gates.ts";
import {
  lengthsOfQueries,
  linearInValues,
  skipAdds,
} from "../../../src/mechanisms/recurrence/laws/values.ts";
import { heldTo } from "../../../src/verify/held-to.ts";
import { delta } from "../../../variants/recurrence/delta.ts";
import { gatedDelta } from "../../../variants/recurrence/gated-delta.ts";
import { gla } from "../../../variants/recurrence/gla.ts";
import { recurrences } from "../../../variants/recurrence/index.ts";
import { kda } from "../../../variants/recurrence/kda.ts";
import { lightning } from "../../../variants/recurrence/lightning.ts";
import { retention } from "../../../variants/recurrence/retention.ts";
import { rwkv6 } from "../../../variants/recurrence/rwkv6.ts";
import { rwkv7 } from "../../../variants/recurrence/rwkv7.ts";
import { simpleGla } from "../../../variants/recurrence/simple-gla.ts";
import { ssd } from "../../../variants/recurrence/ssd.ts";
import { subject } from "./subjects.ts";

/** What a wrong kernel makes of a mechanism, and of its inputs, before js computes it; or of what js computed. */
interface Wrong {
  readonly mechanism?: (mechanism: Recurrence) => Partial<Recurrence>;
  readonly inputs?: (inputs: AttentionInputs) => Readonly<Record<string, Float32Array>>;
  readonly after?: (output: Float32Array, inputs: AttentionInputs) => void;
}

function wrong(id: string, { mechanism, inputs, after }: Wrong): Kernel {
  return simpleKernel({
    id,
    freedoms: ["valueDim"],
    prepare: (problem, output) => () => {
      const changed: Problem = {
        ...problem,
        ...(isRecurrence(problem.mechanism) &&
          mechanism && { mechanism: { ...problem.mechanism, ...mechanism(problem.mechanism) } }),
        ...(inputs && { inputs: { ...problem.inputs, ...inputs(problem.inputs) } }),
      };
      js.prepare(changed, output).run();
      after?.(output, problem.inputs);
    },
  });
}

const OFF = /row \d+ of batch \d+, head \d+, column \d+: got \S+, expected \S+; error \S+ over budget/;

interface Breach {
  readonly what: string;
  readonly law: Law;
  readonly variant: Variant;
  readonly kernel: Kernel;
  readonly message: RegExp;
}

const breaches: readonly Breach[] = [
  {
    what: "a retention that decays by the slopes of lightning attention",
    law: constantSum,
    variant: retention,
    kernel: wrong("other-slopes", { mechanism: () => ({ decay: { form: "lightning" } }) }),
    message: OFF,
  },
  {
    what: "a lightning attention without its scale, as its authors' program is",
    law: constantSum,
    variant: lightning,
    kernel: wrong("unscaled", { mechanism: () => ({ scale: 1 }) }),
    message: OFF,
  },
  {
    what: "a gated attention whose last channel decays by the first of another head",
    law: channelsAlike,
    variant: gla,
    kernel: wrong("lost-channel", {
      inputs: (inputs) => {
        const decay = tensorNamed(inputs, "decay").slice();
        decay.fill(0, decay.length - inputs.shape.headDim);
        return { decay };
      },
    }),
    message: OFF,
  },
  {
    what: "a delta rule that only adds",
    law: allKept,
    variant: delta,
    kernel: wrong("adds", { mechanism: () => ({ erase: null }) }),
    message: OFF,
  },
  {
    what: "a linear attention that erases",
    law: allKept,
    variant: simpleGla,
    kernel: wrong("erases", { mechanism: () => ({ erase: "after-decay", unit: "erasure" }) }),
    message: OFF,
  },
  {
    what: "an RWKV-6 that reads after it has written",
    law: allKept,
    variant: rwkv6,
    kernel: wrong("reads-late", { mechanism: () => ({ bonus: null }) }),
    message: OFF,
  },
  {
    what: "an RWKV-7 that writes by a key of length 1",
    law: allKept,
    variant: rwkv7,
    kernel: wrong("unit-writes", { mechanism: () => ({ unit: "both" }) }),
    message: OFF,
  },
  {
    what: "a gated delta rule that forgets to decay",
    law: allForgotten,
    variant: gatedDelta,
    kernel: wrong("keeps", { mechanism: () => ({ decay: { form: "none" } }) }),
    message: OFF,
  },
  {
    what: "a delta rule that writes whatever its gate says",
    law: nothingWritten,
    variant: kda,
    kernel: wrong("writes", { mechanism: () => ({ write: { form: "one" } }) }),
    message: /^element \d+: got \S+ where nothing was written$/,
  },
  {
    what: "a retention that adds 1",
    law: linearInValues,
    variant: retention,
    kernel: wrong("affine", {
      after: (output) => {
        output[5] += 1;
      },
    }),
    message: /^element 5: got \S+ of v times -4, expected \S+$/,
  },
  {
    what: "a state space that lets nothing past",
    law: skipAdds,
    variant: ssd,
    kernel: wrong("no-skip", { mechanism: () => ({ skip: 0 }) }),
    message: OFF,
  },
  {
    what: "a delta rule that leaves queries as long as they are",
    law: lengthsOfQueries,
    variant: delta,
    kernel: wrong("long-queries", { mechanism: () => ({ unit: "erasure" }) }),
    message: OFF,
  },
];

describe("every law of recurrences", () => {
  it.each(breaches)("is broken by $what", async ({ law, variant, kernel, message }) => {
    const one = subject(variant, kernel, { causal: true });
    expect(law.applies(one)).toBe(true);
    expect(await law.check(heldTo(one))).toMatch(message);
    expect(await law.check(heldTo({ ...one, kernel: js }))).toBeNull();
  });

  it("has a breach here, or is a general one", () => {
    const own = recurrenceKind.laws.filter((law) => !Object.values(LAWS).some((one) => one === law));
    expect(new Set(breaches.map(({ law }) => law))).toEqual(new Set(own));
  });

  it.each(recurrences)("is kept by the js kernel for $id, or says nothing of it", async (variant) => {
    for (const law of recurrenceKind.laws) {
      const one = subject(variant, js, { causal: true });
      if (law.applies(one)) expect([law.title, await law.check(heldTo(one))]).toEqual([law.title, null]);
    }
  });
});
