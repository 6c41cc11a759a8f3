import { Worker } from "node:worker_threads";
import type { Arena } from "../arena.ts";
import type { Build } from "../build.ts";
import {
  CONTROL,
  CONTROL_WORDS,
  type InstanceMessage,
  MOST_WORKERS,
  RUNNERS,
  type Runner,
  takeItems,
} from "./control.ts";

/** Milliseconds that workers may take to start. */
const START_MS = 20_000;
/** Looks at the number of finished workers before this thread goes to sleep. */
const LOOKS = 4000;

/** The items of one phase, which may run in any order, and who runs them. */
export interface Job {
  readonly arena: Arena;
  readonly runner: Runner;
  readonly call: number;
  /** The scratch of each thread, this one first. As many threads take part. */
  readonly lanes: readonly number[];
  readonly from: number;
  readonly to: number;
  readonly itemBytes: number;
}

/**
 * Threads that share out items of work. They are told through shared memory and woken with Atomics: a message takes longer
 * than a short phase. This thread takes its share, too. Workers sleep between jobs, and end with the process.
 */
export class ThreadPool {
  readonly #build: Build;
  readonly #control = new Int32Array(new SharedArrayBuffer(CONTROL_WORDS * 4));
  readonly #workers: Worker[] = [];
  readonly #instances = new Map<Arena, { id: number; uses: number }>();
  #nextId = 0;
  #jobs = 0;

  constructor(build: Build) {
    this.#build = build;
  }

  /** Makes sure that `threads` threads, this one among them, know an arena. Throws where they do not start. */
  open(arena: Arena, threads: number): void {
    const known = this.#instances.get(arena);
    if (known !== undefined) known.uses++;
    else {
      const id = this.#nextId++;
      this.#instances.set(arena, { id, uses: 1 });
      this.#send(this.#workers, { id, module: this.#build.module, memory: arena.memory });
    }
    this.#start(threads - 1);
  }

  /** Undoes one `open`. */
  close(arena: Arena): void {
    const known = this.#instances.get(arena);
    if (known === undefined || --known.uses > 0) return;
    this.#instances.delete(arena);
    this.#send(this.#workers, { id: known.id, module: null });
  }

  /** Ends the workers. */
  end(): void {
    for (const worker of this.#workers.splice(0)) void worker.terminate();
  }

  /** Runs every item of a job, on this thread and others, and returns when all are done. */
  run({ arena, runner, call, lanes, from, to, itemBytes }: Job): void {
    const known = this.#instances.get(arena);
    if (known === undefined) throw new TypeError("a job must be in an arena that was opened");
    const control = this.#control;
    const workers = lanes.length - 1;
    control[CONTROL.instance] = known.id;
    control[CONTROL.runner] = RUNNERS.indexOf(runner);
    control[CONTROL.call] = call;
    control[CONTROL.end] = to;
    control[CONTROL.itemBytes] = itemBytes;
    control.set(lanes.slice(1), CONTROL.lanes);
    Atomics.store(control, CONTROL.next, from);
    Atomics.store(control, CONTROL.finished, 0);
    this.#jobs = (this.#jobs + 1) & 0x3f_ffff;
    Atomics.store(control, CONTROL.job, (this.#jobs << 8) | workers);
    Atomics.notify(control, CONTROL.job);
    const run = arena.instance(this.#build)[runner];
    takeItems(control, (first, last) => run(call, lanes[0], first, last));
    this.#waitFor(workers);
    if (Atomics.exchange(control, CONTROL.failed, 0) > 0) throw new Error("wasm: a thread failed");
  }

  #waitFor(workers: number): void {
    for (let look = 0; look < LOOKS; look++) {
      if (Atomics.load(this.#control, CONTROL.finished) === workers) return;
    }
    for (;;) {
      const finished = Atomics.load(this.#control, CONTROL.finished);
      if (finished === workers) return;
      Atomics.wait(this.#control, CONTROL.finished, finished);
    }
  }

  #start(count: number): void {
    if (!(count <= MOST_WORKERS))
      throw new RangeError(`wasm: threads must be at most ${MOST_WORKERS + 1}, got ${count + 1}`);
    const missing = Array.from({ length: Math.max(0, count - this.#workers.length) }, (_, index) => {
      const workerData = { control: this.#control, index: this.#workers.length + index };
      // Compiled, this file and the worker end in .js.
      const worker = new Worker(new URL(`./worker${import.meta.url.slice(-3)}`, import.meta.url), {
        workerData,
      });
      worker.unref();
      return worker;
    });
    if (missing.length === 0) return;
    this.#workers.push(...missing);
    for (const [arena, { id }] of this.#instances) {
      this.#send(missing, { id, module: this.#build.module, memory: arena.memory });
    }
    const deadline = performance.now() + START_MS;
    for (;;) {
      const ready = Atomics.load(this.#control, CONTROL.ready);
      if (ready === this.#workers.length) return;
      const left = deadline - performance.now();
      if (!(left > 0))
        throw new Error(
          `wasm: ${this.#workers.length} threads must start, got ${ready} within ${START_MS / 1000} s`,
        );
      Atomics.wait(this.#control, CONTROL.ready, ready, left);
    }
  }

  #send(workers: readonly Worker[], message: InstanceMessage): void {
    for (const worker of workers) worker.postMessage(message);
  }
}
