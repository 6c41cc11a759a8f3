import { describe, expect, it } from "vitest";
import { shapeOf } from "../../../src/core/shape.ts";
import type { Variant } from "../../../src/core/variant.ts";
import { parameterize } from "../../../src/core/variant.ts";
import { builtInKinds } from "../../../src/mechanisms/kinds.ts";
import type { Subject } from "../../../src/mechanisms/laws/law.ts";
import { isRecurrence } from "../../../src/mechanisms/recurrence/declare.ts";
import { heldTo } from "../../../src/verify/held-to.ts";
import { featureMaps } from "../../../variants/feature-map/index.ts";
import { recurrences } from "../../../variants/recurrence/index.ts";
import { problemOf } from "../arbitrary-problems.ts";
import { faultOf } from "./gate-of.ts";
import { webgpu } from "./judged-call.ts";
import { noDevice, whyNoDevice } from "./test-device.ts";

/** More tokens than a segment, and rows that end within a quad. */
const SHAPE = shapeOf({ batch: 2, heads: 2, length: 97, headDim: 7 });

const SUBJECTS = [...featureMaps, ...recurrences].flatMap((variant: Variant) => {
  const { mechanism } = parameterize(variant, {});
  const causals = isRecurrence(mechanism) ? [true] : [false, true];
  return causals.map((causal) => ({ title: `${variant.id}${causal ? ", causal" : ""}`, variant, causal }));
});

describe.skipIf(noDevice)(`linear attention and recurrences on a device${whyNoDevice}`, () => {
  it.each(SUBJECTS)(
    "keep the laws of their kind: $title",
    async ({ variant, causal }) => {
      const subject = subjectOf(variant, causal);
      const laws = subject.filled.kind.laws.filter((law) => law.applies(subject));
      expect(laws.length).toBeGreaterThan(2);
      for (const law of laws) {
        expect([law.title, await law.check(heldTo({ ...subject, kernel: webgpu }))]).toEqual([
          law.title,
          null,
        ]);
      }
    },
    600_000,
  );

  it.each(["linear", "performer", "gla", "kda"])(
    "stay green at the gate, and in rounds after it: %s",
    async (id) => {
      const found = SUBJECTS.find(({ variant, causal }) => variant.id === id && causal);
      if (found === undefined) throw new TypeError(`there must be a variant ${id}`);
      const { filled } = subjectOf(found.variant, true);
      expect(await faultOf(problemOf(filled.mechanism, SHAPE, true), webgpu)).toBeNull();
    },
    600_000,
  );
});

function subjectOf(variant: Variant, causal: boolean): Subject {
  const filled = builtInKinds.judged(parameterize(variant, {}));
  const { inputs } = problemOf(filled.mechanism, SHAPE, causal);
  return { variant, filled, kinds: builtInKinds, call: {}, shape: SHAPE, causal, inputs, seed: 1 };
}
