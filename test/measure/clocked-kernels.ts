import type { Problem } from "../../src/core/problem.ts";
import { js } from "../../src/kernels/js/index.ts";
import type { Kernel } from "../../src/kernels/kernel.ts";

/** A clock that only moves when it is read, by a nanosecond, or when a kernel says that it took time. */
export class FakeClock {
  seconds = 0;

  readonly now = (): number => {
    this.seconds += 1e-9;
    return this.seconds;
  };
}

/** What a kernel on such a clock takes, and what it does beside computing. */
export interface Manner {
  readonly prepareSeconds?: number;
  /** Seconds of a call. */
  readonly callSeconds?: (problem: Problem) => number;
  readonly supports?: Kernel["supports"];
  /** Called after every call, the first being 1. */
  readonly afterCall?: (call: number, output: Float32Array, problem: Problem) => void;
}

/** What kernels were asked to do, in order. */
export interface Event {
  readonly what: "prepare" | "run" | "dispose";
  readonly kernel: string;
  readonly length: number;
}

/** The js family on a fake clock, with a manner of its own. Its first output is kept, so that calls cost nothing real. */
export function clockedKernel(
  id: string,
  clock: FakeClock,
  events: Event[],
  { prepareSeconds = 0, callSeconds = () => 0.01, supports = () => true, afterCall }: Manner = {},
): Kernel {
  return {
    id,
    title: id,
    supports,
    prepare(problem, output) {
      const note = (what: Event["what"]) => events.push({ what, kernel: id, length: problem.shape.length });
      note("prepare");
      clock.seconds += prepareSeconds;
      const runnable = js.prepare(problem, output);
      const [own] = problem.inputs.v;
      let right: Float32Array | null = null;
      let calls = 0;
      return {
        ...runnable,
        run() {
          // The gate's call on changed numbers is computed in earnest, and neither noted nor on the clock.
          if (problem.inputs.v[0] !== own) {
            runnable.run();
            return;
          }
          note("run");
          clock.seconds += callSeconds(problem);
          if (right === null) {
            runnable.run();
            if (!Number.isNaN(output[0])) right = output.slice();
          } else output.set(right);
          afterCall?.(++calls, output, problem);
        },
        dispose: () => note("dispose"),
      };
    },
  };
}
