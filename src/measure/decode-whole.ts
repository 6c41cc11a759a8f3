import type { Problem } from "../core/problem.ts";
import { elementCount } from "../core/shape.ts";
import type { DecodeKernel, Stepper } from "../kernels/stepper.ts";
import { reference } from "../reference/reference.ts";
import { decodeSequence } from "./decode-sequence.ts";
import { expectation, type GateResult } from "./expectation.ts";
import { watchInputs } from "./guarded-run.ts";
import { blame, discard, type GateContext, type RedCase } from "./prepare-case.ts";

/** Every output of a sequence, taken in token by token. */
export interface DecodedWhole {
  readonly outcome: "green";
  readonly gate: GateResult;
  /** `[batch, heads, length, headDim]`. */
  readonly output: Float32Array;
}

/** Decodes a whole causal sequence and holds it to the rows of the reference. Whatever a stepper throws makes it red. */
export function decodeWhole(
  problem: Problem,
  kernel: DecodeKernel,
  { places, fullRows, seed }: Omit<GateContext, "output" | "now">,
): DecodedWhole | RedCase {
  let gate: GateResult | null = null;
  let stepper: Stepper | null = null;
  const refuse = (reason: string): RedCase => ({ outcome: "red", reason, gate });
  try {
    const { mechanism, shape, causal, threads, inputs } = problem;
    const changedInput = watchInputs(inputs);
    stepper = kernel.prepare({ mechanism, shape, causal, threads });
    const output = new Float32Array(elementCount(shape)).fill(Number.NaN);
    const misstep = decodeSequence(stepper, inputs, output);
    const changed = changedInput();
    const expected = expectation(problem, reference(problem), places, seed);
    const compared = expected.compare(output);
    gate = { ...compared, fidelityError: fullRows === null ? null : expected.distance(output, fullRows) };
    const broken = misstep ?? (changed === null ? null : `the stepper changed its input ${changed}`);
    const failure = broken ?? compared.failure;
    return failure === null ? { outcome: "green", gate, output } : refuse(`gate: ${failure}`);
  } catch (thrown) {
    return refuse(blame(thrown));
  } finally {
    discard(stepper);
  }
}
