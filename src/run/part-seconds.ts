import { FailureError, textOf } from "../core/errors.ts";
import type { Runnable } from "../kernels/kernel.ts";

/** What parts of its calls a kernel may time by its own clock. */
const PARTS = { select_s: "selectSeconds", project_s: "projectSeconds" } as const satisfies Readonly<
  Record<string, keyof Runnable>
>;

type PartSeconds = Readonly<Partial<Record<keyof typeof PARTS, number>>>;

/**
 * Watches how long a kernel says that it does parts of its calls: the function returned says for how many seconds since,
 * of those that it counts. None may be longer than the `wall` seconds in which its calls were made.
 */
export function watchParts(runnable: Runnable): (wall: number) => PartSeconds {
  const read = (name: keyof typeof PARTS): unknown => runnable[PARTS[name]]?.() ?? null;
  const names = Object.keys(PARTS) as (keyof typeof PARTS)[];
  const befores = names.map((name) => ({ name, before: read(name) })).filter(({ before }) => before !== null);
  return (wall) =>
    Object.fromEntries(
      befores.map(({ name, before }) => {
        const now = read(name);
        const seconds = typeof now === "number" && typeof before === "number" ? now - before : Number.NaN;
        if (seconds >= 0 && seconds <= wall + CLOCK_S) return [name, seconds];
        throw new FailureError(
          `verification: ${PARTS[name]}() must grow by at most the ${wall.toPrecision(3)} s that its calls took, got ${textOf(before)} and then ${textOf(now)}`,
        );
      }),
    );
}

/** Two clocks may differ by so much. */
const CLOCK_S = 1e-4;
