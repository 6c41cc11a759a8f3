import { FLOAT_BYTES } from "../../core/shape.ts";
import { GUARD } from "../kernel.ts";

/** Alignment of every region, in bytes: a cache line. */
const LINE = 64;
const PAGE = 65_536;
/** What 32-bit pointers reach. */
const MOST_BYTES = 2 ** 32 - PAGE;

/** Lays out one call's memory: regions first, then the memory that holds them all. */
export class MemoryPlan {
  #end = LINE;

  /** Reserves `count` 32-bit words, and a line beyond them, so that whole vectors may be read and written at the end. */
  words(count: number): number {
    const start = this.#end;
    this.#end = Math.ceil((start + count * 4) / LINE) * LINE + LINE;
    return start;
  }

  /** Reserves a tensor with room on both sides for canaries. */
  tensor(count: number): number {
    this.words(GUARD);
    const start = this.words(count);
    this.words(GUARD);
    return start;
  }

  get bytes(): number {
    return this.#end;
  }

  /** Whether it fits into what a memory can hold. */
  get fits(): boolean {
    return this.#end <= MOST_BYTES;
  }

  allocate(): WebAssembly.Memory {
    return new WebAssembly.Memory({ initial: Math.ceil(this.#end / PAGE) });
  }
}

/** Views of a call's memory. */
export function viewsOf(memory: WebAssembly.Memory) {
  const { buffer } = memory;
  return {
    ints: new Int32Array(buffer),
    floats: new Float32Array(buffer),
    /** `count` floats from byte `start` on. */
    floatsAt: (start: number, count: number) => new Float32Array(buffer, start, count),
    copyFloats(start: number, values: Float32Array) {
      new Float32Array(buffer, start, values.length).set(values);
    },
    copyInts(start: number, values: Int32Array | Uint32Array) {
      new Int32Array(buffer, start, values.length).set(values);
    },
  };
}

/** Words of a call, as `assembly/call.ts` reads them. */
export const CALL = {
  tasks: 0,
  tasksEnd: 1,
  masks: 2,
  q: 3,
  k: 4,
  v: 5,
  out: 6,
  length: 7,
  d: 8,
  width: 9,
  factor: 10,
  queries: 11,
  keys: 12,
  values: 13,
  scores: 14,
  output: 15,
  maximum: 16,
  total: 17,
  keptMaximum: 18,
  keptTotal: 19,
  keptOutput: 20,
  scratch: 21,
  finite: 22,
  state: 23,
  causal: 24,
} as const;
export const CALL_WORDS = 25;

/** Bytes of q, k, v and out: what a workspace does not count. */
export function tensorBytes(count: number): number {
  return 4 * count * FLOAT_BYTES;
}
