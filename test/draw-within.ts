import { type Plugin, PreconditionFailure } from "fast-check";

// Tests may put clocks of their own in the place of this one.
const now = performance.now.bind(performance);

/**
 * Draws no further examples when `seconds` are over, whatever is left of them. The first that holds is waited for, however long
 * it takes, and none is left while it runs: fast-check's own limit calls a property red of which no example ended in time,
 * and goes on to the next test while an example still works on what they share.
 */
export function drawWithin(seconds: number): Plugin<unknown> {
  return () => {
    const end = now() + 1000 * seconds;
    let ended = false;
    return {
      decorateRun: (run) => (example) => {
        if (ended && now() >= end) return new PreconditionFailure(true);
        const result = run(example);
        if (result instanceof Promise) {
          return result.then((outcome) => {
            ended ||= !PreconditionFailure.isFailure(outcome);
            return outcome;
          });
        }
        ended ||= !PreconditionFailure.isFailure(result);
        return result;
      },
    };
  };
}
