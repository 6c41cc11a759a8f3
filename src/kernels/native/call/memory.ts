import type { Ffi } from "./ffi.ts";

/** Alignment of every region, in bytes: a cache line, and a vector. */
const LINE = 64;
/** A whole memory begins on a page. */
const PAGE = 4096;

/** Memory that machine code reads and writes. What lies in it is seen through views of its own size. */
export interface Region {
  readonly address: bigint;
  readonly bytes: number;
  readonly floats: Float32Array;
  readonly integers: Int32Array;
  /** 64 bits each: addresses and counts. */
  readonly words: BigInt64Array;
}

/** Lays out regions one after the other, and makes them at once in one buffer, which is zero. */
export class MemoryPlan {
  #bytes = 0;
  #made: Made | null = null;

  /** Room for so many bytes; asked again once it is made, it says where that is. */
  reserve(bytes: number): () => Region {
    if (!(Number.isSafeInteger(bytes) && bytes >= 0)) {
      throw new RangeError(`a region must have a whole number of bytes, got ${bytes}`);
    }
    const start = this.#bytes;
    this.#bytes += roundUp(bytes, LINE);
    const whole = roundUp(bytes, 8);
    return () => {
      if (this.#made === null) throw new TypeError("memory must be made before a region is asked for");
      const { buffer, offset, address } = this.#made;
      const from = offset + start;
      return {
        address: address + BigInt(start),
        bytes,
        floats: new Float32Array(buffer, from, whole / 4),
        integers: new Int32Array(buffer, from, whole / 4),
        words: new BigInt64Array(buffer, from, whole / 8),
      };
    };
  }

  /** Bytes of all regions. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Makes the memory: shared, so that threads see it. It lives as long as any view of it. */
  make(ffi: Ffi): void {
    const buffer = new SharedArrayBuffer(this.#bytes + PAGE);
    const first = ffi.getRawPointer(buffer);
    const address = (first + BigInt(PAGE - 1)) & ~BigInt(PAGE - 1);
    this.#made = { buffer, offset: Number(address - first), address };
  }
}

interface Made {
  readonly buffer: SharedArrayBuffer;
  readonly offset: number;
  readonly address: bigint;
}

/**
 * The address of `count` floats of an array from `from` on. Throws a RangeError if they are not all within the
 * array, and a TypeError if its buffer is detached: no other address of an array reaches machine code.
 */
export function addressOf(ffi: Ffi, array: Float32Array, from: number, count: number): bigint {
  if (!(Number.isSafeInteger(from) && Number.isSafeInteger(count) && from >= 0 && count >= 0)) {
    throw new RangeError(`floats ${from} to ${from + count} must be a range`);
  }
  // Its own properties may say anything: these are what it is.
  if (tagOf(array) !== "Float32Array") throw new TypeError("an array of floats must be a Float32Array");
  const length = lengthOf(array);
  if (!(from + count <= length)) {
    throw new RangeError(`floats ${from} to ${from + count} must be within an array of ${length}`);
  }
  return ffi.getRawPointer(array) + BigInt(from * Float32Array.BYTES_PER_ELEMENT);
}

const typedArray: object = Object.getPrototypeOf(Float32Array.prototype);
const tagOf = getterOf<string | undefined>(Symbol.toStringTag);
const lengthOf = getterOf<number>("length");

/** What typed arrays answer by themselves, whatever properties one was given. */
function getterOf<T>(name: string | symbol): (of: unknown) => T {
  const get = Object.getOwnPropertyDescriptor(typedArray, name)?.get;
  if (get === undefined) throw new TypeError(`typed arrays must have ${String(name)}`);
  return (of) => Reflect.apply(get, of, []);
}

function roundUp(bytes: number, to: number): number {
  return Math.ceil(bytes / to) * to;
}
