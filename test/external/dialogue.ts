import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";

/** Where `attnbench_kernel.py` is. */
export const PYTHON_FOLDER = resolve(import.meta.dirname, "../../src/kernels/external/python");

/** One line of a program, as it was written. */
export type Line = Readonly<Record<string, unknown>>;

/** Speaks the protocol of docs/external-kernels.md with a program, a line at a time, and asks no more than is written. */
export class Dialogue {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<unknown[]>;
  #log = "";
  #id = 0;

  constructor(words: readonly string[], env: Readonly<Record<string, string>> = {}, cwd?: string) {
    this.#child = spawn(words[0], words.slice(1), {
      cwd,
      env: { ...process.env, PYTHONPATH: PYTHON_FOLDER, ATTNBENCH_PROTOCOL: "1", ...env },
    });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    this.#ended = once(this.#child, "close");
    this.#child.stderr.on("data", (bytes: Buffer) => {
      this.#log += bytes.toString();
    });
    // A program that has ended reads nothing more.
    this.#child.stdin.on("error", () => {});
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Asks, and gives the line that answers without its id, which must be the request's. */
  async ask(request: string, body: Line = {}): Promise<Line> {
    this.#id++;
    return this.#exchange({ id: this.#id, request, ...body });
  }

  /** Answers what the program needs, and gives the line after it. */
  async give(body: Line): Promise<Line> {
    return this.#exchange({ id: this.#id, ...body });
  }

  /** Ends the conversation: the exit code, and everything that was logged. Rejects if lines are left over. */
  async end(): Promise<{ readonly code: unknown; readonly log: string }> {
    this.#child.stdin.end();
    const { value, done } = await this.#lines.next();
    if (done !== true) throw new Error(`nothing was asked, got ${value}`);
    const [code] = await this.#ended;
    return { code, log: this.#log };
  }

  async #exchange(line: Line): Promise<Line> {
    this.#child.stdin.write(`${JSON.stringify(line)}\n`);
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error(`the program ended instead of answering; its log: ${this.#log}`);
    const { id, ...answer } = JSON.parse(value) as Line;
    if (id !== line.id) throw new Error(`request ${line.id} was asked, got an answer to ${id}`);
    return answer;
  }
}
