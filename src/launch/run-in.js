import { spawn } from "node:child_process";
import { constants } from "node:os";
import process from "node:process";

/** What ends a command early, or lets it end well: whoever means to stop the command knows this process alone. */
const SIGNALS = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"]);

/** How Node dies of itself: it could not have the memory it asked for, or is broken. */
const DEATHS = ["SIGTRAP", "SIGABRT", "SIGSEGV", "SIGILL"];

/**
 * Runs `words` by another Node in this one's place: the same streams, the same end. A terminal sends its signals to both, so
 * that they may arrive twice; `src/commands/interrupted.ts` takes that for one.
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
        `the Node that came along, ${node}, cannot be started here, ${code}; use one of your own, of version 26 or newer`,
      );
      done();
    });
    child.on("exit", (code, signal) => {
      for (const one of SIGNALS) process.off(one, pass);
      if (DEATHS.includes(signal ?? "")) {
        // In one line, whatever Node wrote of its own: nobody finds the cause in a native stack.
        process.stderr.write(
          `attnbench: Node was ended by ${signal}: is memory or the address space limited (ulimit -v)? lift that\n`,
        );
      }
      if (signal === null) process.exitCode = code ?? 1;
      else {
        // The same end as that of the command, or the code a shell gives it where the signal does not end this process.
        process.exitCode = 128 + constants.signals[signal];
        process.kill(process.pid, signal);
      }
      done();
    });
  });
}
