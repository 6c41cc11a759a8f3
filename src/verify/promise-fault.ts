/**
 * What is wrong with a call that returned a promise; null where it did not. Nobody waits for it: what it computes comes after it
 * was looked at, and what it throws must not end the program.
 */
export function promiseFault(returned: unknown): string | null {
  if (!(returned instanceof Promise)) return null;
  returned.catch(() => {});
  return "must have computed its output when it returns, got a promise";
}
