import { FailureError } from "../core/errors.ts";
import { formatSeconds } from "../text/format.ts";

/** Seconds that a device or another process may take to answer; drivers compile for a minute where they do so at all. */
export const PATIENCE_S = 120;

/**
 * What `act` comes to. Refuses, with a FailureError that names `what`, where it has not settled within `patience_s`: a
 * device that is lost need not say so, and everything else would wait for it. The limit is set before `act` is called,
 * and is no part of what that times.
 */
export async function withinPatience<T>(
  what: string,
  patience_s: number,
  act: () => T | Promise<T>,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const waited = formatSeconds(patience_s);
      reject(new FailureError(`${what} has not answered within ${waited}; what it computes on is lost`));
    }, 1000 * patience_s);
  });
  try {
    return await Promise.race([act(), late]);
  } finally {
    clearTimeout(timer);
  }
}
