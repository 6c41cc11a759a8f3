import { existsSync } from "node:fs";
import { join } from "node:path";
import { printable, UsageError } from "../core/errors.ts";
import { checkShape, type Shape } from "../core/shape.ts";
import type { InputSource } from "../core/tensors.ts";
import { openNpy } from "./npy.ts";
import { findTensor, openSafetensors } from "./safetensors.ts";
import { readSlices, type StoredTensor } from "./stored-tensor.ts";

interface CapturedTensors {
  readonly q: StoredTensor;
  readonly k: StoredTensor;
  readonly v: StoredTensor;
}

/** The tensors `q`, `k` and `v` of a safetensors file, each `[batch, heads, length, head_dim]`. */
export function capturedFile(path: string): InputSource {
  const file = openSafetensors(path);
  return capturedSource(path, {
    q: findTensor(file, "q"),
    k: findTensor(file, "k"),
    v: findTensor(file, "v"),
  });
}

/** The files `q.npy`, `k.npy` and `v.npy` of a folder, each `[batch, heads, length, head_dim]`. */
export function capturedFolder(path: string): InputSource {
  for (const name of ["q.npy", "k.npy", "v.npy"]) {
    if (!existsSync(join(path, name))) {
      throw new UsageError(
        `${printable(path)}: a folder of inputs must hold q.npy, k.npy and v.npy, got no ${name}`,
      );
    }
  }
  return capturedSource(path, {
    q: openNpy(join(path, "q.npy")),
    k: openNpy(join(path, "k.npy")),
    v: openNpy(join(path, "v.npy")),
  });
}

/** Reads from the files on every call, and no more of them than the length asked for. */
function capturedSource(path: string, tensors: CapturedTensors): InputSource {
  const [batch, heads, maxLength, headDim] = commonShape(path, tensors);
  const fixed = { batch, heads, headDim };
  return {
    name: `file:${printable(path)}`,
    fixed,
    stored: true,
    maxLength,
    inputs(shape) {
      checkShape(shape);
      checkFits(path, { ...fixed, length: maxLength }, shape);
      const cut = (tensor: StoredTensor) => readSlices(tensor, batch * heads, shape.length * headDim);
      return { shape, q: cut(tensors.q), k: cut(tensors.k), v: cut(tensors.v) };
    },
  };
}

type Dimensions = readonly [batch: number, heads: number, length: number, headDim: number];

function commonShape(path: string, { q, k, v }: CapturedTensors): Dimensions {
  const shape = fourDimensions(q);
  for (const [name, tensor] of Object.entries({ k, v })) {
    const other = fourDimensions(tensor);
    if (shape.every((dimension, index) => dimension === other[index])) continue;
    throw new UsageError(
      `${printable(path)}: q, k and v must have one shape, got q [${shape.join(", ")}] and ${name} [${other.join(", ")}]; ` +
        remedy(shape, other),
    );
  }
  return shape;
}

function remedy(q: Dimensions, other: Dimensions): string {
  const [batch, heads, length, headDim] = q.map((dimension, index) => dimension === other[index]);
  const repeats = q[1] / other[1];
  if (!heads && batch && length && headDim && Number.isInteger(repeats)) {
    return `with grouped queries, repeat the heads: k.repeat_interleave(${repeats}, dim=1), and v alike`;
  }
  if (!length && batch && heads && headDim)
    return "queries and keys must be the same tokens: capture self-attention";
  return "capture all three in one call of one layer";
}

function fourDimensions({ label, shape }: StoredTensor): Dimensions {
  const [batch, heads, length, headDim] = shape;
  if (!(shape.length === 4 && shape.every((dimension) => dimension >= 1))) {
    const advice = shape.length < 4 ? "; add what is missing with .unsqueeze(0)" : "";
    throw new UsageError(
      `${label} must be [batch, heads, length, head_dim], four positive dimensions, got [${shape.join(", ")}]${advice}`,
    );
  }
  return [batch, heads, length, headDim];
}

function checkFits(path: string, captured: Shape, asked: Shape): void {
  for (const name of ["batch", "heads", "headDim"] as const) {
    if (asked[name] !== captured[name]) {
      throw new UsageError(
        `${printable(path)}: ${name} must be ${captured[name]} as captured, got ${asked[name]}; leave it out`,
      );
    }
  }
  if (!(asked.length <= captured.length)) {
    throw new UsageError(
      `${printable(path)}: length must be at most ${captured.length} as captured, got ${asked.length}; ask for less or capture more`,
    );
  }
}
