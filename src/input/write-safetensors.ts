import { FLOAT_BYTES } from "../core/shape.ts";
import { replaceFileWith } from "../files/replace-file.ts";
import { safetensorsHead } from "../files/safetensors-bytes.ts";
import { METADATA_KEY } from "./safetensors-header.ts";
import { product } from "./stored-tensor.ts";

/** A tensor in memory: float32, row-major. */
export interface FloatTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Bytes written at a time. */
const CHUNK_BYTES = 1 << 20;

/**
 * Writes the tensors as F32, completely or not at all: to a file next to `path`, which replaces it once it is
 * safe on disk. An existing file is replaced. Throws a FailureError if it cannot be written, a UsageError if
 * `path` cannot be a file.
 */
export function writeSafetensors(
  path: string,
  tensors: Readonly<Record<string, FloatTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): void {
  const header = encodeHeader(tensors, metadata);
  replaceFileWith(path, (write) => {
    write(header);
    for (const { data } of Object.values(tensors)) writeFloats(write, data);
  });
}

function encodeHeader(
  tensors: Readonly<Record<string, FloatTensor>>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    if (name === METADATA_KEY || product(shape) !== data.length) {
      throw new RangeError(
        `writeSafetensors: '${name}' must have ${product(shape)} elements and a name of its own, got ${data.length}`,
      );
    }
  }
  const stored = Object.entries(tensors).map(([name, { shape, data }]) => {
    return { name, dtype: "F32", sizes: shape, bytes: data.length * FLOAT_BYTES };
  });
  return safetensorsHead(stored, metadata);
}

function writeFloats(write: (bytes: Uint8Array) => void, data: Float32Array): void {
  const chunk = new Uint8Array(Math.min(CHUNK_BYTES, data.length * FLOAT_BYTES));
  const view = new DataView(chunk.buffer);
  for (let done = 0; done < data.length; ) {
    const count = Math.min(data.length - done, chunk.length / FLOAT_BYTES);
    for (let index = 0; index < count; index++)
      view.setFloat32(index * FLOAT_BYTES, data[done + index], true);
    write(chunk.subarray(0, count * FLOAT_BYTES));
    done += count;
  }
}
