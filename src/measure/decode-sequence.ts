import type { AttentionInputs } from "../core/tensors.ts";
import type { Stepper } from "../kernels/stepper.ts";
import { brokenGuard } from "./guarded-run.ts";
import { tokenRows } from "./token-rows.ts";

/**
 * Takes in a whole sequence from its start, the first `prefilled` tokens without their outputs and the others one by one, and
 * writes those into their rows of `output`. Null, or what the stepper did that it must not.
 */
export function decodeSequence(
  stepper: Stepper,
  inputs: AttentionInputs,
  output: Float32Array,
  prefilled = 0,
): string | null {
  const { shape } = inputs;
  const rows = tokenRows(shape, 1);
  const [token] = rows.tokens;
  stepper.reset();
  stepper.prefill(inputs, prefilled);
  for (let position = prefilled; position < shape.length; position++) {
    rows.fetch(inputs, position);
    rows.clear();
    const changed = rows.watch();
    stepper.step(token);
    const name = changed();
    if (name !== null) return `the step at ${position} changed its token's ${name}`;
    const broken = brokenGuard(token.out);
    if (broken !== null) return `the step at ${position}: ${broken}`;
    if (stepper.position !== position + 1) {
      return `the step at ${position} must lead to position ${position + 1}, got ${stepper.position}`;
    }
    rows.store(output, shape, position, 1);
  }
  return null;
}
