/**
 * Calls `act`, then `undo`: when `act` has returned or thrown or, if it returned a promise, when that has
 * settled.
 */
export function thenUndo<T>(act: () => T, undo: () => void): T {
  let returned: T;
  try {
    returned = act();
  } catch (thrown) {
    undo();
    throw thrown;
  }
  if (returned instanceof Promise) return returned.finally(undo) as T;
  undo();
  return returned;
}
