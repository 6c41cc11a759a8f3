import { closeSync, fstatSync, ftruncateSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { FailureError } from "../../core/errors.ts";
import { safetensorsHead } from "../../files/safetensors-bytes.ts";
import type { PrivateFolders } from "./private-folder.ts";

/** How numbers lie in such a file: float32 as they are, and what is narrower by its leading bits. */
export type Stored = "F32" | "F16" | "BF16" | "I64";

const BYTES: Readonly<Record<Stored, number>> = { F32: 4, F16: 2, BF16: 2, I64: 8 };

/** One tensor of it: its sizes, and numbers that fill them. */
export interface Held {
  readonly name: string;
  readonly sizes: readonly number[];
  readonly values: Float32Array | BigInt64Array;
}

/** Bytes that are written or read at a time. */
const CHUNK_BYTES = 2 ** 26;

/**
 * A safetensors file that another process maps or reads. Its header and its size never change; its numbers are written
 * again and again, and read where the other process writes them.
 */
export class TensorFile {
  readonly path: string;
  readonly #file: number;
  readonly #bytes: number;
  readonly #places = new Map<string, { readonly at: number; readonly stored: Stored }>();

  /** Throws what the system throws if it cannot be written. */
  constructor(
    folders: PrivateFolders,
    name: string,
    dtype: Exclude<Stored, "I64">,
    tensors: readonly Held[],
  ) {
    const stored = tensors.map(({ name: tensor, sizes, values }) => {
      const as: Stored = values instanceof Float32Array ? dtype : "I64";
      return { name: tensor, dtype: as, sizes, bytes: values.length * BYTES[as] };
    });
    const head = safetensorsHead(stored);
    let at = head.length;
    for (const { name: tensor, dtype: as, bytes } of stored) {
      this.#places.set(tensor, { at, stored: as });
      at += bytes;
    }
    this.#bytes = at;
    this.path = folders.pathFor(name, at);
    this.#file = openSync(this.path, "wx+", 0o600);
    try {
      ftruncateSync(this.#file, at);
      writeAll(this.#file, head, 0);
      for (const { name: tensor, values } of tensors) this.write(tensor, values);
    } catch (thrown) {
      this.close();
      throw thrown;
    }
  }

  /** Writes a tensor's numbers again. */
  write(name: string, values: Float32Array | BigInt64Array): void {
    const { at, stored } = this.#place(name);
    if (stored === "F32" || stored === "I64") {
      writeAll(this.#file, new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
      return;
    }
    const count = CHUNK_BYTES / BYTES[stored];
    for (let from = 0; from < values.length; from += count) {
      const chunk = narrowed(stored, values.subarray(from, from + count) as Float32Array);
      writeAll(this.#file, new Uint8Array(chunk.buffer, 0, chunk.byteLength), at + from * BYTES[stored]);
    }
  }

  /** Reads a tensor's numbers as float32. Throws a FailureError if the other process made the file another size. */
  read(name: string, to: Float32Array): void {
    const { at, stored } = this.#place(name);
    const { size } = fstatSync(this.#file);
    if (size !== this.#bytes) {
      throw new FailureError(`its output's file must stay ${this.#bytes} bytes, got ${size}`);
    }
    if (stored === "F32") {
      readAll(this.#file, new Uint8Array(to.buffer, to.byteOffset, to.byteLength), at);
      return;
    }
    const count = CHUNK_BYTES / BYTES[stored];
    for (let from = 0; from < to.length; from += count) {
      const part = to.subarray(from, from + count);
      const bytes = new Uint8Array(part.length * BYTES[stored]);
      readAll(this.#file, bytes, at + from * BYTES[stored]);
      widen(stored, bytes, part);
    }
  }

  /** Closes and removes it. */
  close(): void {
    closeSync(this.#file);
    rmSync(this.path, { force: true });
  }

  #place(name: string): { readonly at: number; readonly stored: Stored } {
    const place = this.#places.get(name);
    if (place === undefined) throw new RangeError(`tensor-file: holds no tensor ${name}`);
    return place;
  }
}

/** Numbers that have the precision already: nothing is rounded but what another has made too precise. */
function narrowed(stored: Stored, values: Float32Array): Float16Array | Uint16Array {
  if (stored === "F16") return new Float16Array(values);
  const bits = new Uint32Array(values.slice().buffer);
  return Uint16Array.from(bits, (word) => word >>> 16);
}

function widen(stored: Stored, bytes: Uint8Array<ArrayBuffer>, to: Float32Array): void {
  if (stored === "F16") {
    to.set(new Float16Array(bytes.buffer));
    return;
  }
  const words = new Uint16Array(bytes.buffer);
  const bits = new Uint32Array(to.buffer, to.byteOffset, to.length);
  for (let at = 0; at < words.length; at++) bits[at] = words[at] << 16;
}

function writeAll(file: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(file, bytes, done, Math.min(CHUNK_BYTES, bytes.length - done), position + done);
  }
}

function readAll(file: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; ) {
    const read = readSync(file, bytes, done, Math.min(CHUNK_BYTES, bytes.length - done), position + done);
    if (read === 0) throw new FailureError("its output's file ended early");
    done += read;
  }
}
