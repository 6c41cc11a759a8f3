import { spawn } from "node:child_process";
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { FailureError, messageOf, printable } from "../../../core/errors.ts";
import { whyNotWritten } from "../../../files/replace-file.ts";
import { placesIn, workWords } from "../../folder.ts";
import { WORK_EXIT } from "../../work-exit.ts";
import { failureIn } from "../../work-failure.ts";
import type { LocalSettings } from "./settings.ts";

/** How the process of a shard ended; `again` if it is to be gone on with. */
export type Ended = { readonly end: "done" | "again" } | { readonly end: "failed"; readonly reason: string };

/** What is asked of a process. */
interface Asked {
  readonly folder: string;
  readonly shard: string;
  readonly settings: LocalSettings;
  /** The words that start attnbench. */
  readonly program: readonly string[];
  readonly signal: AbortSignal;
  /** Told the last line of what it said, now and then. */
  hear(line: string): void;
}

/** Seconds from one look at what it said to the next. */
const LOOK_S = 2;
/** Bytes from the end of what it said among which its last line is. */
const TAIL_BYTES = 2000;

/**
 * Measures a shard in a process of its own, whose words go to the shard's log: nothing that this process does, or that is
 * done to it, ends the other, but for an interrupt, after which both end.
 */
export async function measureShard({
  folder,
  shard,
  settings,
  program,
  signal,
  hear,
}: Asked): Promise<Ended> {
  const path = placesIn(folder).log(shard);
  const log = openLog(path);
  try {
    const words = [...restricted(settings), ...program, ...workWords(folder, shard)];
    const child = spawn(words[0], words.slice(1), { stdio: ["ignore", log, log, "ipc"] });
    const before = fstatSync(log).size;
    // A disk that is full has no room for that in the log, nor in the folder.
    let told: string | null = null;
    child.on("message", (message) => {
      told = failureIn(message);
    });
    const ended = new Promise<Ended>((resolve) => {
      child.on("error", (error) => resolve({ end: "failed", reason: notStarted(words[0], error) }));
      child.on("close", (code, killedBy) => resolve(endOf(code, killedBy, told ?? lastLine(log, before))));
    });
    // A terminal interrupts both; what interrupts this one alone is passed on.
    const interrupt = (): void => void child.kill("SIGTERM");
    if (signal.aborted) interrupt();
    else signal.addEventListener("abort", interrupt, { once: true });
    const over = new AbortController();
    const heard = listen(log, before, hear, over.signal);
    const how = await ended;
    over.abort();
    await heard;
    signal.removeEventListener("abort", interrupt);
    return how;
  } finally {
    closeSync(log);
  }
}

/** What comes before a program that may run on some processors alone. */
function restricted({ processors }: LocalSettings): readonly string[] {
  return processors === undefined ? [] : ["taskset", "-c", processors];
}

function openLog(path: string): number {
  try {
    // Nothing outside of the folder is written, whatever a link there says.
    const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;
    return openSync(path, flags, 0o644);
  } catch (thrown) {
    const why =
      (thrown as NodeJS.ErrnoException).code === "ELOOP" ? "it is a link" : whyNotWritten(thrown, path);
    throw new FailureError(`sweep: cannot write ${printable(path)}, ${why}`);
  }
}

async function listen(log: number, before: number, hear: Asked["hear"], over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    await pause(LOOK_S * 1000, undefined, { signal: over }).catch(() => {});
    const line = lastLine(log, before);
    if (line !== "") hear(line);
  }
}

/** The last line of what was said since the log had `before` bytes. */
function lastLine(log: number, before: number): string {
  const bytes = Buffer.alloc(TAIL_BYTES);
  const { size } = fstatSync(log);
  const got = readSync(log, bytes, 0, TAIL_BYTES, Math.max(before, size - TAIL_BYTES));
  return printable(bytes.toString("utf8", 0, got).trimEnd().split("\n").at(-1) ?? "", 500);
}

function endOf(code: number | null, killedBy: NodeJS.Signals | null, said: string): Ended {
  if (code === WORK_EXIT.done) return { end: "done" };
  if (code === WORK_EXIT.again) return { end: "again" };
  const how = killedBy === null ? `it ended with code ${code}` : `it was killed by ${killedBy}`;
  return { end: "failed", reason: said === "" || killedBy !== null ? how : said.replace(/^attnbench: /, "") };
}

function notStarted(program: string, error: Error): string {
  if (program !== "taskset" || !("code" in error) || error.code !== "ENOENT") return messageOf(error);
  return "taskset: not found, and processors are set; install util-linux, or leave them out";
}
