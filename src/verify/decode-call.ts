import { awaited, type Coroutine } from "../core/coroutine.ts";
import { overTokens, type Shape } from "../core/shape.ts";
import type { StepWindow } from "../core/step-window.ts";
import type { JudgedProblem } from "../mechanisms/judged.ts";
import type { CallsElsewhere } from "../timing/slot-elsewhere.ts";
import { timeOften } from "../timing/time-often.ts";
import { refusePromise } from "./called.ts";
import { changedTokens } from "./changed-tokens.ts";
import { brokenGuard, pauseAfter } from "./guarded-run.ts";
import type { HandedChoice } from "./handed-choice.ts";
import { lentInputs } from "./lent-inputs.ts";
import { promiseFault } from "./promise-fault.ts";
import { type StepChoices, stepChoices } from "./step-choices.ts";
import type { Stepped } from "./stepped.ts";
import { stepsElsewhere } from "./steps-elsewhere.ts";
import { tokenRows } from "./token-rows.ts";

/**
 * Steps through a window, over and over: between its end and its start the state is rebuilt from all tokens
 * before. What is a coroutine waits for a stepper that computes elsewhere, and for no other.
 */
export interface DecodeCall {
  /** Takes in the next token of the window; at its end, rewinds first. */
  run(): void;
  /** The same steps where they are awaited; null if `run` is all there is. */
  readonly elsewhere: CallsElsewhere | null;
  /**
   * Rewinds unless the given number of tokens are left; returns how many of the next steps are not timed, 0
   * if it did not rewind.
   */
  makeRoom(calls: number): number;
  /**
   * Takes in `count` tokens from nothing as often as it takes to measure how long that takes, different ones
   * each time, and leaves the stepper after the last of them. Returns the median seconds.
   */
  timePrefill(count: number, now: () => number): Coroutine<number>;
  /** Seconds of the first step after a prefill, the least of several. */
  timeFirstStep(now: () => number): Coroutine<number>;
  /** Steps from where the stepper stands in the window to its end; null, or what the stepper did wrong. */
  stepOn(): Coroutine<string | null>;
  /**
   * Rewinds, to the tokens as they are or, in a further pass, to changed ones, and steps through the window
   * once. Awaited steps are awaited one by one the first way, and together the second, as they are timed.
   */
  stepAll(tokens: "as they are" | "changed"): Coroutine<string | null>;
  /** Tells it that the inputs now hold other numbers. */
  fetch(): void;
  /** Fills the outputs with NaN, and lets the next call start over. */
  clear(): void;
  /** Calls `act` while the inputs hold what the steps since the last rewinding took in. */
  whileAsTaken<T>(act: () => T): T;
  /** Steps of the window that were taken since the last rewinding, and whose choice is known if there is one. */
  taken(): readonly number[];
  /** What they chose. */
  handed(): HandedChoice;
  /**
   * Writes the outputs of the steps taken since the last rewinding into `output`, `[batch, heads, steps,
   * valueDim]`.
   */
  store(output: Float32Array): void;
  /** What was written outside an output; null if nothing. */
  brokenGuard(): string | null;
}

/**
 * How many of a window's steps after a rewinding are not timed: rebuilding the state leaves the caches and
 * the processor's predictions unlike what they are between steps.
 */
export function untimedSteps(steps: number): number {
  return Math.max(1, Math.floor(steps / 4));
}

/** Taken before any plug-in is loaded. */
const clock = performance.now.bind(performance);

/** One may be disturbed. */
const FIRST_STEPS = 3;

