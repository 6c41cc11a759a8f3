/**
 * Exit codes of `attnbench sweep work`, for scripts of engines. `again` is that of sysexits.h for a failure that may pass:
 * what was measured is kept, and the same words go on with it.
 */
export const WORK_EXIT = { done: 0, failed: 1, usage: 2, again: 75 } as const;
