import { awaited, type Coroutine } from "../core/coroutine.ts";

/**
 * Short work is timed at least this often, and as often as fits into some milliseconds: cold code is slow.
 */
const LEAST_TIMES = 3;
const MOST_TIMES = 25;
const TIMES_S = 0.02;
/** Longer work is steady enough to be measured once. */
const LONG_S = 1;
/** Where nobody asks for a time: something may work only the first time. */
const TWICE = 2;

/**
 * Times making something, such as a prepared call: the median, the first, and the last one made. Earlier ones
 * are freed. The first may have filled caches for later ones, and is the cost of preparing once. Only a
 * promise is waited for. If it is not `timed`, twice must do.
 */
export function* timeMaking<T extends { dispose(): void }>(
  make: () => T | Promise<T>,
  now: () => number,
  timed = true,
): Coroutine<{ made: T; seconds: number; first: number }> {
  const times = new Times(now, timed);
  let last: T | null = null;
  for (;;) {
    last?.dispose();
    const start = now();
    last = yield* awaited(make());
    if (times.areEnough(now() - start)) return { made: last, seconds: times.median, first: times.first };
  }
}

/**
 * The median time of something repeatable, and the first; `before` is called before each time and is not
 * timed. A promise that `act` returns is waited for, and is part of the time.
 */
export function* timeOften(
  act: () => Promise<unknown> | null,
  now: () => number,
  before: () => void,
): Coroutine<{ median: number; first: number }> {
  const times = new Times(now);
  for (;;) {
    before();
    const start = now();
    yield* awaited(act());
    if (times.areEnough(now() - start)) return times;
  }
}

/** How long something took, each time. */
class Times {
  readonly #now: () => number;
  readonly #begun: number;
  readonly #seconds: number[] = [];
  readonly #isTimed: boolean;

  constructor(now: () => number, isTimed = true) {
    this.#now = now;
    this.#isTimed = isTimed;
    this.#begun = now();
  }

  /** Whether one run of the given seconds is enough. */
  areEnough(seconds: number): boolean {
    this.#seconds.push(seconds);
    const times = this.#seconds.length;
    if (this.first > LONG_S || times === MOST_TIMES) return true;
    if (!this.#isTimed) return times === TWICE;
    return times >= LEAST_TIMES && this.#now() - this.#begun > TIMES_S;
  }

  get first(): number {
    return this.#seconds[0];
  }

  get median(): number {
    return this.#seconds.toSorted((a, b) => a - b)[this.#seconds.length >> 1];
  }
}