export function decodeCall(stepped: Stepped, problem: JudgedProblem, window: StepWindow): DecodeCall {
  const { stepper, isWaitedFor } = stepped;
  const { inputs } = problem;
  const { first, steps } = window;
  const rows = tokenRows(problem, steps);
  const lent = lentInputs(problem);
  const { tokens } = rows;
  const shape: Shape = overTokens(inputs.shape, steps);
  /** The last pass that changed any tokens. */
  let passes = 0;
  let changed = changedTokens(inputs, window, 0);
  let start = steps;
  let next = steps;
  const choices: StepChoices = stepChoices(problem, stepper);
  rows.fetch(inputs, first);
  rows.clear();

  /** Brings `count` tokens, and the numbers of the window's, as pass `to` has them. */
  const turnTo = (to: number, count: number): void => {
    const fresh = [...changed.before];
    changed = changedTokens(inputs, window, to);
    changed.apply();
    lent.bring(count, [...fresh, ...changed.before]);
    rows.shuffle();
    rows.fetch(inputs, first);
    changed.undo();
    start = Math.max(0, count - first);
    next = start;
    choices.clear();
  };
  const rewind = (to: number): void => {
    turnTo(to, first);
    stepper.reset();
    stepper.prefill(lent.inputs, first);
    lent.spoil();
  };
  /** The step of the window that comes next: null, or what is wrong with what it does before it returns. */
  const step = (): string | null => {
    if (stepper.position !== first + next) {
      return `the stepper must be at position ${first + next}, got ${stepper.position}`;
    }
    const token = tokens[next++];
    const watch = rows.watchOne(token);
    const promised = promiseFault(stepper.step(token));
    if (promised !== null) return `the step ${promised}`;
    const name = watch();
    if (name !== null) return `the stepper changed its token's ${name}`;
    // A layer writes the next numbers where these are: whoever keeps the arrays instead of their contents
    // finds nothing.
    rows.spoil(token);
    return null;
  };
  /** Awaited steps one by one, or not at all. */
  function* stepOn(together = false): Coroutine<string | null> {
    while (next < steps) {
      const wrong = step();
      if (wrong !== null) return wrong;
      if (together) continue;
      yield* awaited(stepped.outputs());
      choices.note(first + next - 1, tokens[next - 1].out);
    }
    return null;
  }
  /** The same with one fence, after which the outputs must stay as they are. */
  function* stepTogether(): Coroutine<string | null> {
    const begun = clock();
    const wrong = yield* stepOn(true);
    if (wrong !== null) return wrong;
    yield* awaited(stepped.outputs());
    const outputs = tokens.map(({ out }) => out.slice());
    yield pauseAfter((clock() - begun) / 1000);
    yield* awaited(stepped.fetched());
    const stays = tokens.every(({ out }, at) => out.every((x, i) => Object.is(x, outputs[at][i])));
    return stays
      ? null
      : "outputs had changed when they were read again: they were still being computed when the steps were reported finished";
  }
  const makeRoom = (calls: number): number => {
    if (steps - next >= calls) return 0;
    rewind(++passes);
    rows.bringNear();
    return untimedSteps(steps);
  };
  return {
    run() {
      if (next === steps) rewind(++passes);
      stepper.step(tokens[next++]);
    },
    elsewhere: isWaitedFor
      ? stepsElsewhere(stepped, {
          calls: steps - untimedSteps(steps),
          makeRoom,
          step: () => refusePromise(stepper.step(tokens[next++])),
        })
      : null,
    makeRoom,
    *timePrefill(count, now) {
      const { median } = yield* timeOften(
        () => {
          stepper.prefill(lent.inputs, count);
          return stepped.computed();
        },
        now,
        () => {
          turnTo(++passes, count);
          stepper.reset();
        },
      );
      lent.spoil();
      return median;
    },
    *timeFirstStep(now) {
      let least = Number.POSITIVE_INFINITY;
      for (let time = 0; time < FIRST_STEPS; time++) {
        rewind(++passes);
        yield* awaited(stepped.computed());
        const from = now();
        // A step that only returns a promise is refused when steps are compared; here it must not end the
        // program.
        promiseFault(stepper.step(tokens[next++]));
        yield* awaited(stepped.computed());
        least = Math.min(least, now() - from);
      }
      return least;
    },
    stepOn: () => stepOn(),
    *stepAll(which) {
      rewind(which === "changed" ? ++passes : 0);
      return yield* isWaitedFor && which === "changed" ? stepTogether() : stepOn();
    },
    fetch() {
      lent.refill();
      next = steps;
    },
    clear() {
      rows.clear();
      // The next call starts over: what it relies on must have been built by then.
      next = steps;
      start = steps;
      choices.clear();
    },
    whileAsTaken(act) {
      changed.apply();
      try {
        return act();
      } finally {
        changed.undo();
      }
    },
    taken() {
      const all = Array.from({ length: next - start }, (_, at) => start + at);
      const known = choices.known();
      if (known === null || all.length === 0) return all;
      // Of steps that were timed only the last can still be asked.
      choices.note(first + next - 1, tokens[next - 1].out);
      return all.filter((step) => known.has(first + step));
    },
    handed: choices.handed,
    store: (output) => rows.store(output, shape, start, start, next),
    brokenGuard() {
      for (const { out } of tokens) {
        const broken = brokenGuard(out);
        if (broken !== null) return broken;
      }
      return null;
    },
  };
}
