import type { ResultLine } from "../record/schema/result-lines.ts";
import type { PageChoices } from "./choices.ts";

/**
 * What the page and its engine say to each other. The engine runs in a worker of the page, so that measuring never waits
 * for drawing; messages are plain data. The page asks, the engine tells.
 */
export type PageAsks =
  /** What can be measured here; answered by `ready`. */
  | { readonly ask: "describe" }
  /** Begins a run; answered by `line` for each line of its results, then `ended`, or by `refused`. One at a time. */
  | { readonly ask: "run"; readonly choices: PageChoices }
  /** Ends the run between two calls of a kernel: `ended` follows. */
  | { readonly ask: "stop" };

export type EngineTells =
  | { readonly tell: "ready"; readonly offer: Offer }
  | { readonly tell: "line"; readonly line: ResultLine }
  | { readonly tell: "progress"; readonly progress: PageProgress }
  /** What to know before believing the results, or what else is worth a line. */
  | { readonly tell: "remark"; readonly text: string }
  | { readonly tell: "ended"; readonly stopped: boolean }
  /** A run that did not begin, because of what was asked for. */
  | { readonly tell: "refused"; readonly why: string }
  /** A fault of the engine's own: what was told so far stands. */
  | { readonly tell: "failed"; readonly why: string };

/** How far a run has got. */
export interface PageProgress {
  readonly phase: "check" | "measure";
  readonly case: string;
  readonly done: number;
  readonly total: number;
  readonly secondsLeft: number;
}

/** What can be measured in this browser. */
export interface Offer {
  readonly version: string;
  readonly variants: readonly OfferedVariant[];
  /** `why` it cannot run here; null if it can. */
  readonly kernels: readonly {
    readonly id: string;
    readonly title: string;
    readonly details: string | null;
    readonly why: string | null;
  }[];
  readonly clock: BrowserClock;
  /** What this page lacks because of where it was opened, a sentence each, such as threads without isolation. */
  readonly lacks: readonly string[];
}

export interface OfferedVariant {
  readonly id: string;
  readonly title: string;
  /** The id of its family. */
  readonly family: string;
  /** Whether it is measured if no variant is chosen, as in the command line. */
  readonly usual: boolean;
}

/** What a browser lets see of time. */
export interface BrowserClock {
  /** Seconds between two of its readings. */
  readonly step_s: number;
  /** Seconds of the shortest slot: a hundred steps. */
  readonly leastSlot_s: number;
  /** Whether the page is isolated from others (COOP and COEP), which gives finer steps and shared memory. */
  readonly isolated: boolean;
}
