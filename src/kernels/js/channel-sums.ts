/**
 * `Σ_j e^{l_j - m} v_j` and `Σ_j e^{l_j - m}` of one head, channel by channel, m being the largest of the logits l of the
 * channel: what an attention-free transformer carries from token to token. Milakov and Gimelshein 2018, arXiv
 * 1805.02867, for the running maximum.
 */
export class ChannelSums {
  readonly largest: Float64Array;
  readonly weighted: Float64Array;
  readonly total: Float64Array;
  /** A logit, and what is relative to it: V8 keeps fractions that are passed to a function on the heap. */
  readonly #given = new Float64Array(3);

  constructor(channels: number) {
    this.largest = new Float64Array(channels);
    this.weighted = new Float64Array(channels);
    this.total = new Float64Array(channels);
    this.clear();
  }

  get bytes(): number {
    return 3 * this.largest.byteLength;
  }

  clear(): void {
    // Not -∞: a key of -∞ weighs nothing, even if it is the first.
    this.largest.fill(-Number.MAX_VALUE);
    this.weighted.fill(0);
    this.total.fill(0);
  }

  copyFrom(other: ChannelSums): void {
    this.largest.set(other.largest);
    this.weighted.set(other.weighted);
    this.total.set(other.total);
  }

  /** Adds the key and the value that begin at a place, with something added to the key in every channel. */
  addKey(k: Float32Array, v: Float32Array, at: number, bias: number): void {
    const channels = this.largest.length;
    for (let c = 0; c < channels; c++) {
      this.#given[0] = k[at + c] + bias;
      this.#given[1] = v[at + c];
      this.#given[2] = 1;
      this.#join(c);
    }
  }

  /**
   * The same, where what is added to the key is a number of an array: V8 keeps fractions that are passed to a function
   * on the heap, unless it inlines it.
   */
  addBiasedKey(k: Float32Array, v: Float32Array, at: number, biases: Float64Array, index: number): void {
    const channels = this.largest.length;
    for (let c = 0; c < channels; c++) {
      this.#given[0] = k[at + c] + biases[index];
      this.#given[1] = v[at + c];
      this.#given[2] = 1;
      this.#join(c);
    }
  }

  /** Adds what other keys sum up to. */
  add(other: ChannelSums): void {
    const channels = this.largest.length;
    for (let c = 0; c < channels; c++) {
      if (other.total[c] !== 0 || other.weighted[c] !== 0)
        this.addTo(c, other.largest[c], other.weighted[c], other.total[c]);
    }
  }

  /** The same of one channel: `weighted` and `total` are relative to a logit. */
  addTo(channel: number, logit: number, weighted: number, total: number): void {
    this.#given[0] = logit;
    this.#given[1] = weighted;
    this.#given[2] = total;
    this.#join(channel);
  }

  /** Writes `σ(q) ⊙ weighted / total`, for the query that begins at a place. */
  write(q: Float32Array, at: number, out: Float32Array): void {
    const channels = this.largest.length;
    for (let c = 0; c < channels; c++) {
      const x = q[at + c];
      const small = Math.exp(-Math.abs(x));
      const gate = (x >= 0 ? 1 : small) / (1 + small);
      out[at + c] = (gate * this.weighted[c]) / this.total[c];
    }
  }

  /** Joins what `#given` holds to a channel. */
  #join(c: number): void {
    const given = this.#given;
    const logit = given[0];
    const weighted = given[1];
    const total = given[2];
    const largest = this.largest[c];
    if (logit > largest) {
      const factor = Math.exp(largest - logit);
      this.largest[c] = logit;
      this.weighted[c] = this.weighted[c] * factor + weighted;
      // A key of ∞ has no weight: ∞ less ∞ is NaN.
      this.total[c] = this.total[c] * factor + total + (logit - logit);
    } else {
      const factor = Math.exp(logit - largest);
      this.weighted[c] += factor * weighted;
      this.total[c] += factor * total;
    }
  }
}
