import type { Matrix } from "../../../../mechanisms/summary/declare.ts";
import type { Workspace } from "../../../workspace.ts";
import type { Matrices } from "../../chain-matrices.ts";
import type { Factor } from "../factor.ts";
import type { HeadAt, SumsByHead } from "../sums-by-head.ts";

/** Numbers from a place on. */
export interface Along {
  readonly values: Float32Array | Float64Array;
  readonly at: number;
}

/** One step on the way back, of one head. */
export interface StepBack {
  run(at: HeadAt): void;
  /** Operations of a head. */
  readonly flops: number;
}

/** The matrices of a chain on the way back: each with what came to it. */
export class MatricesBack {
  readonly workspace: Workspace;
  readonly #matrices: Matrices;
  readonly #sums: SumsByHead;
  /** What came to the matrices that steps made. */
  readonly #made = new Map<Matrix, Float64Array>();
  readonly #isInput: (name: Matrix) => boolean;

  constructor(
    matrices: Matrices,
    sums: SumsByHead,
    isInput: (name: Matrix) => boolean,
    workspace: Workspace,
  ) {
    this.workspace = workspace;
    this.#matrices = matrices;
    this.#sums = sums;
    this.#isInput = isInput;
  }

  /** Rows and width of a matrix, and makes room for what comes to it. */
  prepare(name: Matrix): { readonly rows: number; readonly width: number } {
    const { rows, width } = this.#matrices.get(name);
    if (name !== "out" && !this.#isInput(name) && !this.#made.has(name)) {
      this.#made.set(name, this.workspace.float64(rows * width));
    }
    return { rows, width };
  }

  /** Nothing has come to anything yet. */
  clear(): void {
    for (const sums of this.#made.values()) sums.fill(0);
  }

  /** A matrix as a factor of something. */
  factor(name: Matrix, at: HeadAt): Factor {
    if (this.#isInput(name)) return this.#sums.factor(name, at);
    const stored = this.#matrices.get(name);
    const { rows, width, data } = stored;
    return { values: data, at: stored.at(at), rows, width, sums: this.#made.get(name) ?? null, sumsAt: 0 };
  }

  /** What came to what a step made. */
  along(name: Matrix, at: HeadAt): Along {
    if (name === "out") return this.#sums.dout(at);
    const values = this.#made.get(name);
    if (values === undefined) throw new TypeError(`chain: nothing comes to ${name}`);
    return { values, at: 0 };
  }
}
