import type { Mechanism } from "../core/mechanism.ts";
import { hashText, randomStream } from "../core/random.ts";
import { elementCount, QKV, type Shape, shapeOf, type UsualShape } from "../core/shape.ts";
import { sizesBy, type TensorSpecs } from "../core/tensor-spec.ts";
import { type AttentionInputs, tensorNamed } from "../core/tensors.ts";
import { gradientAround } from "../mechanisms/gradient/around.ts";
import { DOUT } from "../mechanisms/gradient/declare.ts";
import type { JudgedProblem } from "../mechanisms/judged.ts";
import { builtInKinds } from "../mechanisms/kinds.ts";
import { withNamed } from "../mechanisms/named-inputs.ts";
import { expectation } from "../verify/expectation.ts";
import { rowsToCheck } from "../verify/gradient-rows.ts";
import type { Arrays } from "./arrays/arrays.ts";
import type { Tensor } from "./arrays/tensor.ts";
import { twinOf } from "./twins/index.ts";
import type { Twin, TwinTask } from "./twins/twin.ts";

/** How far numbers were from the reference, and how far they may be, of the element that came nearest to its budget. */
export interface TwinAgreement {
  readonly error: number;
  readonly budget: number;
  readonly rows: number;
}

/** A twin that agrees with the references of its kind. */
export interface TwinChecked {
  readonly output: TwinAgreement;
  /** dq, dk, dv and those of its gates; null if the kind has no gradient to compare them with. */
  readonly gradients: TwinAgreement | null;
}

/** What a twin is checked on: random numbers of a shape. */
export interface TwinCheck {
  readonly mechanism: Mechanism;
  readonly causal: boolean;
  readonly shape: UsualShape;
  readonly seed: number;
}

/**
 * Compares a twin's output and its gradients with the kind's float64 references, on random numbers, by budgets that a float32
 * pass of those gives. Returns why they do not agree, naming the tensor and the row, or how well they do. `make` makes the twin.
 */
export function checkTwin(
  arrays: Arrays,
  { mechanism, causal, shape: usual, seed }: TwinCheck,
  make: (arrays: Arrays, task: TwinTask) => Twin = twinOf,
): TwinChecked | string {
  const shape = shapeOf(usual);
  const judged = builtInKinds.judged({ mechanism });
  const inputs = randomInputs({ ...judged, shape }, seed);
  const problem: JudgedProblem = { ...judged, shape, causal, threads: 1, inputs };
  const computed = compute(arrays, problem, make);
  const output = compared(problem, computed.output, seed);
  if (typeof output === "string") return `its dense twin is not right: ${output}`;
  if (judged.kind.gradient === undefined || judged.kind.gradient.whyNot?.(mechanism)) {
    return { output, gradients: null };
  }
  const around = builtInKinds.judged({ mechanism: gradientAround(judged, "backward") });
  const gradients = compared({ ...problem, ...around }, computed.gradients, seed);
  if (typeof gradients === "string") return `the gradient of its dense twin is not right: ${gradients}`;
  return { output, gradients };
}

function compared(problem: JudgedProblem, output: Float32Array, seed: number): TwinAgreement | string {
  const oracle = problem.kind.oracle(problem);
  const expected = expectation(problem, oracle, rowsToCheck(problem, seed), seed);
  if (expected.unproven !== null) return `nothing is proven, ${expected.unproven}`;
  const { failure, ...agreement } = expected.compare(output);
  return failure ?? agreement;
}

type Inputs = AttentionInputs & { readonly dout: Float32Array };

/** Normal numbers, and what else the mechanism takes. */
function randomInputs(judged: Pick<JudgedProblem, "mechanism" | "kind" | "shape">, seed: number): Inputs {
  const { shape } = judged;
  const drawn = (name: string, count: number): Float32Array => {
    const random = randomStream(seed, hashText(`training/twin/${name}`));
    return Float32Array.from({ length: count }, () => random.gaussian());
  };
  const [q, k, v] = QKV.map((name) => drawn(name, elementCount(shape, name)));
  return {
    ...withNamed(judged, { shape, q, k, v }, seed),
    [DOUT]: drawn(DOUT, elementCount(shape, "output")),
  };
}

/** The output of a twin, and the gradients of `Σ dout · out` as a kernel lays them out. */
function compute(
  arrays: Arrays,
  { mechanism, kind, shape, causal, inputs }: JudgedProblem,
  make: (arrays: Arrays, task: TwinTask) => Twin,
): { readonly output: Float32Array; readonly gradients: Float32Array } {
  const specs = kind.inputs?.(mechanism) ?? {};
  const names = [...QKV, ...Object.keys(specs)];
  const asked = [...QKV, ...(kind.gradient?.also?.(mechanism) ?? [])];
  const twin = make(arrays, { mechanism, shape, causal });
  const program = arrays.program(([dout, ...given]) => {
    const of = (some: readonly Tensor[]): Tensor => {
      const named = Object.fromEntries(names.map((name, at) => [name, some[at]]));
      return twin({ q: named.q, k: named.k, v: named.v, named });
    };
    const { gradients } = arrays.withGradients((at) => of(at).mul(dout).total(), given);
    return [of(given), ...asked.map((name) => gradients[names.indexOf(name)])];
  });
  const given = [DOUT, ...names].map((name) =>
    arrays.tensor(tensorNamed(inputs, name), ...sizesOf(name, specs, shape)),
  );
  const [output, ...gradients] = program(given).map((made) => {
    const numbers = made.numbers();
    made.dispose();
    return numbers;
  });
  for (const one of given) one.dispose();
  program.dispose();
  return { output, gradients: joined(gradients) };
}

function sizesOf(name: string, specs: TensorSpecs, shape: Shape): readonly number[] {
  const { batch, heads, kvHeads, length, queries, headDim, valueDim } = shape;
  switch (name) {
    case "q":
      return [batch, heads, queries, headDim];
    case "k":
      return [batch, kvHeads, length, headDim];
    case "v":
      return [batch, kvHeads, length, valueDim];
    case DOUT:
      return [batch, heads, queries, valueDim];
    default:
      return sizesBy(shape, specs[name]);
  }
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
