import type { Shape } from "../core/shape.ts";
import type { StepWindow } from "../core/step-window.ts";
import type { AttentionInputs } from "../core/tensors.ts";
import type { Stepper } from "../kernels/stepper.ts";
import { whileNegated } from "./changed-inputs.ts";
import { brokenGuard } from "./guarded-run.ts";
import { promiseFault } from "./promise-fault.ts";
import { tokenRows } from "./token-rows.ts";

/** Steps through a window, over and over: between its end and its start the state is built anew from all tokens before. */
export interface DecodeCall {
  /** Takes in the next token of the window; at its end, rewinds first. */
  run(): void;
  /** Rewinds, unless so many more tokens are left; returns how many of the next are no part of any time, 0 where it did not. */
  makeRoom(calls: number): number;
  /** Steps through the window once from its start; null, or what the stepper did that it must not. */
  stepAll(): string | null;
  /** The inputs have other numbers now. */
  fetch(): void;
  /** Fills the outputs with NaN. */
  clear(): void;
  /** Writes the outputs since `clear` into `output`, `[batch, heads, steps, headDim]`, and leaves its other rows alone. */
  store(output: Float32Array): void;
  /** Whether somebody has written beside an output; null if not. */
  brokenGuard(): string | null;
}

/**
 * How many of a window's steps after a rewinding are no part of any time: building the state anew has left the caches and the
 * processor's predictions as they are not between steps.
 */
export function untimedSteps(steps: number): number {
  return Math.max(1, Math.floor(steps / 4));
}

export function decodeCall(
  stepper: Stepper,
  inputs: AttentionInputs,
  { first, steps }: StepWindow,
): DecodeCall {
  const rows = tokenRows(inputs.shape, steps);
  const { tokens } = rows;
  const shape: Shape = { ...inputs.shape, length: steps };
  rows.fetch(inputs, first);
  rows.clear();
  let next = steps;
  /** Tokens that have had an output since `clear`, before the last rewinding; -1 where there was none. */
  let furthest = -1;

  const toStart = (): void => {
    furthest = furthest < 0 ? 0 : Math.max(furthest, next);
    next = 0;
    stepper.reset();
    // What is still to come is not there to be looked at: a stepper would have its answers before it is timed.
    whileNegated(inputs, () => stepper.prefill(inputs, first), first, first + steps);
  };
  return {
    run() {
      if (next === steps) toStart();
      stepper.step(tokens[next++]);
    },
    makeRoom(calls) {
      if (steps - next >= calls) return 0;
      toStart();
      rows.bringNear();
      return untimedSteps(steps);
    },
    stepAll() {
      const changed = rows.watch();
      toStart();
      for (const token of tokens) {
        if (stepper.position !== first + next) {
          return `the stepper must be at position ${first + next}, got ${stepper.position}`;
        }
        const promised = promiseFault(stepper.step(token));
        if (promised !== null) return `the step ${promised}`;
        next++;
      }
      const name = changed();
      return name === null ? null : `the stepper changed its token's ${name}`;
    },
    fetch: () => rows.fetch(inputs, first),
    clear() {
      rows.clear();
      // The next call starts over: what it takes for granted must have been built by then.
      next = steps;
      furthest = -1;
    },
    store(output) {
      rows.store(output, shape, 0, furthest < 0 ? 0 : Math.max(furthest, next));
    },
    brokenGuard() {
      for (const { out } of tokens) {
        const broken = brokenGuard(out);
        if (broken !== null) return broken;
      }
      return null;
    },
  };
}
