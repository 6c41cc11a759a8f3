import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { sizesBy } from "../../../src/core/tensor-spec.ts";
import { tensorNamed } from "../../../src/core/tensors.ts";
import { type FloatTensor, writeSafetensors } from "../../../src/input/write-safetensors.ts";
import type { JudgedProblem } from "../../../src/mechanisms/judged.ts";
import { outputsOf } from "../../../src/mechanisms/outputs.ts";

/** A formula of `autograd.py`, and what it takes besides the tensors and whether it is causal. */
export interface Formula {
  readonly formula: "softmax" | "linear" | "recurrence";
  readonly options: Readonly<Record<string, string | number | boolean>>;
}

/** Gradients by PyTorch's autograd, in a process of its own. */
export class Autograd {
  readonly #folder: string;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  #log = "";

  /** `folder` is where tensors are handed over. */
  constructor(python: string, folder: string) {
    this.#folder = folder;
    this.#child = spawn(python, [join(import.meta.dirname, "autograd.py")]);
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    this.#child.stderr.on("data", (bytes: Buffer) => {
      this.#log += bytes.toString();
    });
    // One that has ended reads nothing more: its answer says so.
    this.#child.stdin.on("error", () => {});
  }

  /** The gradients of a problem, whose output is `dq`, `dk`, `dv` and those of other inputs, by their names. */
  async of(
    problem: JudgedProblem,
    { formula, options }: Formula,
  ): Promise<ReadonlyMap<string, Float64Array>> {
    const inputs = join(this.#folder, "inputs.safetensors");
    const gradients = join(this.#folder, "gradients.f64");
    const tensors = outputsOf(problem);
    const names = tensors.map(({ name }) => name.slice(1));
    writeSafetensors(inputs, tensorsOf(problem));
    const asked = { inputs, gradients, formula, options, causal: problem.causal, of: names };
    this.#child.stdin.write(`${JSON.stringify(asked)}\n`);
    const { value } = await this.#lines.next();
    if (value !== "ok") throw new Error(`autograd.py gave ${value}; its log: ${this.#log}`);
    const bytes = readFileSync(gradients);
    const numbers = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8);
    const found = new Map<string, Float64Array>();
    let at = 0;
    for (const { name, layout } of tensors) {
      const count = layout.batch * layout.heads * layout.rows * layout.width;
      found.set(name, numbers.slice(at, at + count));
      at += count;
    }
    if (at !== numbers.length) throw new RangeError(`autograd.py wrote ${numbers.length} numbers, not ${at}`);
    return found;
  }

  async end(): Promise<void> {
    const closed = once(this.#child, "close");
    this.#child.stdin.end();
    await closed;
  }
}

/** What a problem is given, by the names that its kind has for it. */
export function tensorsOf({ inputs, shape, kind, mechanism }: JudgedProblem): Record<string, FloatTensor> {
  const { batch, heads, kvHeads, length, queries, headDim, valueDim } = shape;
  const others = Object.entries(kind.inputs?.(mechanism) ?? {}).map(([name, spec]) => [
    name,
    { shape: sizesBy(shape, spec), data: tensorNamed(inputs, name) },
  ]);
  return {
    q: { shape: [batch, heads, queries, headDim], data: inputs.q },
    k: { shape: [batch, kvHeads, length, headDim], data: inputs.k },
    v: { shape: [batch, kvHeads, length, valueDim], data: inputs.v },
    ...Object.fromEntries(others),
  };
}
