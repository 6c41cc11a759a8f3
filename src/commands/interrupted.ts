import { existsSync, writeSync } from "node:fs";
import { constants } from "node:os";
import process from "node:process";
import { type Io, note } from "./io.ts";

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

/** What an interrupt says of commands that start programs and load code, before they watch for it. */
const BEFORE_WATCHING: Readonly<Record<string, string>> = {
  run: "before anything was measured; no file was written",
  train: "before anything was trained; no file was written",
  gate: "before anything was measured; no file was written",
  calibrate: "before anything was measured; no file was written",
  check: "before anything was checked",
  peers: "before all of them had answered",
};

/**
 * Has an interrupt end such a command in a line, with whatever it has started; other commands end as the system has it.
 * The function returned takes that back.
 */
export function endAtInterrupt(command: string | undefined): () => void {
  const before = BEFORE_WATCHING[command ?? ""];
  if (before === undefined) return () => {};
  const end = (signal: NodeJS.Signals): void => {
    writeSync(2, `attnbench: interrupted ${before}\n`);
    process.exit(128 + constants.signals[signal]);
  };
  for (const one of SIGNALS) process.on(one, end);
  return () => {
    for (const one of SIGNALS) process.off(one, end);
  };
}

/** Says how an interrupted command goes on from the file that it writes, or that there is none. */
export function noteInterrupted(path: string, resume: string, io: Io): void {
  const isThere = existsSync(path);
  note(io, `interrupted${isThere ? `; resume with: ${resume}` : ` ${BEFORE_WATCHING.gate}`}`);
}
