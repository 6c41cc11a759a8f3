import { randomStream } from "../core/random.ts";
import type { RowPlace } from "../core/rows.ts";
import { elementCount, overTokens } from "../core/shape.ts";
import { stepWindow } from "../core/step-window.ts";
import type { DecodeCall } from "./decode-call.ts";
import { type DecodeProblem, expectSteps } from "./expect-steps.ts";
import { watchInputs } from "./guarded-run.ts";

/** Checks steps of a window, whatever their tokens are in the current pass. */
export interface WatchedSteps {
  /** Compares some of the steps that were taken since the last rewinding; null, or what is wrong. */
  compareTaken(): string | null;
  /** The same for a slot that has just ended, with where the steps are. */
  verify(): string | null;
  /** Whether the inputs are unchanged; null, or what is wrong. */
  inspect(): string | null;
  /** The error of a float32 pass of the reference on more rows than are checked here. */
  knowRounding(rounding: number): void;
}

/** Heads whose steps are checked, different ones each time, and steps of each. */
const HEADS = 4;
const STEPS = 2;

export function watchedSteps(problem: DecodeProblem, call: DecodeCall, seed: number): WatchedSteps {
  const { first, steps } = stepWindow(problem.position);
  const output = new Float32Array(elementCount(overTokens(problem.inputs.shape, steps), "output"));
  const changedInput = watchInputs(problem.inputs);
  const random = randomStream(seed, problem.position);
  let known: number | null = null;
  const drawPlaces = (): RowPlace[] => {
    const { batch, heads } = problem.shape;
    const taken = call.taken();
    if (taken.length === 0) return [];
    return Array.from({ length: Math.min(HEADS, batch * heads) * STEPS }, (_, index) => ({
      batch: random.below(batch),
      head: random.below(heads),
      // The last one taken is always among them.
      row: index === 0 ? taken[taken.length - 1] : taken[random.below(taken.length)],
    }));
  };
  const compareTaken = (): string | null => {
    const places = drawPlaces();
    output.fill(0);
    call.store(output);
    return call.whileAsTaken(
      () => expectSteps(problem, places, seed, known).compare(output, call.handed()).failure,
    );
  };
  return {
    compareTaken,
    verify() {
      const wrong = compareTaken();
      return (
        call.brokenGuard() ?? (wrong === null ? null : `in the steps from position ${first} on, ${wrong}`)
      );
    },
    inspect() {
      const name = changedInput();
      return name === null ? null : `the stepper, or another run in between, changed its input ${name}`;
    },
    knowRounding(rounding) {
      known = rounding;
    },
  };
}
