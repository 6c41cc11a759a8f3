import type { Mechanism } from "../core/mechanism.ts";
import type { Problem, Task } from "../core/problem.ts";
import type { Runnable } from "./kernel.ts";
import type { Stepper, Weights } from "./stepper.ts";

/**
 * What a family of kernels does with the mechanisms of one kind: one file per family. `Made` is what it prepares, a
 * promise of it where preparing takes turns.
 */
export interface Ability<M extends Mechanism, Means, Made = Runnable> {
  is(mechanism: Mechanism): mechanism is M;
  /**
   * Why it cannot run a task of this kind, besides reasons that hold for the whole family; omitted if it
   * always can.
   */
  whyNot?(task: Task<M>): string | null;
  prepare(problem: Problem<M>, means: Means): Made;
  /** Decoding; omitted if it has none. */
  readonly decode?: StepAbility<M, Means, StepperAs<Made>>;
}

/** Decoding the mechanisms of one kind. `Made` is a stepper, or a promise of one. */
export interface StepAbility<M extends Mechanism, Means, Made = Stepper> {
  whyNot?(task: Task<M>): string | null;
  /** `weights` are the inputs that belong to the layer, if the kind has any. */
  prepare(task: Task<M>, means: Omit<Means, "output">, weights: Weights): Made;
}

/** A stepper, prepared in the way in which a family prepares calls. */
export type StepperAs<Made> = Made extends Promise<unknown> ? Promise<Stepper> : Stepper;

/** What a family does, kind by kind. A new kind is a new line. */
export class Abilities<Means, Made = Runnable> {
  readonly #all: ReadonlyArray<Ability<Mechanism, Means, Made>>;
  readonly #otherwise: (mechanism: Mechanism) => string;

  /** `otherwise` says why nothing else is computed. */
  constructor(
    all: ReadonlyArray<Ability<Mechanism, Means, Made>>,
    otherwise: (mechanism: Mechanism) => string = ({ kind }) => `it computes no ${kind}`,
  ) {
    this.#all = all;
    this.#otherwise = otherwise;
  }

  /** Why the family cannot run a task; null if its kind is no obstacle. */
  whyNot(task: Task): string | null {
    const ability = this.#find(task);
    return typeof ability === "string" ? ability : (ability.whyNot?.(task) ?? null);
  }

  /** The same for decoding. */
  whyNotStep(task: Task): string | null {
    const decode = this.#findStep(task);
    return typeof decode === "string" ? decode : (decode.whyNot?.(task) ?? null);
  }

  /** Throws if the family cannot do the problem's kind. */
  prepare(problem: Problem, means: Means): Made {
    const ability = this.#find(problem);
    if (typeof ability === "string") throw new TypeError(ability);
    return ability.prepare(problem, means);
  }

  /** The same for decoding. */
  prepareSteps(task: Task, means: Omit<Means, "output">, weights: Weights = {}): StepperAs<Made> {
    const decode = this.#findStep(task);
    if (typeof decode === "string") throw new TypeError(decode);
    return decode.prepare(task, means, weights);
  }

  #find({ mechanism }: Task): Ability<Mechanism, Means, Made> | string {
    return this.#all.find((one) => one.is(mechanism)) ?? this.#otherwise(mechanism);
  }

  #findStep(task: Task): StepAbility<Mechanism, Means, StepperAs<Made>> | string {
    const ability = this.#find(task);
    if (typeof ability === "string") return ability;
    return ability.decode ?? `it decodes no ${task.mechanism.kind}`;
  }
}
