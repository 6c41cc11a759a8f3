import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Dialogue, Line } from "./dialogue.ts";
import { csrFile, rangesFile, readShared, type Stored, writeShared } from "./shared-files.ts";

/** The edges of the ranges of each row, `from, to, from, to, …`, of each head, or once for all. */
export type HeadRows = readonly (readonly (readonly number[])[])[];

/** Prepared calls of one program, with their files. */
export class SharedCase {
  readonly #folder = mkdtempSync(join(tmpdir(), "attnbench-dialogue-"));
  readonly #dialogue: Dialogue;
  #calls = 0;

  constructor(dialogue: Dialogue) {
    this.#dialogue = dialogue;
  }

  /** Prepares a call, gives what it needs of the pattern, and gives its number beside the answer. */
  async prepare(
    kernel: string,
    data: Line,
    inputs: Readonly<Record<string, Stored>>,
    output: Stored,
    pattern?: HeadRows,
    gradients: Readonly<Record<string, Stored>> = {},
  ): Promise<{ readonly call: number; readonly answer: Line; readonly needs: readonly unknown[] }> {
    const call = ++this.#calls;
    this.write(call, inputs);
    const asked = {
      kernel,
      case: data,
      call,
      inputs: this.#path(call, "inputs"),
      output: this.#path(call, "output"),
    };
    writeShared(this.#path(call, "output"), { out: output, ...gradients });
    const needs: unknown[] = [];
    let answer = await this.#dialogue.ask("prepare", asked);
    while ("need" in answer) {
      const { need } = answer;
      needs.push(need);
      if (pattern === undefined) answer = await this.#dialogue.give({ error: "it is too long" });
      else {
        const make = need === "csr" ? csrFile : rangesFile;
        answer = await this.#dialogue.give({
          given: { file: make(this.#path(call, String(need)), pattern) },
        });
      }
    }
    return { call, answer, needs };
  }

  /** Writes a call's inputs anew, in place. */
  write(call: number, inputs: Readonly<Record<string, Stored>>): void {
    writeShared(this.#path(call, "inputs"), inputs);
  }

  /** Runs a call once, and gives its output as it lies in its file. */
  async output(call: number): Promise<{ readonly answers: readonly Line[]; readonly out: Float32Array }> {
    const run = await this.#dialogue.ask("run", { call, calls: 1 });
    const outputs = await this.#dialogue.ask("outputs", { call });
    return { answers: [run, outputs], out: this.tensor(call, "out") };
  }

  /** A tensor as it lies in a call's output. */
  tensor(call: number, name: string): Float32Array {
    return readShared(this.#path(call, "output"), name);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }

  #path(call: number, name: string): string {
    return join(this.#folder, `${call}-${name}.safetensors`);
  }
}

/** A case as the protocol has it: a softmax pattern of one head, four tokens, two channels, unless told otherwise. */
export function caseOf(told: Readonly<Record<string, unknown>> = {}): Line & { readonly length: number } {
  return {
    ...{
      variant: "local",
      params: {},
      kind: "softmaxPattern",
      formula: {},
      mechanism: {},
      pattern: "band(1, 1)",
    },
    ...{ pairs: 10, batch: 1, heads: 1, kv_heads: 1, length: 4, queries: 4, head_dim: 2, value_dim: 2 },
    ...{ scale: 0.5, causal: false, threads: 1, dtype: "float32", device: "cpu" },
    ...told,
  };
}

/** Numbers that differ from one another, in a shape. */
export function numbersOf(shape: readonly number[], factor = 1): Stored & { readonly data: Float32Array } {
  const count = shape.reduce((product, size) => product * size, 1);
  return { shape, data: Float32Array.from({ length: count }, (_, at) => Math.sin(factor * (at + 1))) };
}

/** An output that nobody has written. */
export function unwritten(shape: readonly number[]): Stored & { readonly data: Float32Array } {
  const { data } = numbersOf(shape);
  return { shape, data: data.fill(Number.NaN) };
}
