import process from "node:process";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Milliseconds in which a second signal is the same interrupt: npm, and a launcher, pass on what the terminal
 * has already sent.
 */
const ONE_INTERRUPT_MS = 500;

/**
 * Aborted by the first interrupt, so that what was measured is kept. It is heard between calls: one under way
 * is finished. A second interrupt ends the process at once.
 */
export function interrupted(now: () => number = performance.now.bind(performance)): AbortSignal {
  const controller = new AbortController();
  let first: number | undefined;
  const hear = (signal: NodeJS.Signals): void => {
    first ??= now();
    controller.abort();
    if (now() - first < ONE_INTERRUPT_MS) return;
    for (const one of SIGNALS) process.off(one, hear);
    process.kill(process.pid, signal);
  };
  for (const signal of SIGNALS) process.on(signal, hear);
  return controller.signal;
}
