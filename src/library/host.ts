/** How far a long task has got. */
export interface Progress {
  /** Such as `check` or `measure`. */
  readonly phase: string;
  readonly case: string;
  readonly done: number;
  readonly total: number;
  /** Null if unknown. */
  readonly secondsLeft: number | null;
  /** What that is an estimate by: the pace of this work so far, or, before any is seen, that of another machine. Omitted if it is a bound. */
  readonly estimate?: "pace" | "elsewhere";
}

/** What a caller is told about long work, and how to end it. */
export interface Hearing {
  /** Ends the work between two calls of a kernel, without an error: what was found so far stays. */
  readonly signal?: AbortSignal | undefined;
  /** Told what to know before believing the results, such as that a kernel cannot run here. */
  readonly onWarning?: ((text: string) => void) | undefined;
}

/** The same for work that reports its progress. */
export interface ProgressHearing extends Hearing {
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** What the library touches of the process that it runs in. */
export interface Host {
  readonly signal: AbortSignal;
  /** Told what to know before believing the results. */
  warn(text: string): void;
  /** Told what else is worth a line. */
  remark(text: string): void;
  observe(progress: Progress): void;
  /** Seconds from any fixed point. */
  now(): number;
  /** The wall clock. */
  today(): Date;
}

/** This process, with whatever the caller wants to be told. */
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
