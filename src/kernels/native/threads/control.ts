import { MOST_WORKERS, SIGNAL_WORDS } from "../../threads/signals.ts";
import type { Place } from "../call/load-code.ts";

/** The word that says which crew's entry a job runs, after those of every team. */
export const CREW = SIGNAL_WORDS;

/** 64-bit words, which lie on places of their own. */
const LANES_AT = Math.ceil((SIGNAL_WORDS + 1) / 2);

export const CONTROL_WORDS = 2 * (LANES_AT + MOST_WORKERS);

/** The address of each worker's lane. */
export function lanesOf(control: Int32Array): BigInt64Array {
  return new BigInt64Array(
    control.buffer,
    control.byteOffset + LANES_AT * BigInt64Array.BYTES_PER_ELEMENT,
    MOST_WORKERS,
  );
}

/** What a worker is sent before a job of a crew, or when that crew is closed: code is loaded once a process, and found by all its threads. */
export type CrewMessage =
  | { readonly id: number; readonly place: Place; readonly entry: string }
  | { readonly id: number; readonly place: null };
