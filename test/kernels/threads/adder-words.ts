import { SIGNAL_WORDS } from "../../../src/kernels/threads/signals.ts";

/** What a worker can be told: to throw, to end, to be late until the gate is opened. */
export type AdderMessage = "die" | "leave" | "wait" | "nothing";

export const ADDER = {
  next: SIGNAL_WORDS,
  end: SIGNAL_WORDS + 1,
  sum: SIGNAL_WORDS + 2,
  fails: SIGNAL_WORDS + 3,
  gate: SIGNAL_WORDS + 4,
} as const;

export const ADDER_WORDS = SIGNAL_WORDS + 5;

/** Takes numbers and adds them until there are none. */
export function addNumbers(control: Int32Array): void {
  for (;;) {
    const taken = Atomics.add(control, ADDER.next, 1);
    if (taken >= control[ADDER.end]) return;
    Atomics.add(control, ADDER.sum, taken);
  }
}
