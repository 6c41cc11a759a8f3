/**
 * The words through which a team is told what to do: shared, and read and written with Atomics. A family's own
 * words follow.
 */
export const SIGNAL = {
  /** Workers that are ready. */
  ready: 0,
  /** The number of the job times 256 plus the workers that may take part: a worker learns both in one read. */
  job: 1,
  /** The number of the job times 256 plus the workers that take part so far; `CLOSED` to those that come later. */
  joined: 2,
  /** Workers that have finished the job. */
  finished: 3,
  /** Workers that threw. */
  failed: 4,
  /** Messages that were posted to every worker there was. */
  posted: 5,
} as const;

/** Words before those of a family. */
export const SIGNAL_WORDS = 6;

export const MOST_WORKERS = 255;

/** The number of no job. */
export const CLOSED = -1;

/** Jobs are counted up to here, then anew. */
export const LAST_JOB = 0x3f_ffff;

/** Looks at a word before a thread goes to sleep: waking takes longer than a short phase. */
export const LOOKS = 4000;

/** What a worker is given when it starts. */
export interface WorkerStart {
  readonly control: Int32Array;
  readonly index: number;
  /** Of the messages counted in `SIGNAL.posted`, how many more than those the worker is posted itself came before it. */
  readonly missed: number;
}
