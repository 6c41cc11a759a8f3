import { basename } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { messageOf } from "../../../core/errors.ts";
import { type Give, Prepared } from "./prepared.ts";
import type { ServedCase, ServedKernel, ServedProgram } from "./served-kernel.ts";

/** The version of the protocol that is spoken here: docs/external-kernels.md. */
const PROTOCOL = 1;

type Line = Readonly<Record<string, unknown>>;

/**
 * Answers attnbench for the kernels of a program that it started, on standard input and output, until it has no more
 * requests; then the process ends. What else is printed to standard output goes to standard error from here on.
 */
export async function serveKernels(
  kernels: readonly ServedKernel[],
  program: ServedProgram = {},
): Promise<void> {
  const say = process.stdout.write.bind(process.stdout);
  process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;
  // An interrupt of the terminal is for attnbench, which ends what it started.
  process.on("SIGINT", () => {});
  const write = (line: Line) => say(`${JSON.stringify(line)}\n`);
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const next = async (): Promise<Line | null> => {
    const { value, done } = await lines.next();
    return done === true ? null : (JSON.parse(value) as Line);
  };
  const conversation = new Conversation(kernels, program);
  for (let request = await next(); request !== null; request = await next()) {
    const { id } = request;
    const give: Give = async (need) => {
      write({ id, need });
      const answer = await next();
      if (answer === null) process.exit();
      if (!("given" in answer)) throw new Error(String(answer.error));
      return (answer.given as { file: string }).file;
    };
    try {
      write({ id, ok: await conversation.answer(request, give) });
    } catch (thrown) {
      process.stderr.write(`${(thrown instanceof Error && thrown.stack) || messageOf(thrown)}\n`);
      write({ id, error: messageOf(thrown).slice(0, 500) });
    }
  }
  process.exit();
}

/** What is asked of a program's kernels, one request after the other. */
class Conversation {
  readonly #kernels: readonly ServedKernel[];
  readonly #program: ServedProgram;
  readonly #calls = new Map<unknown, Prepared>();

  constructor(kernels: readonly ServedKernel[], program: ServedProgram) {
    this.#kernels = kernels;
    this.#program = program;
  }

  /** What is answered. Rejects with a message that says why not. */
  async answer(request: Line, give: Give): Promise<unknown> {
    switch (request.request) {
      case "hello":
        return this.#hello(request.protocol);
      case "supports":
        return this.#kernel(request.kernel).supports?.(request.case as ServedCase) ?? true;
      case "prepare": {
        const files = { inputs: String(request.inputs), output: String(request.output) };
        const kernel = this.#kernel(request.kernel);
        this.#calls.set(request.call, await Prepared.of(kernel, request.case as ServedCase, files, give));
        return {};
      }
      case "load":
        await this.#call(request.call).load();
        return {};
      case "run":
        return { wall: await this.#call(request.call).run(Number(request.calls)), device: null };
      case "outputs":
        return { dtype: "float32", ...(await this.#call(request.call).fetch()) };
      case "dispose":
        this.#calls.get(request.call)?.dispose();
        this.#calls.delete(request.call);
        return {};
      default:
        throw new Error(`request must be one of the protocol's, got ${JSON.stringify(request.request)}`);
    }
  }

  #hello(protocols: unknown): Line {
    if (!Array.isArray(protocols) || !protocols.includes(PROTOCOL)) {
      throw new Error(`the program speaks version ${PROTOCOL}, attnbench ${JSON.stringify(protocols)}`);
    }
    const { name = basename(process.argv[1] ?? "node"), details = {} } = this.#program;
    return {
      protocol: PROTOCOL,
      name,
      clock: "performance.now",
      details: { node: process.version, ...details },
      kernels: this.#kernels.map(({ nanSafe, assumedRate, ...kernel }) => ({
        id: kernel.id,
        title: kernel.title,
        kinds: kernel.kinds,
        passes: kernel.passes,
        freedoms: kernel.freedoms,
        forms: kernel.forms,
        device: kernel.device,
        details: kernel.details,
        nan_safe: nanSafe,
        assumed_rate: assumedRate,
      })),
    };
  }

  #kernel(id: unknown): ServedKernel {
    const kernel = this.#kernels.find((one) => one.id === id);
    if (kernel !== undefined) return kernel;
    const known = this.#kernels.map((one) => one.id).join(", ");
    throw new Error(`kernel must be one of ${known}, got ${JSON.stringify(id)}`);
  }

  #call(number: unknown): Prepared {
    const call = this.#calls.get(number);
    if (call === undefined) throw new Error(`call ${JSON.stringify(number)} is not prepared`);
    return call;
  }
}
