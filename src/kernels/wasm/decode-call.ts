import type { Shape } from "../../core/shape.ts";
import type { Token } from "../stepper.ts";
import { Arena, type Region } from "./arena.ts";
import type { FloatWord, LaneWords, ScratchPlan } from "./call.ts";
import { CALL, LANE } from "./layout.ts";

/** The words of a call that decoding writes itself. */
type Words = Partial<
  Record<Exclude<keyof typeof CALL, "q" | "k" | "v" | "out" | "d" | "valueDim" | FloatWord>, number>
>;

/** One stepper's call: its words, its lane, its scratch, and room for tokens, in an arena of its own. */
export class DecodeCall {
  readonly arena = new Arena();
  /** Where the words of the call begin, and those of its lane. */
  readonly at: number;
  readonly lane: number;
  /**
   * Room for a token's queries, `[batch, heads, headDim]`, or for `tokens` rows of one head of them; and the same
   * for keys and values.
   */
  readonly q: Float32Array;
  readonly k: Float32Array;
  readonly v: Float32Array;
  readonly #region: Region;
  /** Arrays of the arena's, as long as a token's. */
  readonly #token: Token;
  readonly #words: Int32Array;

  /**
   * `lane` holds places within `plan`. Room is made for a token, and for `tokens` rows of one head at least.
   */
  constructor(
    plan: ScratchPlan,
    { batch, heads, kvHeads, headDim, valueDim }: Shape,
    tokens: number,
    lane: LaneWords,
    factor: number,
  ) {
    const slices = batch * heads;
    const rows = batch * kvHeads;
    const room = Math.max(rows, tokens);
    const planned = {
      q: plan.words(Math.max(slices, tokens) * headDim),
      k: plan.words(room * headDim),
      v: plan.words(room * valueDim),
      out: plan.words(slices * valueDim),
    };
    const callAt = plan.words(Object.keys(CALL).length);
    const laneAt = plan.words(Object.keys(LANE).length);
    this.#region = this.arena.reserve(plan.bytes);
    const floats = (place: number, size: number): Float32Array => this.arena.floats(this.place(place), size);
    this.q = floats(planned.q, Math.max(slices, tokens) * headDim);
    this.k = floats(planned.k, room * headDim);
    this.v = floats(planned.v, room * valueDim);
    this.#token = {
      q: floats(planned.q, slices * headDim),
      k: floats(planned.k, rows * headDim),
      v: floats(planned.v, rows * valueDim),
      out: floats(planned.out, slices * valueDim),
    };
    this.at = this.place(callAt);
    this.lane = this.place(laneAt);
    this.#words = this.arena.integers(this.at, Object.keys(CALL).length);
    for (const [name, place] of Object.entries(planned)) {
      this.#words[CALL[name as keyof typeof planned]] = this.place(place);
    }
    this.#words[CALL.d] = headDim;
    this.#words[CALL.valueDim] = valueDim;
    this.setFloat("factor", factor);
    const laneWords = this.arena.integers(this.lane, Object.keys(LANE).length);
    for (const [name, place] of Object.entries(lane))
      laneWords[LANE[name as keyof typeof LANE]] = this.place(place);
  }

  /** The address of a place of the plan. */
  place(planned: number): number {
    return this.#region.start + planned;
  }

  /** Writes words of the call. */
  set(words: Words): void {
    for (const [name, value] of Object.entries(words)) this.#words[CALL[name as keyof typeof CALL]] = value;
  }

  /** Writes a word that is a float32 number. */
  setFloat(name: FloatWord, value: number): void {
    this.arena.floats(this.at, CALL[name] + 1)[CALL[name]] = value;
  }

  /** Copies a token in. */
  put(token: Token): void {
    this.#token.q.set(token.q);
    this.#token.k.set(token.k);
    this.#token.v.set(token.v);
  }

  /** Copies its output out. */
  take(token: Token): void {
    token.out.set(this.#token.out);
  }

  dispose(): void {
    this.arena.release(this.#region);
  }
}
