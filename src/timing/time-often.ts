/** What is timed is done at least this often where it is short, and as often as fits into some milliseconds: cold code is slow. */
const LEAST_TIMES = 3;
const MOST_TIMES = 25;
const TIMES_S = 0.02;
/** What takes longer is steady enough to be measured once. */
const LONG_S = 1;

/**
 * Times making something, such as a prepared call: the median, the first, and the last that was made. Those before are freed. The
 * first may have filled what later ones found, and is what one pays who prepares once.
 */
export function timeMaking<T extends { dispose(): void }>(
  make: () => T,
  now: () => number,
): { made: T; seconds: number; first: number } {
  const last: T[] = [];
  const { median, first } = timeOften(
    () => {
      last[0] = make();
    },
    now,
    () => last[0]?.dispose(),
  );
  return { made: last[0], seconds: median, first };
}

/** The median time of something that may be done again, and the first; `before` is called before each time, and is no part of it. */
export function timeOften(
  act: () => void,
  now: () => number,
  before: () => void,
): { median: number; first: number } {
  const seconds: number[] = [];
  const begun = now();
  for (let attempt = 0; attempt < MOST_TIMES; attempt++) {
    if (attempt >= LEAST_TIMES && now() - begun > TIMES_S) break;
    before();
    const start = now();
    act();
    seconds.push(now() - start);
    if (seconds[0] > LONG_S) break;
  }
  const [first] = seconds;
  return { median: seconds.sort((a, b) => a - b)[seconds.length >> 1], first };
}
