import { Worker } from "node:worker_threads";
import { messageOf } from "../../../core/errors.ts";
import { limitAdvice, refuseThreadsBeyond } from "../address-space.ts";
import type { Arena } from "../arena.ts";
import type { Build, Exports } from "../build.ts";
import {
  CONTROL,
  CONTROL_WORDS,
  type InstanceMessage,
  MOST_WORKERS,
  RUNNERS,
  type Runner,
  takeItems,
} from "./control.ts";

/** Milliseconds within which some item must be finished: the longest ones take seconds. */
const SILENCE_MS = 120_000;
/**
 * Milliseconds after which workers are woken once more: threads have been seen to sleep through their job.
 */
const WAKE_MS = 50;
/** Milliseconds that workers may take to start. */
const START_MS = 20_000;
/** Checks of the number of finished workers before this thread goes to sleep. */
const LOOKS = 4000;

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

/**
 * Threads that divide items of work. They are told through shared memory and woken with Atomics: a message
 * takes longer than a short phase. This thread takes its share as well. Workers sleep between jobs, and end
 * with the process.
 */
export class ThreadPool {
  /** Ended workers keep theirs, so that they cannot disturb later ones. */
  #control = newControl();
  readonly #workers: Worker[] = [];
  /** What every worker must know, for those that start later. */
  readonly #sent = new Map<number, InstanceMessage>();
  #nextId = 0;
  #jobs = 0;
  /** Why a worker ended unexpectedly; null if none did. */
  #lost: string | null = null;

  /** `threads` threads, including this one, on an arena. Throws if they do not start. */
  open(arena: Arena, build: Build, threads: number): Crew {
    const id = this.#nextId++;
    const message = { id, module: build.module, memory: arena.memory };
    this.#sent.set(id, message);
    this.#send(this.#workers, message);
    this.#start(threads - 1);
    const exports = arena.instance(build);
    return {
      run: (job) => {
        if (!this.#sent.has(id)) throw new TypeError("a job must be given to a crew that is open");
        this.#run(id, exports, job);
      },
      close: () => {
        if (this.#sent.delete(id)) this.#send(this.#workers, { id, module: null });
      },
    };
  }

  /** Ends the workers; those of a later crew start anew. */
  end(): void {
    for (const worker of this.#workers.splice(0)) void worker.terminate();
    this.#control = newControl();
    this.#lost = null;
  }

  #run(id: number, exports: Exports, { runner, call, lanes, from, to, itemBytes }: Job): void {
    if (this.#lost !== null) throw new Error(`wasm: a thread ended, ${this.#lost}${limitAdvice()}`);
    const control = this.#control;
    const workers = lanes.length - 1;
    // They were ended when one of them no longer answered: waiting for them again would take just as long.
    if (workers > this.#workers.length) throw new Error("wasm: its threads have ended");
    control[CONTROL.instance] = id;
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
    const run = exports[runner];
    try {
      takeItems(control, (first, last) => run(call, lanes[0], first, last));
    } finally {
      this.#waitFor(workers);
    }
    if (Atomics.exchange(control, CONTROL.failed, 0) > 0) throw new Error("wasm: a thread failed");
  }

  #waitFor(workers: number): void {
    const control = this.#control;
    for (let look = 0; look < LOOKS; look++) {
      if (Atomics.load(control, CONTROL.finished) === workers) return;
    }
    let seen = -1;
    let silentSince = performance.now();
    for (;;) {
      const finished = Atomics.load(control, CONTROL.finished);
      if (finished === workers) return;
      const answer = Atomics.wait(control, CONTROL.finished, finished, WAKE_MS);
      if (answer === "timed-out") Atomics.notify(control, CONTROL.job);
      const progress = finished + Atomics.load(control, CONTROL.next);
      if (progress !== seen) silentSince = performance.now();
      else if (performance.now() - silentSince > SILENCE_MS) {
        this.end();
        throw new Error(`wasm: a thread has finished no item in ${SILENCE_MS / 1000} s`);
      }
      seen = progress;
    }
  }

  #start(count: number): void {
    if (!(count <= MOST_WORKERS)) {
      throw new RangeError(`wasm: threads must be at most ${MOST_WORKERS + 1}, got ${count + 1}`);
    }
    refuseThreadsBeyond(Math.max(0, count - this.#workers.length));
    const missing = Array.from({ length: Math.max(0, count - this.#workers.length) }, (_, index) => {
      const workerData = { control: this.#control, index: this.#workers.length + index };
      // Compiled, this file and the worker end in .js.
      const worker = new Worker(new URL(`./worker${import.meta.url.slice(-3)}`, import.meta.url), {
        workerData,
      });
      worker.unref();
      worker.once("error", (thrown) => {
        if (this.#workers.includes(worker)) this.#lost ??= messageOf(thrown);
      });
      return worker;
    });
    if (missing.length === 0) return;
    this.#workers.push(...missing);
    for (const message of this.#sent.values()) this.#send(missing, message);
    const deadline = performance.now() + START_MS;
    for (;;) {
      const ready = Atomics.load(this.#control, CONTROL.ready);
      if (ready === this.#workers.length) return;
      const left = deadline - performance.now();
      if (!(left > 0)) {
        const wanted = this.#workers.length;
        this.end();
        throw new Error(
          `wasm: of ${wanted} threads besides the first ${ready} started in ${START_MS / 1000} s; ask for fewer --threads${limitAdvice()}`,
        );
      }
      Atomics.wait(this.#control, CONTROL.ready, ready, left);
    }
  }

  #send(workers: readonly Worker[], message: InstanceMessage): void {
    for (const worker of workers) worker.postMessage(message);
  }
}

function newControl(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(CONTROL_WORDS * 4));
}
