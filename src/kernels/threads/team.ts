import { platform } from "../../platform/here.ts";
import type { RunningWorker } from "../../platform/platform.ts";
import { limitAdvice, refuseThreadsBeyond } from "../address-space.ts";
import { CLOSED, LAST_JOB, LOOKS, MOST_WORKERS, SIGNAL, type WorkerStart } from "./signals.ts";

/** Milliseconds of a wait for workers; then they are woken once more: threads have been seen to sleep through their job. */
const WAKE_MS = 50;
/** Seconds within which some item must be finished: the longest ones take seconds. */
const SILENCE_S = 120;
/** Waits in a row without any progress; time in which the whole process was stopped is one. */
const SILENT_WAITS = (SILENCE_S * 1000) / WAKE_MS;
/** Milliseconds that workers may take to start. */
const START_MS = 20_000;

/** Whose threads these are. */
export interface TeamPlan {
  /** Begins its errors. */
  readonly family: string;
  /** What a worker runs: it calls `takePart`. */
  readonly worker: URL;
  /** 32-bit words that are shared with the workers: `SIGNAL_WORDS`, and the family's own. */
  readonly words: number;
}

/** One job. */
export interface Job {
  /** Threads that may take part besides this one. One that wakes after `share` returned does not. */
  readonly workers: number;
  /** Writes into the family's own words what is to be done. */
  tell(control: Int32Array): void;
  /** This thread's share. It returns once no item is left that another thread has not taken. */
  share(control: Int32Array): void;
  /** A number that changes whenever something was done; omitted if nothing is seen but workers that finish. */
  progress?(control: Int32Array): number;
}

/**
 * Threads that divide items of work. They are told through shared memory and woken with Atomics: a message takes
 * longer than a short phase. Workers sleep between jobs, and end with the process. `Message` is what they must
 * know before jobs can refer to it.
 */
export class Team<Message> {
  readonly #plan: TeamPlan;
  /** Ended workers keep theirs, so that they cannot disturb later ones. */
  #control: Int32Array;
  readonly #workers: RunningWorker[] = [];
  /** What every worker must know, for those that start later. */
  readonly #sent = new Map<number, Message>();
  #nextId = 0;
  #jobs = 0;
  /** Why a worker ended unexpectedly; null if none did. */
  #lost: string | null = null;

  constructor(plan: TeamPlan) {
    this.#plan = plan;
    this.#control = newControl(plan);
  }

  /** Tells every worker something, also those that start later. `message` is given the number by which jobs refer to it. */
  teach(message: (id: number) => Message): number {
    const id = this.#nextId++;
    this.#sent.set(id, message(id));
    this.#tell(message(id));
    return id;
  }

  /** Lets workers forget it; `message` tells those that run. */
  unteach(id: number, message: Message): void {
    if (this.#sent.delete(id)) this.#tell(message);
  }

  /** Whether workers were told it. */
  knows(id: number): boolean {
    return this.#sent.has(id);
  }

  /** Ends the workers; those of a later job start anew. */
  end(): void {
    for (const worker of this.#workers.splice(0)) worker.end();
    this.#control = newControl(this.#plan);
    this.#lost = null;
  }

  /** Does a job, and returns when everyone who took part is done. Throws an Error if a thread failed or is gone. */
  run({ workers, tell, share, progress }: Job): void {
    const { family } = this.#plan;
    if (this.#lost !== null) throw new Error(`${family}: a thread ended, ${this.#lost}${limitAdvice()}`);
    const control = this.#control;
    // They were ended when one of them no longer answered: waiting for them again would take just as long.
    if (workers > this.#workers.length) throw new Error(`${family}: its threads have ended`);
    tell(control);
    this.#jobs = (this.#jobs + 1) & LAST_JOB;
    Atomics.store(control, SIGNAL.finished, 0);
    Atomics.store(control, SIGNAL.joined, this.#jobs << 8);
    Atomics.store(control, SIGNAL.job, (this.#jobs << 8) | workers);
    Atomics.notify(control, SIGNAL.job);
    try {
      share(control);
    } finally {
      this.#waitFor(Atomics.exchange(control, SIGNAL.joined, CLOSED) & 0xff, progress);
    }
    if (Atomics.exchange(control, SIGNAL.failed, 0) > 0) throw new Error(`${family}: a thread failed`);
  }

  #waitFor(workers: number, progress: Job["progress"]): void {
    const control = this.#control;
    for (let look = 0; look < LOOKS; look++) {
      if (Atomics.load(control, SIGNAL.finished) === workers) return;
    }
    let seen = -1;
    for (let silent = 0; ; ) {
      const finished = Atomics.load(control, SIGNAL.finished);
      if (finished === workers) return;
      const answer = Atomics.wait(control, SIGNAL.finished, finished, WAKE_MS);
      const done = finished + (progress?.(control) ?? 0);
      silent = done === seen && answer === "timed-out" ? silent + 1 : 0;
      if (silent > SILENT_WAITS) {
        this.end();
        throw new Error(`${this.#plan.family}: a thread has finished no item in ${SILENCE_S} s`);
      }
      seen = done;
    }
  }

  /** Makes sure that so many workers run. Throws if they cannot, or do not start. */
  start(count: number): void {
    const { family, worker: file } = this.#plan;
    if (!(count <= MOST_WORKERS)) {
      throw new RangeError(`${family}: threads must be at most ${MOST_WORKERS + 1}, got ${count + 1}`);
    }
    const before = this.#workers.length;
    const missing = Math.max(0, count - before);
    refuseThreadsBeyond(family, missing);
    const missed = Atomics.load(this.#control, SIGNAL.posted) - this.#sent.size;
    const started = Array.from({ length: missing }, (_, at) => {
      const start: WorkerStart = { control: this.#control, index: before + at, missed };
      const worker = platform.startWorker(file, start);
      worker.onLost((why) => this.#lose(worker, why));
      return worker;
    });
    if (missing === 0) return;
    this.#workers.push(...started);
    for (const message of this.#sent.values()) for (const worker of started) worker.post(message);
    const deadline = performance.now() + START_MS;
    for (;;) {
      const ready = Atomics.load(this.#control, SIGNAL.ready);
      if (ready === this.#workers.length) return;
      const left = deadline - performance.now();
      if (!(left > 0)) {
        const wanted = this.#workers.length;
        this.end();
        throw new Error(
          `${family}: of ${wanted} threads besides the first ${ready} started in ${START_MS / 1000} s; ask for fewer --threads${limitAdvice()}`,
        );
      }
      Atomics.wait(this.#control, SIGNAL.ready, ready, left);
    }
  }

  #lose(worker: RunningWorker, why: string): void {
    if (this.#workers.includes(worker)) this.#lost ??= why;
  }

  /** Posts it to every worker that runs. */
  #tell(message: Message): void {
    for (const worker of this.#workers) worker.post(message);
    Atomics.add(this.#control, SIGNAL.posted, 1);
  }
}

function newControl({ words }: TeamPlan): Int32Array {
  return new Int32Array(new SharedArrayBuffer(words * Int32Array.BYTES_PER_ELEMENT));
}
