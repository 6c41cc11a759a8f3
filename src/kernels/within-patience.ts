import { FailureError } from "../core/errors.ts";
import { formatSeconds } from "../text/format.ts";

/** Seconds that a device or another process may take to answer; drivers that compile take up to a minute. */
export const PATIENCE_S = 120;

/**
 * The result of `act`. Throws a FailureError that names `what` if it has not settled within `patience_s`: a
 * lost device need not say so, and everything else would wait for it. The limit is set before `act` is
 * called, and is not part of what that times.
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
      reject(new FailureError(`${what} has not answered within ${waited}; its device or process is lost`));
    }, 1000 * patience_s);
  });
  try {
    return await Promise.race([act(), late]);
  } finally {
    clearTimeout(timer);
  }
}
