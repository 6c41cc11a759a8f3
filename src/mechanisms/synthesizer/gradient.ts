import type { Task } from "../../core/problem.ts";
import { fullPairs } from "../../core/work.ts";
import type { GradientKind, GradientProblem } from "../gradient/gradient-kind.ts";
import { doutOf, type HeadGradients, type HeadPlace, partOf, sweptGradients } from "../gradient/swept.ts";
import type { Arithmetic } from "../gradient/tape/arithmetic.ts";
import { type Attention, attend } from "../gradient/tape/attend.ts";
import { mapped } from "../gradient/tape/elementwise.ts";
import { product } from "../gradient/tape/products.ts";
import { Tape, Value } from "../gradient/tape/tape.ts";
import { writtenBytes } from "../gradient/written.ts";
import type { Oracle } from "../oracle.ts";
import { LEARNED, type Synthesizer } from "./declare.ts";
import { learnedInputs } from "./learned.ts";
import { work } from "./work.ts";

/** The gradient of softmax over logits that no product of a query and a key makes; no key is read, and dk is zero. */
export const synthesizerGradient: GradientKind<Synthesizer> = {
  also: (mechanism) => Object.keys(learnedInputs(mechanism)),
  oracle: (problem) => oracle(problem),
  work: (task) => ({ ...work(task), usefulFlops: 2 * work(task).usefulFlops }),
  leastWork: (task) => ({
    flops: leastFlops(task),
    bytes: writtenBytes(task, learnedInputs(task.mechanism)),
  }),
  // Of every pair its logit, its value and both ways back.
  oracleProducts: ({ heads, length, headDim, usefulFlops }) =>
    heads * length * (2 * usefulFlops + 4 * headDim),
};

/** `dout · v` and `p · dout` of each pair; a row of one key has no logits to learn. */
function leastFlops({ shape, causal }: Task<Synthesizer>): number {
  const { batch, heads, length, valueDim } = shape;
  return length === 1 ? 0 : 4 * batch * heads * valueDim * (fullPairs(shape, causal) - 1);
}

function oracle(problem: GradientProblem<Synthesizer>): Oracle {
  const specs = learnedInputs(problem.mechanism);
  return sweptGradients(problem, specs, (place, arithmetic) => {
    const given = new Map<string, Value>();
    const of = (name: string): Value => {
      const { rows, width, data } = partOf(problem, specs, name, place);
      const value = new Value(rows, width, data);
      given.set(name, value);
      return value;
    };
    return headGradients(problem, { place, arithmetic, of, given });
  });
}

interface Head {
  readonly place: HeadPlace;
  readonly arithmetic: Arithmetic;
  readonly of: (name: string) => Value;
  /** What was read of the call. */
  readonly given: ReadonlyMap<string, Value>;
}

function headGradients(
  problem: GradientProblem<Synthesizer>,
  { place, arithmetic, of, given }: Head,
): HeadGradients {
  const { mechanism, causal, inputs } = problem;
  const tape = new Tape(arithmetic);
  const every = Uint32Array.from({ length: inputs.shape.length }, (_, key) => key);
  const { outputs } = attend(tape, {
    ...logitsOf(mechanism, tape, of),
    values: [of("v")],
    scale: 1,
    bias: null,
    // Tables have a row for each token that there is room for.
    keysOf: (row) => every.subarray(0, causal ? row + 1 : every.length),
  });
  outputs[0].adjoint.set(doutOf(problem, place));
  tape.back();
  return Object.fromEntries([...given].map(([name, value]) => [name, value.adjoint]));
}

/** What makes the logits, as queries and keys whose products they are. */
function logitsOf(
  { logits }: Synthesizer,
  tape: Tape,
  of: (name: string) => Value,
): Pick<Attention, "queries" | "keys"> {
  switch (logits.kind) {
    case "table":
      return { queries: of(LEARNED.table), keys: null };
    case "factors":
      return { queries: of(LEARNED.ofQueries), keys: of(LEARNED.ofKeys) };
    case "dense": {
      const hidden = product(tape, of("q"), of(LEARNED.hidden), "right");
      const rectified = mapped(
        tape,
        hidden,
        (x) => Math.max(x, 0),
        (x) => (x > 0 ? 1 : 0),
      );
      return { queries: rectified, keys: of(LEARNED.ofHidden) };
    }
    default:
      return logits satisfies never;
  }
}
