import { expect, it } from "vitest";
import { parameterize, type Variant } from "../../../src/core/variant.ts";
import { js } from "../../../src/kernels/js/index.ts";
import { builtInKinds } from "../../../src/mechanisms/kinds.ts";
import { withNamed } from "../../../src/mechanisms/named-inputs.ts";
import { allowsCausal } from "../../../src/mechanisms/why-undefined.ts";
import { heldTo } from "../../../src/verify/held-to.ts";
import { variants } from "../../../variants/index.ts";
import { subject } from "../laws/subjects.ts";

/** Kinds whose gradients are not those of pairs of a pattern, of features or of matrices. */
const KINDS = ["summary", "synthesizer", "aft", "convolution", "fourier", "cell", "selection", "layer"];

/** The gradient of a variant, as a subject of laws. */
function gradientSubject(variant: Variant, causal: boolean) {
  const plain = subject(variant, js, { causal });
  const filled = { ...plain.filled, ...builtInKinds.under(plain.filled, { pass: "backward" }) };
  return {
    ...plain,
    filled,
    call: { pass: "backward" as const },
    inputs: withNamed(filled, plain.inputs, 7),
  };
}

const cases = variants
  .filter((variant) => KINDS.includes(parameterize(variant, {}).mechanism.kind))
  .flatMap((variant) =>
    [false, true].map((causal) => ({ variant, causal, title: `${variant.id}${causal ? ", causal" : ""}` })),
  )
  .filter(({ variant, causal }) => {
    const { filled, shape } = gradientSubject(variant, causal);
    const task = { ...filled, shape, causal, threads: 1 };
    return allowsCausal(filled, causal) && js.supports(task) === true;
  });

it.each(cases)("every law of its gradient holds: $title", async ({ variant, causal }) => {
  const held = gradientSubject(variant, causal);
  for (const law of held.filled.kind.laws) {
    if (!law.applies(held)) continue;
    expect([law.title, await law.check(heldTo(held))]).toEqual([law.title, null]);
  }
});
