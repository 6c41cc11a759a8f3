/**
 * Work that may have to wait, written once for both: it yields every promise that it waits for, and goes on when that has
 * settled. `await` would give others a turn even where there is nothing to wait for.
 */
export type Coroutine<T> = Generator<Promise<unknown>, T, void>;

/** Carries it out: its result, at once if it waited for nothing, otherwise a promise of it. */
export function carryOut<T>(work: Coroutine<T>): T | Promise<T> {
  const { done, value } = work.next();
  return done === true ? value : goOn(work, value);
}

async function goOn<T>(work: Coroutine<T>, waiting: Promise<unknown>): Promise<T> {
  for (let pending = waiting; ; ) {
    const { done, value } = await pending.then(
      () => work.next(),
      (why: unknown) => work.throw(why),
    );
    if (done === true) return value;
    pending = value;
  }
}

/** A value or, if it is a promise of one, what it resolves to. */
export function* awaited<T>(value: T | Promise<T>): Coroutine<T> {
  if (!(value instanceof Promise)) return value;
  const settled: T[] = [];
  yield value.then((one) => settled.push(one));
  return settled[0];
}
