import { UsageError } from "../core/errors.ts";
import { MAX_ELEMENTS } from "../core/shape.ts";
import { type ReadableFile, withFile } from "../files/readable-file.ts";
import { ELEMENT_BYTES, type ElementFormat } from "./element-formats.ts";
import { decodeFloats, type FloatFormat } from "./float-formats.ts";

/**
 * Bytes that contain a tensor, such as a file, or a member of an archive. Open for as long as `use` reads.
 */
export type Content = <T>(use: (file: ReadableFile) => T) => T;

export function fileContent(path: string): Content {
  return (use) => withFile(path, use);
}

/** A tensor in a file: row-major, contiguous, its place already checked against the file's size. */
export interface StoredTensor<Format extends ElementFormat = FloatFormat> {
  readonly content: Content;
  /** For messages, safe to print, such as `layer3.safetensors: q`. */
  readonly label: string;
  readonly format: Format;
  readonly shape: readonly number[];
  /** Bytes from the start of the content to the first element. */
  readonly offset: number;
}

/** Bytes read at a time; a multiple of every element's size. */
const CHUNK_BYTES = 1 << 20;

/** The whole tensor as float32. */
export function readTensor(tensor: StoredTensor): Float32Array {
  return readSlices(tensor, 1, product(tensor.shape));
}

/** `count` elements from `from` on as float32; only those are read from the file. */
export function readElements(tensor: StoredTensor, from: number, count: number): Float32Array {
  refuseTooMany(tensor, count);
  const values = new Float32Array(count);
  readInto(tensor, from, values);
  return values;
}

/**
 * Cuts the tensor into `slices` equal parts and gives the first `take` elements of each, one after the other.
 * Only those are read from the file. Refuses what does not fit into float32, in which kernels compute.
 */
export function readSlices(tensor: StoredTensor, slices: number, take: number): Float32Array {
  refuseTooMany(tensor, slices * take);
  const values = new Float32Array(slices * take);
  const sliceElements = product(tensor.shape) / slices;
  for (let slice = 0; slice < slices; slice++) {
    readInto(tensor, slice * sliceElements, values.subarray(slice * take, (slice + 1) * take));
  }
  return values;
}

function refuseTooMany({ label }: StoredTensor, count: number): void {
  if (count <= MAX_ELEMENTS) return;
  throw new UsageError(
    `${label}: at most ${MAX_ELEMENTS} elements can be read at once, got ${count}; ask for fewer`,
  );
}

function readInto(tensor: StoredTensor, from: number, values: Float32Array): void {
  readRange(tensor, from, values.length, (bytes, done, count) => {
    const into = values.subarray(done, done + count);
    decodeFloats(tensor.format, bytes, into);
    if (tensor.format === "F64") refuseTooLarge(tensor, bytes, into, from + done);
  });
}

/**
 * Hands elements `from … from + count - 1` to `take`, some at a time: their bytes, how many came before, and
 * how many these are.
 */
export function readRange(
  { content, format, offset }: StoredTensor<ElementFormat>,
  from: number,
  count: number,
  take: (bytes: DataView, done: number, count: number) => void,
): void {
  const width = ELEMENT_BYTES[format];
  const chunk = new Uint8Array(Math.min(CHUNK_BYTES, count * width));
  content((file) => {
    for (let done = 0; done < count; ) {
      const many = Math.min(count - done, chunk.length / width);
      file.read(offset + (from + done) * width, chunk.subarray(0, many * width));
      take(new DataView(chunk.buffer, 0, many * width), done, many);
      done += many;
    }
  });
}

/** A finite float64 that became infinite is not what the model computed with. */
function refuseTooLarge(tensor: StoredTensor, bytes: DataView, values: Float32Array, first: number): void {
  for (let index = 0; index < values.length; index++) {
    if (Number.isFinite(values[index])) continue;
    const exact = bytes.getFloat64(index * 8, true);
    if (!Number.isFinite(exact)) continue;
    throw new UsageError(
      `${tensor.label} must be within the range of float32, in which kernels compute (±3.4e38), got ${exact} at ` +
        `[${placeOf(first + index, tensor.shape).join(", ")}]; it is finite, but too large: scale the tensors down`,
    );
  }
}

/** The indices of an element of a row-major tensor. */
export function placeOf(element: number, shape: readonly number[]): number[] {
  const place: number[] = [];
  let left = element;
  for (const dimension of shape.toReversed()) {
    place.unshift(left % dimension);
    left = Math.floor(left / dimension);
  }
  return place;
}

/** Elements of a tensor of this shape; 1 for a scalar. Not a safe integer if the shape is absurd. */
export function product(shape: readonly number[]): number {
  if (shape.includes(0)) return 0;
  return shape.reduce((elements, dimension) => elements * dimension, 1);
}
