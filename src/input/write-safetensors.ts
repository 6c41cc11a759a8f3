import { FLOAT_BYTES } from "../core/shape.ts";
import { replaceFileWith } from "../files/replace-file.ts";
import { LENGTH_BYTES } from "./safetensors.ts";
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
  const entries: [string, unknown][] = [[METADATA_KEY, metadata]];
  let begin = 0;
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    if (name === METADATA_KEY || product(shape) !== data.length) {
      throw new RangeError(
        `writeSafetensors: '${name}' must have ${product(shape)} elements and a name of its own, got ${data.length}`,
      );
    }
    const end = begin + data.length * FLOAT_BYTES;
    entries.push([name, { dtype: "F32", shape, data_offsets: [begin, end] }]);
    begin = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  // Spaces at its end bring the header to a multiple of 8, so that every tensor is aligned.
  const bytes = new Uint8Array(LENGTH_BYTES + Math.ceil(json.length / 8) * 8).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(bytes.length - LENGTH_BYTES), true);
  bytes.set(json, LENGTH_BYTES);
  return bytes;
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
