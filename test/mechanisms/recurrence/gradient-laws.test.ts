import { describe, expect, it } from "vitest";
import { js } from "../../../src/kernels/js/index.ts";
import type { Kernel } from "../../../src/kernels/kernel.ts";
import { gradientArrays, isGradient } from "../../../src/mechanisms/gradient/declare.ts";
import { builtInKinds } from "../../../src/mechanisms/kinds.ts";
import type { Law } from "../../../src/mechanisms/laws/law.ts";
import { withNamed } from "../../../src/mechanisms/named-inputs.ts";
import { closedDecays, closedWrites, openDecays } from "../../../src/mechanisms/recurrence/gradient/laws.ts";
import { heldTo } from "../../../src/verify/held-to.ts";
import { gla } from "../../../variants/recurrence/gla.ts";
import { recurrences } from "../../../variants/recurrence/index.ts";
import { subject } from "../laws/subjects.ts";

/** The gradient of a variant, as a subject of laws. */
function gradientSubject(variant: typeof gla, kernel: Kernel, pass: "backward" | "train" = "backward") {
  const plain = subject(variant, kernel, { causal: true });
  const filled = { ...plain.filled, ...builtInKinds.under(plain.filled, { pass }) };
  return { ...plain, filled, call: { pass }, inputs: withNamed(filled, plain.inputs, 7) };
}

/** js with something done to one tensor of its output. */
function wrong(id: string, name: string, spoil: (values: Float32Array) => void): Kernel {
  return {
    ...js,
    id,
    prepare(problem, output) {
      const { mechanism } = problem;
      if (!isGradient(mechanism)) throw new TypeError("must be a gradient");
      const runnable = js.prepare(problem, output);
      const { gradients } = gradientArrays({ ...problem, mechanism }, output);
      return {
        ...runnable,
        run() {
          runnable.run();
          spoil(gradients[name]);
        },
      };
    },
  };
}

const shrink = (values: Float32Array): void => values.set(values.map((x) => 0.999 * x));

const laws: readonly Law[] = [openDecays, closedDecays, closedWrites];

describe("the gradients of recurrences", () => {
  it.each(
    recurrences.flatMap((variant) =>
      (["backward", "train"] as const).map((pass) => ({ variant, pass, title: `${variant.id}, ${pass}` })),
    ),
  )("keep the laws of gates at the ends of their domains: $title", async ({ variant, pass }) => {
    const held = gradientSubject(variant, js, pass);
    for (const law of laws) {
      if (!law.applies(held)) continue;
      expect([law.title, await law.check(heldTo(held))]).toEqual([law.title, null]);
    }
  });

  it.each<[string, Law, Kernel, RegExp]>([
    ["gradients that fade where nothing does", openDecays, wrong("fading", "dk", shrink), /^dk, row/],
    [
      "the gradient of α for that of its logarithm",
      closedDecays,
      wrong("unscaled", "dg", (values) => values.fill(1)),
      /^dg, row .* must be 0$/,
    ],
    [
      "a gradient that reaches a token that is forgotten",
      closedDecays,
      wrong("leaking", "dv", (values) => values.fill(1e-30)),
      /^dv, row .* must be 0$/,
    ],
    [
      "a key that has a gradient though it was not written",
      closedWrites,
      wrong("unwritten", "dk", (values) => values.fill(1)),
      /^dk, row .* must be 0$/,
    ],
  ])("break by %s", async (_what, law, kernel, message) => {
    expect(await law.check(heldTo(gradientSubject(gla, kernel)))).toMatch(message);
  });
});
