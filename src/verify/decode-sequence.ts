import { awaited, type Coroutine } from "../core/coroutine.ts";
import type { AttentionInputs } from "../core/tensors.ts";
import type { JudgedInputs } from "../mechanisms/judged.ts";
import { lengthened, negate } from "./changed-inputs.ts";
import { brokenGuard } from "./guarded-run.ts";
import { promiseFault } from "./promise-fault.ts";
import type { StepChoices } from "./step-choices.ts";
import type { Stepped } from "./stepped.ts";
import { tokenRows } from "./token-rows.ts";

/**
 * Takes in a whole sequence from its start, the first tokens without their outputs, in prefills of the given
 * sizes, and the others one by one, and writes those into their rows of `output`. Null, or what the stepper
 * did that it must not. `choices` keeps what the steps chose.
 */
export function* decodeSequence(
  stepped: Stepped,
  problem: JudgedInputs,
  output: Float32Array,
  prefills: readonly number[] = [],
  choices: StepChoices | null = null,
): Coroutine<string | null> {
  const { stepper } = stepped;
  const { inputs } = problem;
  const { shape } = inputs;
  const rows = tokenRows(problem, 1);
  const [token] = rows.tokens;
  stepper.reset();
  let prefilled = 0;
  for (const count of prefills) {
    const at = prefilled;
    prefilled += count;
    stepper.prefill(upTo(problem, prefilled), count);
    yield* awaited(stepped.computed());
    if (stepper.position !== prefilled) {
      return `a prefill of ${count} tokens at ${at} must lead to position ${prefilled}, got ${stepper.position}`;
    }
  }
  for (let position = prefilled; position < shape.length; position++) {
    rows.fetch(inputs, position);
    rows.clear();
    const changed = rows.watch();
    const promised = promiseFault(stepper.step(token));
    if (promised !== null) return `the step at ${position} ${promised}`;
    yield* awaited(stepped.outputs());
    const name = changed();
    if (name !== null) return `the step at ${position} changed its token's ${name}`;
    const broken = brokenGuard(token.out);
    if (broken !== null) return `the step at ${position}: ${broken}`;
    if (stepper.position !== position + 1) {
      return `the step at ${position} must lead to position ${position + 1}, got ${stepper.position}`;
    }
    rows.store(output, shape, position, 0, 1);
    choices?.note(position, token.out);
  }
  return null;
}

/**
 * Tokens past the end of the sequence: a prefill must not take the length of its inputs for its own capacity.
 */
const BEYOND = 3;

/**
 * The first `count` tokens, followed by tokens that are not those of the sequence, which are still to come.
 */
function upTo(problem: JudgedInputs, count: number): AttentionInputs {
  const longer = lengthened(problem, BEYOND, 1);
  negate(longer, count, problem.inputs.shape.length);
  return longer.inputs;
}
