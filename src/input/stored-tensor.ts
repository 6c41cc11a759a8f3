import { UsageError } from "../core/errors.ts";
import { MAX_ELEMENTS } from "../core/shape.ts";
import { withFile } from "../files/readable-file.ts";
import { decodeFloats, type FloatFormat, FORMAT_BYTES } from "./float-formats.ts";

/** A tensor in a file: row-major, contiguous, its place already checked against the file's size. */
export interface StoredTensor {
  readonly path: string;
  /** For messages, safe to print, such as `layer3.safetensors: q`. */
  readonly label: string;
  readonly format: FloatFormat;
  readonly shape: readonly number[];
  /** Bytes from the start of the file to the first element. */
  readonly offset: number;
}

/** Bytes read at a time; a multiple of every element's size. */
const CHUNK_BYTES = 1 << 20;

/** The whole tensor as float32. */
export function readTensor(tensor: StoredTensor): Float32Array {
  return readSlices(tensor, 1, product(tensor.shape));
}

/**
 * Cuts the tensor into `slices` equal parts and gives the first `take` elements of each, one after the other. Only
 * those are read from the file.
 */
export function readSlices(tensor: StoredTensor, slices: number, take: number): Float32Array {
  if (!(slices * take <= MAX_ELEMENTS)) {
    throw new UsageError(
      `${tensor.label}: at most ${MAX_ELEMENTS} elements can be read at once, got ${slices * take}; ask for fewer`,
    );
  }
  const width = FORMAT_BYTES[tensor.format];
  const sliceBytes = (product(tensor.shape) / slices) * width;
  const values = new Float32Array(slices * take);
  const chunk = new Uint8Array(Math.min(CHUNK_BYTES, take * width));
  withFile(tensor.path, (file) => {
    for (let slice = 0; slice < slices; slice++) {
      const start = tensor.offset + slice * sliceBytes;
      for (let done = 0; done < take; ) {
        const count = Math.min(take - done, chunk.length / width);
        file.read(start + done * width, chunk.subarray(0, count * width));
        const first = slice * take + done;
        decodeFloats(tensor.format, new DataView(chunk.buffer), values.subarray(first, first + count));
        done += count;
      }
    }
  });
  return values;
}

/** Elements of a tensor of this shape; 1 for a scalar. Not a safe integer if the shape is absurd. */
export function product(shape: readonly number[]): number {
  if (shape.includes(0)) return 0;
  return shape.reduce((elements, dimension) => elements * dimension, 1);
}
