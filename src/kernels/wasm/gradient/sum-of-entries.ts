import type { Call, ScratchPlan } from "../call.ts";

/**
 * The gradient of what all batch entries share, `[heads, …]`: that of the first is written where it is to be, and those of others
 * to scratch, from which they are added, in the order of the entries.
 */
export class SumOfEntries {
  readonly #to: Float32Array;
  readonly #count: number;
  readonly #planned: number | null;
  #scratch: Float32Array | null = null;

  constructor(
    to: Float32Array,
    { heads, entries }: { readonly heads: number; readonly entries: number },
    plan: ScratchPlan,
  ) {
    this.#to = to;
    this.#count = to.length / heads;
    this.#planned = entries > 1 ? plan.words(this.#count) : null;
  }

  /** Once there is memory. */
  place(call: Call): void {
    if (this.#planned !== null) this.#scratch = call.arena.floats(call.place(this.#planned), this.#count);
  }

  /** The address to which a head's is to be written. */
  at(entry: number, head: number): number {
    return this.#from(entry, head).byteOffset;
  }

  /** Takes what has been written. */
  take(entry: number, head: number): void {
    if (entry === 0) return;
    const from = this.#from(entry, head);
    const to = head * this.#count;
    for (let i = 0; i < from.length; i++) this.#to[to + i] += from[i];
  }

  #from(entry: number, head: number): Float32Array {
    if (entry === 0) return this.#to.subarray(head * this.#count, (head + 1) * this.#count);
    if (this.#scratch === null) throw new TypeError("gradient: there must be room for another batch entry");
    return this.#scratch;
  }
}
