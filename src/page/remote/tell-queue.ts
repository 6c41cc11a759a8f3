/** What was told and not yet heard, in order; waiting for it can be given up. */
export interface TellQueue<Told> {
  tell(told: Told): void;
  /** Whatever waits, and waits later, ends with this error, once what was told before is heard. */
  fail(error: Error): void;
  next(): Promise<Told>;
}

export function tellQueue<Told>(): TellQueue<Told> {
  const told: Told[] = [];
  let failure: Error | null = null;
  let waiting: PromiseWithResolvers<Told> | null = null;
  return {
    tell(one) {
      if (waiting === null) told.push(one);
      else waiting.resolve(one);
      waiting = null;
    },
    fail(error) {
      failure ??= error;
      waiting?.reject(failure);
      waiting = null;
    },
    next() {
      const [first] = told.splice(0, 1);
      if (first !== undefined) return Promise.resolve(first);
      if (failure !== null) return Promise.reject(failure);
      waiting ??= Promise.withResolvers<Told>();
      return waiting.promise;
    },
  };
}
