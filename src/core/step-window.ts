/** Where a decode case steps: positions `first … first + steps - 1`, the case's own in their middle. */
export interface StepWindow {
  readonly first: number;
  readonly steps: number;
  /** Tokens that are taken in, in total. */
  readonly tokens: number;
  /** Tokens that the state is prepared for, at which the pattern is bound. */
  readonly capacity: number;
}

/** Enough steps that short ones can be timed together … */
const STEPS = { least: 8, most: 64 } as const;
/** … but no more than this fraction of the position, so that the first and the last cost about the same. */
const SHARE = 1 / 8;
/**
 * Tokens that may come at and after the position. If a sequence is about to end few keys must be kept, since
 * few queries are left; the usual windows and strides are no longer than this.
 */
const HEADROOM = 128;

/** The window around a position. */
export function stepWindow(position: number): StepWindow {
  const steps = Math.min(Math.max(Math.floor(position * SHARE), STEPS.least), STEPS.most);
  const first = Math.max(0, position - Math.floor(steps / 2));
  return { first, steps, tokens: first + steps, capacity: position + HEADROOM };
}
