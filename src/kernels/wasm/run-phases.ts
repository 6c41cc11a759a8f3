import type { Build } from "./build.ts";
import type { Call, Phase } from "./call.ts";
import { ITEM_WORDS } from "./layout.ts";
import type { Runner } from "./threads/control.ts";
import type { ThreadPool } from "./threads/pool.ts";

/** What runs the items of a prepared call. */
export interface PhaseRunner {
  run(phases: readonly Phase[]): void;
  dispose(): void;
}

/** One thread walks a phase's items in a row; several divide them through the pool. */
export function phaseRunner(call: Call, build: Build, runner: Runner, pool: ThreadPool | null): PhaseRunner {
  const { arena, at, lanes } = call;
  if (pool === null || lanes.length === 1) {
    const run = arena.instance(build)[runner];
    return {
      run(phases) {
        for (const { from, to } of phases) run(at, lanes[0], from, to);
      },
      dispose: () => call.dispose(),
    };
  }
  const crew = pool.open(arena, build, lanes.length);
  return {
    run(phases) {
      for (const phase of phases) crew.run({ runner, call: at, lanes, itemBytes: ITEM_WORDS * 4, ...phase });
    },
    dispose() {
      crew.close();
      call.dispose();
    },
  };
}
