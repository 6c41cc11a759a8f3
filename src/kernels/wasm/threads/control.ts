import { MOST_WORKERS, SIGNAL_WORDS } from "../../threads/signals.ts";

/** The words that say what a job of WebAssembly is, after those of every team. */
export const CONTROL = {
  instance: SIGNAL_WORDS,
  runner: SIGNAL_WORDS + 1,
  call: SIGNAL_WORDS + 2,
  /** The next item to be taken, the end of the items, and the bytes of an item. */
  next: SIGNAL_WORDS + 3,
  end: SIGNAL_WORDS + 4,
  itemBytes: SIGNAL_WORDS + 5,
  /** The lane of each worker. */
  lanes: SIGNAL_WORDS + 6,
} as const;

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
  "runRecurrenceGradientItems",
  "runGroupItems",
  "runSelectionItems",
  "runLayerItems",
  "runGradientItems",
  "runListedGradientItems",
  "runFeatureGradientItems",
  "runHiddenItems",
  "runCellGradientItems",
  "runConvolutionGradientItems",
  "runAftGradientItems",
] as const;
export type Runner = (typeof RUNNERS)[number];

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
