import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";
import type { Outcome } from "./command-line.ts";

/**
 * Runs command lines in a process of plain Node, which imports plug-ins by itself: one process for all of a file, since
 * loading the sources takes longer than most commands. What ends or outlives a process needs `launch`.
 */
export function commandHost(cwd: string): (words: string | readonly string[]) => Promise<Outcome> {
  let host: ChildProcess | undefined;
  let last: Promise<unknown> = Promise.resolve();
  afterAll(async () => {
    if (host === undefined) return;
    const gone = once(host, "exit");
    host.kill("SIGKILL");
    await gone;
  });

  function ask(words: readonly string[]): Promise<Outcome> {
    host ??= fork(fileURLToPath(new URL("./command-host.ts", import.meta.url)), {
      execArgv: ["--import", new URL("../once/hooks.ts", import.meta.url).href],
      stdio: "inherit",
    });
    const asked = host;
    return new Promise((resolve, reject) => {
      const died = (code: number | null, signal: string | null) => {
        host = undefined;
        reject(new Error(`the process of attnbench ${words.join(" ")} ended by ${code ?? signal}`));
      };
      asked.once("exit", died);
      asked.once("message", (outcome: Outcome) => {
        asked.off("exit", died);
        resolve(outcome);
      });
      asked.send({ words, cwd });
    });
  }

  return (words) => {
    const list = typeof words === "string" ? words.split(" ").filter(Boolean) : words;
    // One at a time: the folder in which a command runs is the process's.
    const outcome = last.then(() => ask(list));
    last = outcome.catch(() => {});
    return outcome;
  };
}
