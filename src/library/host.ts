/** Where something long stands. */
export interface Progress {
  /** Such as `check` or `measure`. */
  readonly phase: string;
  readonly case: string;
  readonly done: number;
  readonly total: number;
  /** Null where nobody knows. */
  readonly secondsLeft: number | null;
}

/** What a caller hears of work that takes a while, and how it is ended. */
export interface Hearing {
  /** Ends the work between two calls of a kernel, without an error: what was found so far stays. */
  readonly signal?: AbortSignal | undefined;
  /** Told what should be known before the results are believed, such as that a kernel cannot run here. */
  readonly onWarning?: ((text: string) => void) | undefined;
}

/** The same of work that tells how far it is. */
export interface ProgressHearing extends Hearing {
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** What the library touches of the process that it runs in. */
export interface Host {
  readonly signal: AbortSignal;
  /** Told what should be known before the results are believed. */
  warn(text: string): void;
  /** Told what else is worth a line. */
  remark(text: string): void;
  observe(progress: Progress): void;
  /** Seconds from any fixed point. */
  now(): number;
  /** The wall clock. */
  today(): Date;
}

/** This process, for whoever wants to hear of it. */
export function hostFor({ signal, onWarning, onProgress }: ProgressHearing): Host {
  return {
    signal: signal ?? new AbortController().signal,
    warn: (text) => onWarning?.(text),
    remark: (text) => onWarning?.(text),
    observe: (progress) => onProgress?.(progress),
    now: () => performance.now() / 1000,
    today: () => new Date(),
  };
}
