/**
 * The words through which threads are told what to do: shared, and read and written with Atomics. `job` is
 * the number of the job times 256 plus the workers that take part in it, so that a worker learns both in one
 * read.
 */
export const CONTROL = {
  /** Workers that are ready. */
  ready: 0,
  job: 1,
  instance: 2,
  runner: 3,
  call: 4,
  /** The next item to be taken, the end of the items, and the bytes of an item. */
  next: 5,
  end: 6,
  itemBytes: 7,
  /** Workers that have finished the job. */
  finished: 8,
  /** Workers that threw. */
  failed: 9,
  /** The lane of each worker. */
  lanes: 10,
} as const;

export const MOST_WORKERS = 255;
export const CONTROL_WORDS = CONTROL.lanes + MOST_WORKERS;

/** What a thread can be told to run. */
export const RUNNERS = [
  "runSoftmaxItems",
  "runFeatureItems",
  "runGatherItems",
  "runCellItems",
  "runAftItems",
  "runBurst",
  "runMatrixItems",
  "runConvolutionItems",
  "runFourierItems",
  "runRecurrenceItems",
  "runGroupItems",
  "runSelectionItems",
  "runLayerItems",
] as const;
export type Runner = (typeof RUNNERS)[number];

/** What a worker is given when it starts. */
export interface WorkerStart {
  readonly control: Int32Array;
  readonly index: number;
}

/** What a worker is sent before a job that needs it, or when it is no longer needed. */
export type InstanceMessage =
  | { readonly id: number; readonly module: WebAssembly.Module; readonly memory: WebAssembly.Memory }
  | { readonly id: number; readonly module: null };

/**
 * Takes items of the job under way until there are none left. Items differ in length, so that each thread
 * takes one at a time.
 */
export function takeItems(control: Int32Array, run: (from: number, to: number) => void): void {
  const itemBytes = control[CONTROL.itemBytes];
  const end = control[CONTROL.end] >>> 0;
  for (;;) {
    const from = Atomics.add(control, CONTROL.next, itemBytes) >>> 0;
    if (from >= end) return;
    run(from, from + itemBytes);
  }
}
