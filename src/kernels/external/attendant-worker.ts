/**
 * The thread that attends to one program: it starts it, hands it lines, reads its answers and ends it, whatever the main
 * thread is doing. One answer at a time is awaited, and nothing else may come.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { readlinkSync } from "node:fs";
import { basename } from "node:path";
import process from "node:process";
import { workerData } from "node:worker_threads";
import { messageOf, printable } from "../../core/errors.ts";
import { formatSeconds } from "../../text/format.ts";
import type { Answer, Asked, AttendantStart, FromAttendant, ToAttendant } from "./attendant-words.ts";
import { endProcesses } from "./end-processes.ts";
import { LineReader } from "./line-reader.ts";
import { MOST_LINE_BYTES } from "./protocol.ts";
import { readAnswer } from "./read-answer.ts";

const { command, mark, port, posted } = workerData as AttendantStart;

/** Bytes of the log that are kept: its end. */
const LOG_BYTES = 8192;
/** Milliseconds in which the log, and what was answered, arrive after a program has ended. */
const LAST_WORDS_MS = 200;
/** Milliseconds after which a program that was asked to end is ended. */
const LEAVE_MS = 300;

/** What was asked last, for messages: what is given in between has no name. */
let request = "";
let pending: (Asked & { readonly timer: NodeJS.Timeout }) | null = null;
let lost: string | null = null;
let log = Buffer.alloc(0);
let leaving = false;

function post(message: FromAttendant): void {
  port.postMessage(message);
  Atomics.add(posted, 0, 1);
  Atomics.notify(posted, 0);
}

function answer(one: Answer): void {
  if (pending === null) return;
  clearTimeout(pending.timer);
  const { id } = pending;
  pending = null;
  post({ id, answer: one });
}

/** From here on the program answers nothing; `why` is the reason, in words that follow its name. */
function lose(why: string): void {
  if (lost !== null) return;
  lost = why + logEnd();
  end(child);
  answer({ lost });
}

/** The last line of the log that speaks of an error, or else the last that says something, for messages. */
function logEnd(): string {
  const lines = new TextDecoder().decode(log).split(/\r?\n/);
  const last =
    lines.findLast((line) => /error|exception/i.test(line)) ?? lines.findLast((line) => line.trim() !== "");
  return last === undefined ? "" : `; its log ends in: ${printable(last.trim(), 300)}`;
}

/** Ends the program with all that it started. */
function end({ pid }: ChildProcess): void {
  if (pid !== undefined) endProcesses(pid, mark);
}

/** A line of the program's standard output. */
function take(bytes: Uint8Array): void {
  const told = readAnswer(bytes, pending);
  if ("lost" in told) lose(told.lost);
  else answer(told);
}

/** Linux: the last part of `<process>/task/<thread>`. */
function ownThread(): number | null {
  try {
    const thread = Number(basename(readlinkSync("/proc/thread-self")));
    return Number.isInteger(thread) ? thread : null;
  } catch {
    return null;
  }
}

function ask(asked: Asked): void {
  if (lost !== null) {
    post({ id: asked.id, answer: { lost } });
    return;
  }
  const late = () => {
    lose(`has not answered ${request} within ${formatSeconds(asked.patience_s)}`);
  };
  if (typeof asked.body.request === "string") request = asked.body.request;
  pending = { ...asked, timer: setTimeout(late, 1000 * asked.patience_s) };
  child.stdin?.write(`${JSON.stringify({ id: asked.id, ...asked.body })}\n`);
}

function leave(): void {
  leaving = true;
  lost ??= "was ended";
  child.stdin?.end();
  const timer = setTimeout(() => end(child), LEAVE_MS);
  const done = () => {
    clearTimeout(timer);
    // What it started may still run.
    end(child);
    port.close();
    process.exit();
  };
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) done();
  else child.once("exit", done);
}

const child = spawn(command.words[0], command.words.slice(1), {
  ...(command.cwd !== undefined && { cwd: command.cwd }),
  env: { ...process.env, ...command.env },
  stdio: ["pipe", "pipe", "pipe"],
  // A group of its own: ended with all that it started, and an interrupt of the terminal is for attnbench to hear.
  detached: process.platform !== "win32",
  windowsHide: true,
});
child.on("error", (thrown: NodeJS.ErrnoException) => {
  const why =
    thrown.code === "ENOENT"
      ? "there is no such program, nor one of that name on the path"
      : messageOf(thrown);
  lose(`cannot be started by ${printable(command.words[0], 80)}: ${why}`);
});
child.on("exit", (code, signal) => {
  // Answers and the log may still be on their way.
  setTimeout(() => {
    if (!leaving) lose(signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`);
  }, LAST_WORDS_MS);
});
// One that has ended reads nothing: its exit says so.
child.stdin?.on("error", () => {});
const reader = new LineReader(MOST_LINE_BYTES);
child.stdout?.on("data", (bytes: Buffer) => {
  if (lost !== null) return;
  for (const line of reader.take(bytes)) {
    if (lost === null) take(line);
  }
  if (reader.isTooLong)
    lose("wrote a line of more than 1 MiB to standard output, which is for answers alone");
});
child.stdout?.on("end", () => {
  setTimeout(() => {
    const runs = child.exitCode === null && child.signalCode === null;
    if (!leaving && runs) lose("closed its standard output");
  }, LAST_WORDS_MS);
});
child.stderr?.on("data", (bytes: Buffer) => {
  log = Buffer.concat([log, bytes.subarray(-LOG_BYTES)]).subarray(-LOG_BYTES);
});
if (child.pid !== undefined) post({ started: child.pid, thread: ownThread() });
port.on("message", (message: ToAttendant) => (message === null ? leave() : ask(message)));
