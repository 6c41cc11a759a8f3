import { writeSync } from "node:fs";
import process from "node:process";
import { exitCodeOf, failureMessage, outputError } from "./commands/failure.ts";
import { endAtInterrupt, interrupted } from "./commands/interrupted.ts";
import { EXIT, type ExitCode, type Io, note } from "./commands/io.ts";
import { redraws } from "./commands/redraws.ts";
import { parserOf } from "./commands/words/parser.ts";
import { spelledOut } from "./commands/words/standard-input.ts";
import { joinTensorWords } from "./commands/words/tensor-words.ts";
import { checkWords } from "./commands/words/usage.ts";

// The only reader of argv, and the only place that ends the process.

/** Runs the command that the words name. */
export async function main(typed: readonly string[], io: Io): Promise<ExitCode> {
  const words = joinTensorWords(spelledOut(typed));
  const debug = words.includes("--debug");
  let result: ExitCode = EXIT.fine;
  const parser = parserOf(words, io, (code) => {
    result = code;
  });
  try {
    if (words.filter((word) => word !== "--debug").length === 0) {
      note(io, await parser.getHelp());
      return EXIT.usage;
    }
    if (words[0] !== COMPLETE) checkWords(words);
    await parser.parse();
    return result;
  } catch (thrown) {
    note(io, failureMessage(thrown, debug));
    return exitCodeOf(thrown);
  }
}

/** What a shell calls to complete half-typed words, which may be anything. */
const COMPLETE = "--get-yargs-completions";

/** This process; `watches` is called once a command watches for interrupts by itself. */
function processIo(watches: () => void = () => {}): Io {
  let signal: AbortSignal | undefined;
  return {
    out: process.stdout,
    err: process.stderr,
    redraws: redraws(process.stderr, process.env),
    columns: process.stdout.columns || 100,
    // Only the commands that watch it can be interrupted; the others end at once.
    get signal() {
      if (signal === undefined) {
        // Never a moment with no listener: a signal that is on its way when the last one leaves is lost.
        signal = interrupted();
        watches();
      }
      return signal;
    },
    now: () => performance.now() / 1000,
    today: () => new Date(),
  };
}

/**
 * A reader that has seen enough, such as `head`, is not an error, and the command continues: its files and
 * exit code still matter. A full disk behind `>` makes it fail, unless it fails in a worse way.
 */
function outliveOutputs(): { failed: boolean } {
  const state = { failed: false };
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE" || error.code === "ERR_STREAM_DESTROYED" || state.failed) return;
      state.failed = true;
      if (stream === process.stdout) note(processIo(), failureMessage(outputError(error), false));
      process.exitCode ||= EXIT.failed;
    });
  }
  return state;
}

/** An unhandled rejection, such as a promise that a plug-in dropped, still ends in one line. */
function endOnStrayErrors(words: readonly string[]): void {
  process.on("uncaughtException", (thrown) => {
    note(processIo(), failureMessage(thrown, words.includes("--debug")));
    process.exit(EXIT.failed);
  });
}

/** A plug-in that ends the process, or waits forever, must not pass for a command that did its work. */
function failUnlessFinished(): { finished: boolean } {
  const state = { finished: false };
  process.once("exit", (code) => {
    if (state.finished || (code !== EXIT.fine && code !== WAITS_FOR_EVER)) return;
    process.exitCode = EXIT.failed;
    writeSync(2, "attnbench: ended before its work was done, by a plug-in or a side's code; fix that\n");
  });
  return state;
}

/** Node's exit code when an awaited promise will never settle. */
const WAITS_FOR_EVER = 13;

/** Runs the command line of this process. */
export async function start(): Promise<void> {
  const words = process.argv.slice(2);
  const state = failUnlessFinished();
  const outputs = outliveOutputs();
  endOnStrayErrors(words);
  const code = await main(words, processIo(endAtInterrupt(words[0])));
  process.exitCode = code === EXIT.fine && outputs.failed ? EXIT.failed : code;
  state.finished = true;
}

if (import.meta.main) await start();
