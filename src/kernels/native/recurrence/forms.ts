import type { Recurrence } from "../../../mechanisms/recurrence/declare.ts";

/** Where decays come from; `fixed` is a number a head. */
export const DECAY = {
  none: 0,
  fixed: 1,
  logistic: 2,
  softplus: 3,
  exponential: 4,
  rwkv7: 5,
  given: 6,
} as const;
/** Where writes come from. */
export const WRITE = { one: 0, logistic: 1, step: 2, given: 3, givenStep: 4 } as const;
/** What is brought to length 1. */
export const UNIT = { none: 0, both: 1, erasure: 2 } as const;

export const DECAY_OF = {
  none: DECAY.none,
  retention: DECAY.fixed,
  lightning: DECAY.fixed,
  logistic: DECAY.logistic,
  softplus: DECAY.softplus,
  exponential: DECAY.exponential,
  rwkv7: DECAY.rwkv7,
  given: DECAY.given,
} as const satisfies Record<Recurrence["decay"]["form"], number>;

export const WRITE_OF = {
  one: WRITE.one,
  logistic: WRITE.logistic,
  step: WRITE.step,
  given: WRITE.given,
  "given-step": WRITE.givenStep,
} as const satisfies Record<Recurrence["write"]["form"], number>;
