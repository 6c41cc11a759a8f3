/**
 * The rows of a decoding schedule, each a list of pieces, in one array of 32-bit words: the number of pieces,
 * then each piece's first slot, slot step and count. The count of the last piece is stored separately, by
 * row, so that rows that differ only in it are stored once: a row of full attention is the previous one with
 * one more key.
 */
export class RowTable {
  /** For each row where in `words` its pieces are, and how many keys the last of them has. */
  readonly rowAt: Int32Array;
  readonly lastCount: Int32Array;
  #words = new Int32Array(1024);
  #end = 0;
  /** Open addressing: where the pieces begin that hash to this place, or -1. */
  #places = new Int32Array(1024).fill(-1);
  #stored = 0;

  constructor(rows: number) {
    this.rowAt = new Int32Array(rows);
    this.lastCount = new Int32Array(rows);
  }

  get words(): Int32Array {
    return this.#words.slice(0, this.#end);
  }

  /** Sets a row to these pieces, three numbers each. */
  set(row: number, pieces: readonly number[]): void {
    const count = pieces.length / 3;
    const size = Math.max(1, pieces.length);
    while (this.#end + size > this.#words.length) this.#words = grown(this.#words);
    // Written at the end, and left there if it is new.
    this.#words[this.#end] = count;
    for (let at = 0; at < pieces.length - 1; at++) this.#words[this.#end + 1 + at] = pieces[at];
    this.lastCount[row] = count === 0 ? 0 : pieces[pieces.length - 1];
    let place = this.#hash(this.#end, size);
    while (this.#places[place] >= 0 && !this.#same(this.#places[place], size)) {
      place = (place + 1) & (this.#places.length - 1);
    }
    if (this.#places[place] >= 0) {
      this.rowAt[row] = this.#places[place];
      return;
    }
    this.rowAt[row] = this.#end;
    this.#places[place] = this.#end;
    this.#end += size;
    this.#stored++;
    if (2 * this.#stored > this.#places.length) this.#rehash();
  }

  #same(at: number, size: number): boolean {
    for (let word = 0; word < size; word++) {
      if (this.#words[at + word] !== this.#words[this.#end + word]) return false;
    }
    return true;
  }

  /** FNV-1a by words, and its upper bits folded in. */
  #hash(at: number, size: number): number {
    let hash = 0x811c9dc5;
    for (let word = 0; word < size; word++) hash = Math.imul(hash ^ this.#words[at + word], 0x01000193);
    return (hash ^ (hash >>> 15)) & (this.#places.length - 1);
  }

  #rehash(): void {
    this.#places = new Int32Array(2 * this.#places.length).fill(-1);
    for (let at = 0; at < this.#end; ) {
      const size = Math.max(1, 3 * this.#words[at]);
      let place = this.#hash(at, size);
      while (this.#places[place] >= 0) place = (place + 1) & (this.#places.length - 1);
      this.#places[place] = at;
      at += size;
    }
  }
}

function grown(words: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * words.length);
  larger.set(words);
  return larger;
}
