import type { ServedCall, ServedCase, ServedKernel, ServedParts } from "./served-kernel.ts";
import {
  type ListedPattern,
  maskOf,
  readPattern,
  readShared,
  type SharedTensor,
  writeShared,
} from "./shared-tensors.ts";

/** Asks attnbench for a pattern, and gives the path of its file. */
export type Give = (need: "ranges" | "csr") => Promise<string>;

/** Where a call's tensors lie. */
interface Files {
  readonly inputs: string;
  readonly output: string;
}

/** The shapes of an output, and of the gradients that are made with it. */
export interface OutputShapes {
  readonly shape: readonly number[];
  readonly gradients?: Readonly<Record<string, readonly number[]>>;
}

/** A call of a kernel that was prepared. */
export class Prepared {
  readonly #files: Files;
  readonly #parts: ServedParts;
  readonly #inputs: Readonly<Record<string, Float32Array>>;
  readonly #outputs: Readonly<Record<string, Float32Array>>;

  private constructor(files: Files, parts: ServedParts, call: ServedCall) {
    this.#files = files;
    this.#parts = parts;
    this.#inputs = call.inputs;
    this.#outputs = call.outputs;
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

  /** Writes what was made where attnbench reads it, and gives its shapes. */
  async fetch(): Promise<OutputShapes> {
    await this.#parts.fetch?.();
    const made = readShared(this.#files.output);
    for (const [name, tensor] of made) writeShared(this.#files.output, tensor, this.#outputs[name]);
    const { out, ...gradients } = shapesOf(made);
    return Object.keys(gradients).length === 0 ? { shape: out } : { shape: out, gradients };
  }

  dispose(): void {
    this.#parts.dispose?.();
  }
}

function callOf(asked: ServedCase, files: Files, give: Give): ServedCall {
  if (asked.dtype !== "float32") throw new TypeError(`dtype must be float32, got ${asked.dtype}`);
  const [inputs, made] = [readShared(files.inputs), readShared(files.output)];
  const outputs = numbersOf(made);
  if (outputs.out === undefined) throw new Error(`${files.output}: must hold out`);
  const given = new Map<string, Promise<ListedPattern>>();
  const listed = (need: "ranges" | "csr") => {
    const known = given.get(need) ?? patternOf(asked, need, give);
    given.set(need, known);
    return known;
  };
  return {
    ...asked,
    inputs: numbersOf(inputs),
    shapes: { ...shapesOf(inputs), ...shapesOf(made) },
    output: outputs.out,
    outputs,
    ranges: () => listed("ranges"),
    csr: () => listed("csr"),
    mask: async () => maskOf(await listed("ranges"), asked.length),
  };
}

async function patternOf(asked: ServedCase, need: "ranges" | "csr", give: Give): Promise<ListedPattern> {
  if (asked.pattern === null) throw new Error(`${need}: ${asked.kind} has no pattern`);
  return readPattern(await give(need));
}

function numbersOf(tensors: ReadonlyMap<string, SharedTensor>): Record<string, Float32Array> {
  return Object.fromEntries([...tensors].map(([name, { bytes }]) => [name, new Float32Array(bytes.buffer)]));
}

function shapesOf(tensors: ReadonlyMap<string, SharedTensor>): Record<string, readonly number[]> {
  return Object.fromEntries([...tensors].map(([name, { shape }]) => [name, shape]));
}
