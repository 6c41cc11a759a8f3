import type { FormName } from "../../../core/form-names.ts";
import type { WholePass } from "../../../core/operation.ts";
import type { ShapeFreedom } from "../../../core/shape.ts";
import type { ListedPattern } from "./shared-tensors.ts";

/** A case as attnbench describes it: docs/external-kernels.md, "A case". */
export interface ServedCase {
  /** `train` asks for the gradients besides the output, of kernels alone that have it among their passes. */
  readonly pass: WholePass;
  /** The inputs whose gradients are asked for: q, k, v and more in training, none otherwise. */
  readonly gradients: readonly string[];
  readonly variant: string | null;
  readonly params: Readonly<Record<string, unknown>> | null;
  readonly kind: string;
  readonly formula: Readonly<Record<string, unknown>> | null;
  readonly mechanism: Readonly<Record<string, unknown>>;
  readonly pattern: string | null;
  readonly pairs: number | null;
  readonly batch: number;
  readonly heads: number;
  readonly kv_heads: number;
  readonly length: number;
  readonly queries: number;
  readonly head_dim: number;
  readonly value_dim: number;
  readonly scale: number | null;
  readonly causal: boolean;
  readonly threads: number;
  readonly dtype: string;
  readonly device: string;
}

/** A case that is prepared, with its tensors, row-major. */
export interface ServedCall extends ServedCase {
  /**
   * q `[batch, heads, queries, head_dim]`, k `[batch, kv_heads, length, head_dim]`, v `[batch, kv_heads, length,
   * value_dim]`, whatever the kind has besides, and in training `dout` `[batch, heads, queries, value_dim]`. New numbers
   * are written into the same arrays, before `load`.
   */
  readonly inputs: Readonly<Record<string, Float32Array>>;
  /** Their shapes, and those of what is to be written. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  /** `[batch, heads, queries, value_dim]`, of NaN at first. */
  readonly output: Float32Array;
  /** What is to be written, by name: `out`, which is `output`, and in training `dq`, `dk`, `dv` and more, as their inputs. */
  readonly outputs: Readonly<Record<string, Float32Array>>;
  /** The keys of each query as half-open ranges that rise and do not touch; while it is prepared. Rejects if there are none. */
  ranges(): Promise<ListedPattern>;
  /** The keys themselves; while it is prepared. Rejects if there are none, or too many. */
  csr(): Promise<ListedPattern>;
  /** One byte a pair, 1 where it is attended, `[queries, length]`, or `[heads, queries, length]` where heads differ. */
  mask(): Promise<Uint8Array>;
}

/** Computes a case once: into `outputs`, at the latest when what it returns resolves. */
export type ServedRun = () => void | Promise<void>;

/** A call in parts, as of a kernel on a device: all but `run` and `finish` lie outside of what is timed. */
export interface ServedParts {
  /** Takes in the inputs as they now stand. */
  load?(): void | Promise<void>;
  run(): void | Promise<void>;
  /** Resolves once all calls started are computed. */
  finish?(): Promise<void>;
  /** Brings what the last call made into `outputs`. */
  fetch?(): void | Promise<void>;
  dispose?(): void;
}

/** A kernel that a program brings. */
export interface ServedKernel {
  /** Lower-case letters, digits and hyphens. */
  readonly id: string;
  readonly title?: string;
  /** The kinds of attention that it may be asked about, such as `softmaxPattern`; all if omitted. */
  readonly kinds?: readonly string[];
  /** Which passes it may be asked for; the forward pass alone if omitted. */
  readonly passes?: readonly ServedCase["pass"][];
  /** How shapes may differ from the usual; omitted if they may not. */
  readonly freedoms?: readonly ShapeFreedom[];
  /** The forms that it computes besides softmax of scaled products; omitted if none. */
  readonly forms?: readonly FormName[];
  /** Where it computes; `cpu` if omitted. */
  readonly device?: string;
  /** Whether NaN or infinity in a token changes no row that does not attend it, which is then checked. */
  readonly nanSafe?: boolean;
  /** Operations per second, for a first estimate of time. */
  readonly assumedRate?: number;
  readonly details?: Readonly<Record<string, string>>;
  /** `true`, or why not; every case is supported if omitted. */
  supports?(asked: ServedCase): true | string;
  /** What is thrown, here or in a part of the call, makes the case fail with its message. */
  prepare(call: ServedCall): ServedRun | ServedParts | Promise<ServedRun | ServedParts>;
}

/** What results say about the program. */
export interface ServedProgram {
  /** What it is called; the file's name if omitted. */
  readonly name?: string;
  readonly details?: Readonly<Record<string, string>>;
}
