import { elementCount, FLOAT_BYTES, rowOffset, type Shape } from "../../core/shape.ts";
import type { AttentionInputs } from "../../core/tensors.ts";
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

  /** Reserves q, k, v and out of `count` floats each, with room for canaries on both sides. */
  tensors(count: number): TensorPlaces {
    const tensor = (): number => {
      this.words(GUARD);
      const start = this.words(count);
      this.words(GUARD);
      return start;
    };
    return { q: tensor(), k: tensor(), v: tensor(), out: tensor() };
  }

  get bytes(): number {
    return this.#end;
  }

  /** Throws where 32-bit pointers do not reach its end. */
  allocate(): WebAssembly.Memory {
    if (!(this.#end <= MOST_BYTES)) {
      throw new RangeError(`wasm: a call must fit into ${MOST_BYTES} bytes of memory, got ${this.#end}`);
    }
    return new WebAssembly.Memory({ initial: Math.ceil(this.#end / PAGE) });
  }
}

/** Where the tensors of a call begin, in bytes. */
interface TensorPlaces {
  readonly q: number;
  readonly k: number;
  readonly v: number;
  readonly out: number;
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

/** One call's memory: its words, its regions, and its own copies of q, k and v. */
export class CallMemory {
  readonly memory: WebAssembly.Memory;
  /** The words of the call as integers, and as floats. */
  readonly words: Int32Array;
  readonly floats: Float32Array;
  readonly #tensors: TensorPlaces;
  readonly #shape: Shape;
  readonly #output: Float32Array;
  /** Bytes beyond q, k, v and out. */
  readonly workspaceBytes: number;

  /** Allocates what `plan` laid out, and copies the inputs into it. `call` is where the words begin. */
  constructor(plan: MemoryPlan, call: number, tensors: TensorPlaces, { shape, q, k, v }: AttentionInputs) {
    this.memory = plan.allocate();
    const { buffer } = this.memory;
    this.words = new Int32Array(buffer, call, CALL_WORDS);
    this.floats = new Float32Array(buffer, call, CALL_WORDS);
    this.#tensors = tensors;
    this.#shape = shape;
    this.#output = this.#tensor("out");
    this.workspaceBytes = plan.bytes - 4 * this.#output.byteLength;
    this.#tensor("q").set(q);
    this.#tensor("k").set(k);
    this.#tensor("v").set(v);
  }

  /** Writes words of the call. */
  set(values: Partial<Record<keyof typeof CALL, number>>): void {
    for (const [name, value] of Object.entries(values)) this.words[CALL[name as keyof typeof CALL]] = value;
  }

  copyWords(start: number, values: Int32Array | Uint32Array): void {
    new Int32Array(this.memory.buffer, start, values.length).set(values);
  }

  /** Points the call at one head. Returns where its values begin. */
  pointAt(batch: number, head: number): number {
    const { q, k, v, out } = this.#tensors;
    const base = rowOffset(this.#shape, batch, head, 0) * FLOAT_BYTES;
    this.words[CALL.q] = q + base;
    this.words[CALL.k] = k + base;
    this.words[CALL.v] = v + base;
    this.words[CALL.out] = out + base;
    return v + base;
  }

  inputs(): AttentionInputs {
    return { shape: this.#shape, q: this.#tensor("q"), k: this.#tensor("k"), v: this.#tensor("v") };
  }

  output(): Float32Array {
    return this.#output;
  }

  #tensor(name: keyof TensorPlaces): Float32Array {
    return new Float32Array(this.memory.buffer, this.#tensors[name], elementCount(this.#shape));
  }
}
