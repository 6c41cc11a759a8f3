/**
 * What is wrong with a call that returned a promise; null if it did not. Nobody awaits it: what it computes
 * arrives after the output was read, and what it throws must not end the program.
 */
export function promiseFault(returned: unknown): string | null {
  if (!(returned instanceof Promise)) return null;
  returned.catch(() => {});
  return "must have computed its output when it returns, got a promise";
}
