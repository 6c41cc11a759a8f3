import type { ServedCall, ServedCase, ServedKernel, ServedParts } from "./served-kernel.ts";
import { type ListedPattern, maskOf, readPattern, readShared, writeShared } from "./shared-tensors.ts";

/** Asks attnbench for a pattern, and gives the path of its file. */
export type Give = (need: "ranges" | "csr") => Promise<string>;

/** Where a call's tensors lie. */
interface Files {
  readonly inputs: string;
  readonly output: string;
}

/** A call of a kernel that was prepared. */
export class Prepared {
  readonly #files: Files;
  readonly #parts: ServedParts;
  readonly #inputs: Readonly<Record<string, Float32Array>>;
  readonly #output: Float32Array;

  private constructor(files: Files, parts: ServedParts, call: ServedCall) {
    this.#files = files;
    this.#parts = parts;
    this.#inputs = call.inputs;
    this.#output = call.output;
  }

  /** Prepares it, and makes the first call, which may compile. Rejects with what the kernel throws. */
  static async of(kernel: ServedKernel, asked: ServedCase, files: Files, give: Give): Promise<Prepared> {
    const call = callOf(asked, files, give);
    const made = await kernel.prepare(call);
    const parts: ServedParts | null = typeof made === "function" ? { run: made } : made;
    if (typeof parts?.run !== "function") {
      throw new TypeError(`prepare must return the function that computes, got ${typeof made}`);
    }
    const prepared = new Prepared(files, parts, call);
    await parts.load?.();
    await prepared.run(1);
    return prepared;
  }

  async load(): Promise<void> {
    for (const [name, { bytes }] of readShared(this.#files.inputs)) {
      this.#inputs[name].set(new Float32Array(bytes.buffer));
    }
    await this.#parts.load?.();
  }

  /** Seconds of so many calls, one after the other. */
  async run(calls: number): Promise<number> {
    const start = performance.now();
    for (let call = 0; call < calls; call++) {
      const started = this.#parts.run();
      // What is computed already is not waited for, which takes a turn of its own.
      if (started !== undefined) await started;
    }
    await this.#parts.finish?.();
    return (performance.now() - start) / 1000;
  }

  /** Writes the output where attnbench reads it, and gives its shape. */
  async fetch(): Promise<readonly number[]> {
    await this.#parts.fetch?.();
    const out = tensorIn(this.#files.output, "out");
    writeShared(this.#files.output, out, this.#output);
    return out.shape;
  }

  dispose(): void {
    this.#parts.dispose?.();
  }
}

function callOf(asked: ServedCase, files: Files, give: Give): ServedCall {
  if (asked.dtype !== "float32") throw new TypeError(`dtype must be float32, got ${asked.dtype}`);
  const inputs = [...readShared(files.inputs)];
  const out = tensorIn(files.output, "out");
  const given = new Map<string, Promise<ListedPattern>>();
  const listed = (need: "ranges" | "csr") => {
    const known = given.get(need) ?? patternOf(asked, need, give);
    given.set(need, known);
    return known;
  };
  return {
    ...asked,
    inputs: Object.fromEntries(inputs.map(([name, { bytes }]) => [name, new Float32Array(bytes.buffer)])),
    shapes: { ...Object.fromEntries(inputs.map(([name, { shape }]) => [name, shape])), out: out.shape },
    output: new Float32Array(out.bytes.buffer),
    ranges: () => listed("ranges"),
    csr: () => listed("csr"),
    mask: async () => maskOf(await listed("ranges"), asked.length),
  };
}

async function patternOf(asked: ServedCase, need: "ranges" | "csr", give: Give): Promise<ListedPattern> {
  if (asked.pattern === null) throw new Error(`${need}: ${asked.kind} has no pattern`);
  return readPattern(await give(need));
}

function tensorIn(path: string, name: string) {
  const tensor = readShared(path).get(name);
  if (tensor === undefined) throw new Error(`${path}: must hold ${name}`);
  return tensor;
}
