import type { Choice } from "../core/choice.ts";
import { hashText, randomStream } from "../core/random.ts";
import { elementCount, QKV, type Shape, shapeOf } from "../core/shape.ts";
import { sizesBy, type TensorSpecs } from "../core/tensor-spec.ts";
import { type AttentionInputs, tensorNamed } from "../core/tensors.ts";
import { gradientAround } from "../mechanisms/gradient/around.ts";
import { DOUT } from "../mechanisms/gradient/declare.ts";
import type { JudgedProblem } from "../mechanisms/judged.ts";
import type { Kinds } from "../mechanisms/kinds.ts";
import { withNamed } from "../mechanisms/named-inputs.ts";
import { expectation } from "../verify/expectation.ts";
import { rowsToCheck } from "../verify/gradient-rows.ts";
import { type HandedChoice, handedChoice } from "../verify/handed-choice.ts";
import type { Arrays } from "./arrays/arrays.ts";
import type { Tensor } from "./arrays/tensor.ts";
import type { LearnerSpec, TwinChecked } from "./learner.ts";
import { twinOf } from "./twins/index.ts";
import type { Twin, TwinInputs, TwinTask } from "./twins/twin.ts";

/** Examples that a twin is checked on. */
const BATCH = 2;

/**
 * Compares a twin's output, and the gradients of q, k, v and what else has one, with the float64 references of the kind, on
 * random numbers of a task's shape, by budgets that a float32 pass of those gives. `make` makes the twin.
 */
export function checkTwin(
  arrays: Arrays,
  { mechanism, task, model }: Pick<LearnerSpec, "mechanism" | "task" | "model">,
  kinds: Kinds,
  seed: number,
  make: (arrays: Arrays, task: TwinTask) => Twin = twinOf,
): TwinChecked {
  const { heads, width } = model;
  const shape = shapeOf({ batch: BATCH, heads, length: task.length, headDim: width / heads });
  const judged = kinds.judged({ mechanism });
  const inputs = randomInputs({ ...judged, shape }, seed);
  const problem: JudgedProblem = { ...judged, shape, causal: task.causal, threads: 1, inputs };
  const computed = compute(arrays, problem, make);
  const handed = handedChoice(problem, computed.choice === null ? null : () => computed.choice);
  const output = compared(problem, computed.output, handed, seed);
  if (typeof output === "string") return { failure: output, agreement: null };
  const { gradient } = judged.kind;
  if (gradient === undefined || (gradient.whyNot?.(mechanism) ?? null) !== null) {
    return { failure: null, agreement: { output, gradients: null } };
  }
  const around = kinds.judged({ mechanism: gradientAround(judged, "backward") });
  const gradients = compared({ ...problem, ...around }, computed.gradients, handed, seed);
  if (typeof gradients === "string") return { failure: gradients, agreement: null };
  return { failure: null, agreement: { output, gradients } };
}

type Agreement = NonNullable<TwinChecked["agreement"]>["output"];

function compared(
  problem: JudgedProblem,
  output: Float32Array,
  handed: HandedChoice,
  seed: number,
): Agreement | string {
  const oracle = problem.kind.oracle(problem);
  const expected = expectation(problem, oracle, rowsToCheck(problem, seed), seed);
  if (expected.unproven !== null) return `nothing is proven, ${expected.unproven}`;
  const { failure, error, budget, rows } = expected.compare(output, handed);
  return failure ?? { error, budget, rows };
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

/** What a twin gives: its output, the gradients of `Σ dout · out` as a kernel lays them out, and what it chose. */
interface Computed {
  readonly output: Float32Array;
  readonly gradients: Float32Array;
  /** null if it chooses nothing. */
  readonly choice: Choice | null;
}

function compute(
  arrays: Arrays,
  problem: JudgedProblem,
  make: (arrays: Arrays, task: TwinTask) => Twin,
): Computed {
  const { mechanism, kind, shape, inputs } = problem;
  const specs = kind.inputs?.(mechanism) ?? {};
  const names = [...QKV, ...Object.keys(specs)];
  const asked = [...QKV, ...(kind.gradient?.also?.(mechanism) ?? [])];
  const choices = Object.entries(kind.choices?.(mechanism, shape) ?? {});
  const twin = make(arrays, problem);
  const program = arrays.program(([dout, ...given]) => {
    const inputsOf = (some: readonly Tensor[]): TwinInputs => {
      const named = Object.fromEntries(names.map((name, at) => [name, some[at]]));
      return { q: named.q, k: named.k, v: named.v, named };
    };
    const { gradients } = arrays.withGradients((at) => twin(inputsOf(at)).mul(dout).total(), given);
    const chosen = twin.chosen?.(inputsOf(given)) ?? {};
    return [
      twin(inputsOf(given)),
      ...asked.map((name) => gradients[names.indexOf(name)]),
      ...choices.map(([name]) => chosen[name]),
    ];
  });
  const given = [DOUT, ...names].map((name) =>
    arrays.tensor(tensorNamed(inputs, name), ...sizesOf(name, specs, shape)),
  );
  const [output, ...rest] = program(given).map((made) => {
    const numbers = made.numbers();
    made.dispose();
    return numbers;
  });
  for (const one of given) one.dispose();
  program.dispose();
  const listed = choices.map(
    ([name, { rows, perRow }], at) =>
      [name, listsOf(rest[asked.length + at], shape.batch * shape.heads * rows, perRow)] as const,
  );
  return {
    output,
    gradients: joined(rest.slice(0, asked.length)),
    choice: listed.length === 0 ? null : Object.fromEntries(listed),
  };
}

/** Rows of 1 for what is chosen, as lists of `perRow` indices in rising order, then -1. */
function listsOf(marks: Float32Array, rows: number, perRow: number): Int32Array {
  const candidates = marks.length / rows;
  const lists = new Int32Array(rows * perRow).fill(-1);
  for (let row = 0; row < rows; row++) {
    let at = row * perRow;
    for (let one = 0; one < candidates && at < (row + 1) * perRow; one++) {
      if (marks[row * candidates + one] === 1) lists[at++] = one;
    }
  }
  return lists;
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
