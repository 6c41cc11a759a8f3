import type { Problem } from "../../../src/core/problem.ts";
import { elementCount, layoutOf, offsetIn, type Shape } from "../../../src/core/shape.ts";
import type { AttentionInputs } from "../../../src/core/tensors.ts";
import type { Stepper, Token } from "../../../src/kernels/stepper.ts";
import { fetchToken, guardedToken } from "../decode/decoded.ts";

/** Steps that are started before each fence, taken in turn. */
export type Fences = readonly number[];

/**
 * Steps on through tokens up to `to`, several between two fences, and writes their rows into `output`, `[batch, heads, length,
 * valueDim]`. What a token was given is NaN as soon as its step has been started.
 */
export async function stepOn(
  stepper: Stepper,
  inputs: AttentionInputs,
  to: number,
  output: Float32Array,
  fences: Fences = [1],
): Promise<void> {
  for (let fence = 0; stepper.position < to; fence++) {
    const first = stepper.position;
    const tokens: Token[] = [];
    while (stepper.position < to && tokens.length < fences[fence % fences.length]) {
      const token = guardedToken(inputs.shape, inputs);
      fetchToken(inputs, stepper.position, token);
      stepper.step(token);
      for (const [name, array] of Object.entries(token)) if (name !== "out") array.fill(Number.NaN);
      tokens.push(token);
    }
    await stepper.finish?.();
    await stepper.fetch?.();
    for (const [index, { out }] of tokens.entries()) store(out, inputs.shape, first + index, output);
  }
}

/** The whole sequence of a problem, token by token. */
export async function decodedBy(stepper: Stepper, problem: Problem, fences?: Fences): Promise<Float32Array> {
  const output = new Float32Array(elementCount(problem.shape, "output")).fill(Number.NaN);
  await stepOn(stepper, problem.inputs, problem.shape.length, output, fences);
  return output;
}

function store(out: Float32Array, shape: Shape, position: number, output: Float32Array): void {
  const layout = layoutOf(shape, "output");
  for (let slice = 0; slice < layout.batch * layout.heads; slice++) {
    const row = out.subarray(slice * layout.width, (slice + 1) * layout.width);
    output.set(row, offsetIn(layout, 0, slice, position));
  }
}
