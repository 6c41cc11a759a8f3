import { spawn } from "node:child_process";
import { constants } from "node:os";
import process from "node:process";

/**
 * Signals that end a command early, or cleanly: whoever wants to stop the command knows only this process.
 */
const SIGNALS = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"]);

/** How Node dies by itself: it could not get the memory it asked for, or is broken. */
const DEATHS = ["SIGTRAP", "SIGABRT", "SIGSEGV", "SIGILL"];

/**
 * Runs `words` in another Node instead of this one: same streams, same exit. A terminal sends its signals to
 * both, so that they may arrive twice; `src/commands/interrupted.ts` treats that as one.
 *
 * @param {string} node
 * @param {readonly string[]} words
 * @param {(why: string) => void} refuse
 * @returns {Promise<void>}
 */
export function runIn(node, words, refuse) {
  return new Promise((done) => {
    const child = spawn(node, words, { stdio: "inherit" });
    /** @param {NodeJS.Signals} signal */
    const pass = (signal) => void child.kill(signal);
    for (const signal of SIGNALS) process.on(signal, pass);
    child.on("error", (error) => {
      const code = /** @type {NodeJS.ErrnoException} */ (error).code;
      refuse(
        `the bundled Node, ${node}, cannot be started here, ${code}; use a Node of your own, version 26 or newer`,
      );
      done();
    });
    child.on("exit", (code, signal) => {
      for (const one of SIGNALS) process.off(one, pass);
      if (DEATHS.includes(signal ?? "")) {
        // In one line, whatever Node itself printed: nobody finds the cause in a native stack.
        process.stderr.write(
          `attnbench: Node was ended by ${signal}: is memory or the address space limited (ulimit -v)? lift the limit\n`,
        );
      }
      if (signal === null) process.exitCode = code ?? 1;
      else {
        // The same exit as the command's, or the code a shell gives it if the signal does not end this
        // process.
        process.exitCode = 128 + constants.signals[signal];
        process.kill(process.pid, signal);
      }
      done();
    });
  });
}
