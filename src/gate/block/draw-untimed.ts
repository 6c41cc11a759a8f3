import { hashText, type RandomStream, randomStream } from "../../core/random.ts";
import { YARDSTICK } from "../../record/schema/block-lines.ts";
import type { TaskEntry } from "./block-task.ts";

/**
 * Calls that are made and not timed. If their number were constant, a cost on every nth call could fall only
 * on them, and in each fresh process a late cost would never be reached. Both sides skip equally many, so
 * that a shared cost falls on the same pair.
 */
export interface UntimedCalls {
  /** Before the first slot. */
  readonly first: number;
  /** At the start of the slots of one turn, the first and the second of each side. */
  next(): readonly [first: number, second: number];
}

/** A slot begins with at most this many: the first finds the caches cold. */
const MOST_A_SLOT = 2;
/** Share of an entry's time that the calls before its first slot may take on each side. */
const SHIFT = 0.2;

/** Draws them for one entry of a block. */
export function drawUntimed(
  seed: number,
  { cell, against }: TaskEntry,
  callSeconds: number,
  entrySeconds: number,
): UntimedCalls {
  const random: RandomStream = randomStream(seed, hashText(`${against} ${cell?.case ?? YARDSTICK}`));
  const most = Math.min(MOST_SHIFT, Math.floor((SHIFT * entrySeconds) / Math.max(callSeconds, 1e-9)));
  const first = random.below(most + 1);
  const slot = () => 1 + random.below(MOST_A_SLOT);
  return { first, next: () => [slot(), slot()] };
}

/** More calls than an entry times of any cell. */
const MOST_SHIFT = 10_000;
