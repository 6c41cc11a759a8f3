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

/** The js family on a fake clock, with a manner of its own. */
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
      const own = [problem.inputs.q, problem.inputs.k, problem.inputs.v].map((tensor) => tensor.slice());
      let calls = 0;
      return {
        ...runnable,
        run() {
          runnable.run();
          // Calls on other numbers, beyond the few that change before a timed call, are neither noted nor on the clock.
          if (changesOf(problem, own) > 3) return;
          note("run");
          clock.seconds += callSeconds(problem);
          afterCall?.(++calls, output, problem);
        },
        dispose: () => note("dispose"),
      };
    },
  };
}

function changesOf({ inputs: { q, k, v } }: Problem, own: readonly Float32Array[]): number {
  const changed = [q, k, v].map((now, at) => now.filter((x, index) => x !== own[at][index]).length);
  return changed.reduce((sum, count) => sum + count, 0);
}
