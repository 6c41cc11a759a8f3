import { platform } from "../../../platform/here.ts";
import type { TeamPlan } from "../../threads/team.ts";
import { Team } from "../../threads/team.ts";
import type { Arena } from "../arena.ts";
import type { Build } from "../build.ts";
import { CONTROL, CONTROL_WORDS, type InstanceMessage, RUNNERS, type Runner, takeItems } from "./control.ts";

/** The items of one phase, which may run in any order. */
export interface Job {
  readonly runner: Runner;
  readonly call: number;
  /** The scratch of each thread, this one first. This many threads take part. */
  readonly lanes: readonly number[];
  readonly from: number;
  readonly to: number;
  readonly itemBytes: number;
}

/** Threads that share one memory. */
export interface Crew {
  /** Runs every item of a job, on this thread and others, and returns when all are done. */
  run(job: Job): void;
  close(): void;
}

const PLAN: TeamPlan = {
  family: "wasm",
  worker: platform.wasmWorker,
  words: CONTROL_WORDS,
};

/** Threads that divide items of work; this thread takes its share as well. */
export class ThreadPool {
  readonly #team = new Team<InstanceMessage>(PLAN);

  /** `threads` threads, including this one, on an arena. Throws if they do not start. */
  open(arena: Arena, build: Build, threads: number): Crew {
    const team = this.#team;
    const id = team.teach((number) => ({ id: number, module: build.module, memory: arena.memory }));
    team.start(threads - 1);
    const exports = arena.instance(build);
    return {
      run({ runner, call, lanes, from, to, itemBytes }) {
        if (!team.knows(id)) throw new TypeError("a job must be given to a crew that is open");
        const run = exports[runner];
        team.run({
          workers: lanes.length - 1,
          tell(control) {
            control[CONTROL.instance] = id;
            control[CONTROL.runner] = RUNNERS.indexOf(runner);
            control[CONTROL.call] = call;
            control[CONTROL.end] = to;
            control[CONTROL.itemBytes] = itemBytes;
            control.set(lanes.slice(1), CONTROL.lanes);
            Atomics.store(control, CONTROL.next, from);
          },
          share: (control) => takeItems(control, (first, last) => run(call, lanes[0], first, last)),
          progress: (control) => Atomics.load(control, CONTROL.next),
        });
      },
      close: () => team.unteach(id, { id, module: null }),
    };
  }

  /** Ends the workers; those of a later crew start anew. */
  end(): void {
    this.#team.end();
  }
}
