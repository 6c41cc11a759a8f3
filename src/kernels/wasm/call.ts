import {
  elementCount,
  FLOAT_BYTES,
  kvHeadOf,
  layoutOf,
  type Shape,
  type TensorName,
} from "../../core/shape.ts";
import type { AttentionInputs } from "../../core/tensors.ts";
import { Arena, lines, type Region } from "./arena.ts";
import { CALL, LANE } from "./layout.ts";

/**
 * Lays out one call's scratch before there is memory for it: places count from the beginning of the region.
 */
export class ScratchPlan {
  #end = 0;

  /**
   * A place for `count` words, and a line beyond them, so that whole vectors may be read and written at the
   * end.
   */
  words(count: number): number {
    const start = this.#end;
    this.#end = lines(start + count * FLOAT_BYTES) + (count > 0 ? lines(1) : 0);
    return start;
  }

  get bytes(): number {
    return this.#end;
  }
}

/** Items `from … to` of a call, in bytes: they may run in any order, but after all of the phase before. */
export interface Phase {
  readonly from: number;
  readonly to: number;
}

export type CallWords = Partial<Record<keyof typeof CALL, number>>;
/** Words that are float32 numbers. */
export type FloatWord = "factor" | "rowNumber" | "mapFactor" | "weightFactor";
export type LaneWords = Partial<Record<keyof typeof LANE, number>>;

/** Where a tensor begins, how many heads it has, and bytes of one of them. */
interface Heads {
  readonly start: number;
  readonly heads: number;
  readonly bytes: number;
}

/**
 * One prepared call: its words, its lanes, its scratch, and the tensors, copied in if they are not in an
 * arena.
 */
export class Call {
  readonly arena: Arena;
  /** Where the words of the call begin, and those of each lane. */
  readonly at: number;
  readonly lanes: readonly number[];
  readonly output: Float32Array;
  /** Where q, k and v are read, if not in place: for the `Runnable`. */
  readonly copied: { inputs?: () => AttentionInputs } = {};
  /** Bytes beyond q, k, v and out. */
  readonly workspaceBytes: number;
  readonly #words: Int32Array;
  readonly #shape: Shape;
  readonly #tensors: Readonly<Record<TensorName, Heads>>;
  readonly #region: Region;

  /** `lanes` hold places within `plan`. */
  constructor(plan: ScratchPlan, inputs: AttentionInputs, output: Float32Array, lanes: readonly LaneWords[]) {
    const { shape } = inputs;
    const callAt = plan.words(Object.keys(CALL).length);
    const lanesAt = lanes.map(() => plan.words(Object.keys(LANE).length));
    const home = homeOf(inputs, output);
    this.arena = home ?? new Arena();
    const tensors = home === undefined ? this.arena.tensors(shape) : { ...inputs, output };
    if (home === undefined) {
      for (const name of ["q", "k", "v"] as const) tensors[name].set(inputs[name]);
      // What belongs to the layer is read where it is.
      const copies = { ...inputs, q: tensors.q, k: tensors.k, v: tensors.v };
      this.copied = { inputs: () => copies };
    }
    this.output = tensors.output;
    this.#shape = shape;
    const headsOf = (name: TensorName): Heads => {
      const { heads, rows, width } = layoutOf(shape, name);
      return { start: tensors[name].byteOffset, heads, bytes: rows * width * FLOAT_BYTES };
    };
    this.#tensors = { q: headsOf("q"), k: headsOf("k"), v: headsOf("v"), output: headsOf("output") };
    this.#region = this.arena.reserve(plan.bytes);
    this.workspaceBytes = plan.bytes;
    this.at = this.place(callAt);
    this.lanes = lanesAt.map((place) => this.place(place));
    this.#words = this.arena.integers(this.at, Object.keys(CALL).length);
    for (const [index, lane] of lanes.entries()) this.#writeLane(this.lanes[index], lane);
  }

  /** The address of a place of the plan. */
  place(planned: number): number {
    return this.#region.start + planned;
  }

  /** Writes words of the call: numbers as they are. */
  set(words: CallWords): void {
    for (const [name, value] of Object.entries(words)) this.#words[CALL[name as keyof typeof CALL]] = value;
  }

  /** Writes a word that is a float32 number. */
  setFloat(name: FloatWord, value: number): void {
    this.arena.floats(this.at, CALL[name] + 1)[CALL[name]] = value;
  }

  /** Copies words into a place of the plan. */
  copy(planned: number, words: Int32Array | Uint32Array): void {
    this.arena.integers(this.place(planned), words.length).set(words);
  }

  /** The phases of items that were copied to a place of the plan; `ends` are in words. */
  phases(planned: number, ends: readonly number[]): Phase[] {
    const at = (words: number): number => this.place(planned) + words * FLOAT_BYTES;
    return ends.map((end, phase) => ({ from: at(ends[phase - 1] ?? 0), to: at(end) }));
  }

  /** Points the call at one head of q and of the output, and at the head of k and v that it reads. */
  pointAt(batch: number, head: number): void {
    this.set({ ...this.placesOf(batch, head), out: this.startOf("output", batch, head) });
  }

  /** Where one head of q begins, and the head of k and v that it reads. */
  placesOf(batch: number, head: number): Record<"q" | "k" | "v", number> {
    const [q, k, v] = (["q", "k", "v"] as const).map((name) => this.startOf(name, batch, head));
    return { q, k, v };
  }

  /** Where a head of q, of k and v as that head reads them, or of the output begins. */
  startOf(name: TensorName, batch: number, head: number): number {
    const own = name === "k" || name === "v" ? kvHeadOf(this.#shape, head) : head;
    return startOf(this.#tensors[name], batch, own);
  }

  dispose(): void {
    this.arena.release(this.#region);
  }

  #writeLane(at: number, lane: LaneWords): void {
    const words = this.arena.integers(at, Object.keys(LANE).length);
    for (const [name, planned] of Object.entries(lane))
      words[LANE[name as keyof typeof LANE]] = this.place(planned);
  }
}

/** The arena in which the tensors of a call lie; undefined if it has to copy them into one. */
export function homeOf(inputs: AttentionInputs, output: Float32Array): Arena | undefined {
  return output.length === elementCount(inputs.shape, "output")
    ? Arena.of([inputs.q, inputs.k, inputs.v, output])
    : undefined;
}

function startOf({ start, heads, bytes }: Heads, batch: number, head: number): number {
  return start + (batch * heads + head) * bytes;
}
