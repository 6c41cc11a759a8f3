import { readdirSync } from "node:fs";
import { join } from "node:path";
import { printable, UsageError } from "../core/errors.ts";
import { checkShape, isSelfAttention, layoutOf, type Shape, withLength } from "../core/shape.ts";
import type { InputSource } from "../core/tensors.ts";
import { capturedCall } from "./captured-call.ts";
import { type CapturedTensors, commonShape } from "./common-shape.ts";
import { holdsBiases, withLayerWeights } from "./layer-weights.ts";
import { npyFolder } from "./npy-folder.ts";
import { npzSet } from "./npz.ts";
import { safetensorsSet } from "./safetensors.ts";
import { shardedSet } from "./sharded.ts";
import { heldAs, storedNamed } from "./stored-named.ts";
import { readSlices } from "./stored-tensor.ts";
import { type TensorNames, tensorNames } from "./tensor-names.ts";
import { floatTensor, namedTensor, type TensorSet } from "./tensor-set.ts";
import { tokenNames } from "./token-names.ts";
import { tokenShape } from "./token-shape.ts";

/** How a file of tensors is to be understood. */
export interface FileReading {
  /**
   * Whether its tensors are whole tokens, the input of a layer: `x`, or `query`, `key` and `value`, `[batch, length, model dim]`,
   * and the layer's weights, also under the names of PyTorch's `MultiheadAttention`. Split into heads if omitted.
   */
  readonly tokens?: boolean;
}

/**
 * The tensors `q`, `k` and `v` of a file, or those that `names` gives, each `[batch, heads, length,
 * head_dim]`, with what is known about the call that they were captured from: safetensors, an index of
 * shards, or an `.npz` archive, by the ending of the name.
 */
export function capturedFile(path: string, names?: string, reading: FileReading = {}): InputSource {
  if (/\.npz$/i.test(path)) return capturedSource(path, npzSet(path), names, reading);
  if (/\.index\.json$/i.test(path)) return capturedSource(path, shardedSet(path), names, reading);
  return capturedSource(path, safetensorsSet(path), names, reading);
}

/**
 * The files `q.npy`, `k.npy` and `v.npy` of a folder, or those that `names` gives, each
 * `[batch, heads, length, head_dim]`.
 */
export function capturedFolder(path: string, names?: string, reading: FileReading = {}): InputSource {
  const set = npyFolder(path);
  if (reading.tokens === true) return capturedSource(path, set, names, reading);
  const missing = ["q", "k", "v"].find((name) => !set.names.includes(name));
  if (names === undefined && missing !== undefined) {
    throw new UsageError(
      `${printable(path)}: a folder of inputs must hold q.npy, k.npy and v.npy, got no ${missing}.npy${others(path)}`,
    );
  }
  return capturedSource(path, set, names, reading);
}

/** Other files in the folder that could be meant. */
function others(path: string): string {
  const files = readdirSync(path).filter(isTensorFile).sort();
  const index = files.find((name) => name.endsWith(".json")) ?? files[0];
  return index === undefined ? "" : `; or name a file of it, such as ${printable(join(path, index), 120)}`;
}

/** Whether a name ends like that of a file of tensors. */
export function isTensorFile(path: string): boolean {
  return /\.(safetensors|npz|safetensors\.index\.json)$/i.test(path);
}

/** What is read of a file: where q, k and v are, and what may lie beside them. */
interface Named {
  readonly names: TensorNames;
  readonly beside: TensorSet;
  /** What was typed of the names, as results tell it. */
  readonly told: readonly string[];
}

function namedIn(set: TensorSet, typed: string | undefined, tokens: boolean): Named {
  if (!tokens) {
    const names = tensorNames(typed, set.names);
    return { names, beside: set, told: Object.values(names).filter((name) => name !== null) };
  }
  const { names, weights } = tokenNames(set, typed);
  const told = new Set(Object.values(names).filter((name) => name !== null));
  if (weights !== null) told.add(`${weights}*`);
  return { names, beside: withLayerWeights(set, weights), told: [...told] };
}

/** Reads from the files on every call, and no more of them than the length asked for. */
function capturedSource(
  path: string,
  set: TensorSet,
  typed: string | undefined,
  { tokens = false }: FileReading,
): InputSource {
  const { names, beside, told } = namedIn(set, typed, tokens);
  const tensors: CapturedTensors = {
    q: floatTensor(set, names.q, typed !== undefined),
    k: floatTensor(set, names.k, typed !== undefined),
    v: floatTensor(set, names.v, typed !== undefined),
  };
  if (names.mask !== null) namedTensor(set, names.mask);
  const whole = tokens ? tokenShape(set.where, tensors) : commonShape(set.where, tensors);
  const { batch, heads, kvHeads, headDim, valueDim, length: maxLength, queries } = whole;
  const fixed = {
    batch,
    heads,
    kvHeads,
    headDim,
    valueDim,
    ...(!isSelfAttention(whole) && { queries }),
  };
  const chosen = typed === undefined ? "" : ` (${told.join(", ")})`;
  return {
    name: `file:${printable(path)}${printable(chosen)}`,
    fixed,
    stored: true,
    files: set.files,
    call: { ...capturedCall(set, names, whole), ...(tokens && holdsBiases(beside) && { biases: true }) },
    maxLength,
    ...(tokens && { told: toldTokens }),
    namesBeside: beside.names.filter((name) => !Object.values(names).includes(name)),
    named: (name, spec, shape) => storedNamed(beside, name, spec, shape),
    heldAs: (name, spec, shape) => heldAs(beside, name, spec, shape),
    inputs(shape) {
      checkShape(shape);
      checkFits(path, whole, shape);
      const cut = (name: "q" | "k" | "v") => {
        const { rows, width, ...slices } = layoutOf(shape, name);
        return readSlices(tensors[name], slices.batch * slices.heads, rows * width);
      };
      const q = cut("q");
      const k = names.k === names.q ? q.slice() : cut("k");
      return { shape, q, k, v: names.v === names.k ? k.slice() : cut("v") };
    },
  };
}

/** Such as `layer: 1 × 32 tokens of 64 → 8 heads of 8, 2 of k and v`. */
function toldTokens({ batch, length, headDim: modelDim }: Shape, ofHeads?: Shape): string {
  const read = `layer: ${batch} × ${length} tokens of ${modelDim}`;
  if (ofHeads === undefined) return read;
  const { heads, kvHeads, headDim } = ofHeads;
  const shared = kvHeads === heads ? "" : `, ${kvHeads} of k and v`;
  return `${read} → ${heads} ${heads === 1 ? "head" : "heads"} of ${headDim}${shared}`;
}

function checkFits(path: string, captured: Shape, asked: Shape): void {
  const expected = withLength(captured, asked.length);
  for (const name of ["batch", "heads", "kvHeads", "queries", "headDim", "valueDim"] as const) {
    if (asked[name] !== expected[name]) {
      throw new UsageError(
        `${printable(path)}: ${name} must be ${expected[name]} as captured, got ${asked[name]}; omit it`,
      );
    }
  }
  if (!(asked.length <= captured.length)) {
    throw new UsageError(
      `${printable(path)}: length must be at most ${captured.length} as captured, got ${asked.length}; ask for fewer or capture more`,
    );
  }
}
