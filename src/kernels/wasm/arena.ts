import { elementCount, FLOAT_BYTES, type Shape, TENSORS } from "../../core/shape.ts";
import { limitAdvice } from "../address-space.ts";
import { type CallTensors, GUARD } from "../kernel.ts";
import { type Build, type Exports, instantiate } from "./build.ts";

/** Alignment of every region, in bytes: a cache line. */
const LINE = 64;
const PAGE = 65_536;
/** What 32-bit pointers reach. */
const MOST_PAGES = 65_536;
/** Kept free beyond a region's end, so that whole vectors may be read and written there. */
const OVERRUN = LINE;

/**
 * One memory, in which tensors and the scratch of calls on them are laid out. It is shared, which costs
 * nothing: it grows without invalidating the views on it, and threads can read it.
 */
export class Arena {
  /** Arenas by their buffers. */
  static readonly #arenas = new WeakMap<ArrayBufferLike, Arena>();

  readonly memory: WebAssembly.Memory;
  #end = LINE;
  #free: Region[] = [];
  readonly #instances = new Map<Build, Exports>();

  constructor() {
    this.memory = orSayWhy(() => new WebAssembly.Memory({ initial: 1, maximum: MOST_PAGES, shared: true }));
  }

  /** The arena in which all of these arrays lie; undefined if there is none. */
  static of(arrays: readonly Float32Array[]): Arena | undefined {
    const [first, ...others] = arrays.map(({ buffer }) => Arena.#arenas.get(buffer));
    return others.every((other) => other === first) ? first : undefined;
  }

  /** q, k, v and out of a shape, with room for canaries. */
  tensors(shape: Shape): CallTensors {
    const counts = TENSORS.map((name) => elementCount(shape, name));
    const sizes = counts.map((count) => lines((count + 2 * GUARD) * FLOAT_BYTES));
    let start = this.reserve(sizes.reduce((sum, bytes) => sum + bytes)).start + GUARD * FLOAT_BYTES;
    const [q, k, v, output] = counts.map((count, index) => {
      const tensor = this.floats(start, count);
      start += sizes[index];
      return tensor;
    });
    return { q, k, v, output, allocate: (more) => this.floats(this.reserve(more * FLOAT_BYTES).start, more) };
  }

  /** A region of its own, which begins on a line. It keeps whatever was there before. */
  reserve(size: number): Region {
    const bytes = lines(size + OVERRUN);
    const at = this.#free.findIndex((region) => region.bytes >= bytes);
    if (at >= 0) {
      const [{ start, bytes: found }] = this.#free.splice(at, 1);
      if (found > bytes) this.#free.push({ start: start + bytes, bytes: found - bytes });
      return { start, bytes };
    }
    const start = this.#end;
    this.#grow(start + bytes);
    this.#end = start + bytes;
    return { start, bytes };
  }

  /** Gives a region back. */
  release({ start, bytes }: Region): void {
    const before = this.#free.find((region) => region.start + region.bytes === start);
    const after = this.#free.find((region) => start + bytes === region.start);
    this.#free = this.#free.filter((region) => region !== before && region !== after);
    const whole = {
      start: before?.start ?? start,
      bytes: (before?.bytes ?? 0) + bytes + (after?.bytes ?? 0),
    };
    if (whole.start + whole.bytes === this.#end) this.#end = whole.start;
    else this.#free.push(whole);
  }

  floats(start: number, count: number): Float32Array {
    return new Float32Array(this.memory.buffer, start, count);
  }

  integers(start: number, count: number): Int32Array {
    return new Int32Array(this.memory.buffer, start, count);
  }

  doubles(start: number, count: number): Float64Array {
    return new Float64Array(this.memory.buffer, start, count);
  }

  /** The instance of a build over this memory, made once. */
  instance(build: Build): Exports {
    let instance = this.#instances.get(build);
    if (instance === undefined) {
      instance = instantiate(build, this.memory);
      this.#instances.set(build, instance);
    }
    return instance;
  }

  #grow(end: number): void {
    if (!(end <= MOST_PAGES * PAGE)) {
      throw new RangeError(`wasm: a call must fit into ${MOST_PAGES * PAGE} bytes of memory, got ${end}`);
    }
    const missing = Math.ceil((end - this.memory.buffer.byteLength) / PAGE);
    if (missing > 0) orSayWhy(() => this.memory.grow(missing));
    // A memory that has grown has a new buffer; views on earlier ones remain valid.
    Arena.#arenas.set(this.memory.buffer, this);
  }
}

/** Does what may fail for lack of memory, and then says what is known about the reason. */
function orSayWhy<T>(take: () => T): T {
  try {
    return take();
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    throw new RangeError(`${thrown.message}${limitAdvice()}`);
  }
}

/** Bytes `start … start + bytes - 1` of an arena. */
export interface Region {
  readonly start: number;
  readonly bytes: number;
}

/** Bytes rounded up to whole lines. */
export function lines(bytes: number): number {
  return Math.ceil(bytes / LINE) * LINE;
}
