import { CLOSES_ROWS, EMPTY_STATE, FINAL, FULL, OPENS_ROWS, type Schedule, TASK_WORDS } from "./schedule.ts";

/** Rows or keys `start, start + step, …`, `count` of them. */
export interface Steps {
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

/** The bits of one tile while they are being set. */
export interface TileBits {
  readonly words: Uint32Array;
  readonly wordsPerRow: number;
}

/** Collects tasks into flat arrays. */
export class ScheduleWriter {
  #tasks = new Int32Array(64 * TASK_WORDS);
  #words = 0;
  #masks = new Uint32Array(1024);
  #maskWords = 0;
  /** Where masks of each hash begin, so that identical ones are stored once. */
  readonly #masksByHash = new Map<number, number[]>();
  #openFlags = 0;
  #closeFlags = 0;
  #executedPairs = 0;
  #keysRead = 0;
  #rowsVisited = 0;

  beginPass(pass: number, passes: number): void {
    this.#openFlags = OPENS_ROWS | (pass === 0 ? EMPTY_STATE : 0);
    this.#closeFlags = CLOSES_ROWS | (pass === passes - 1 ? FINAL : 0);
  }

  /** One group of rows: `addTasks` adds what they attend in this pass. */
  rows(queries: Steps, addTasks: (add: (keys: Steps, bits: TileBits | null) => void) => void): void {
    const first = this.#words;
    addTasks((keys, bits) => this.#add(queries, keys, bits));
    if (this.#words === first) this.#add(queries, { start: 0, step: 1, count: 0 }, null);
    this.#tasks[first + 7] |= this.#openFlags;
    this.#tasks[this.#words - TASK_WORDS + 7] |= this.#closeFlags;
    this.#rowsVisited += queries.count;
  }

  finish(passes: number): Schedule {
    return {
      tasks: this.#tasks.slice(0, this.#words),
      masks: this.#masks.slice(0, this.#maskWords),
      passes,
      executedPairs: this.#executedPairs,
      keysRead: this.#keysRead,
      rowsVisited: this.#rowsVisited,
    };
  }

  #add(queries: Steps, keys: Steps, bits: TileBits | null): void {
    if (this.#words + TASK_WORDS > this.#tasks.length) {
      const larger = new Int32Array(this.#tasks.length * 2);
      larger.set(this.#tasks);
      this.#tasks = larger;
    }
    const mask = bits === null ? FULL : this.#store(bits.words);
    this.#tasks.set(
      [queries.start, queries.step, queries.count, keys.start, keys.step, keys.count, mask, 0],
      this.#words,
    );
    this.#words += TASK_WORDS;
    this.#executedPairs += queries.count * keys.count;
    this.#keysRead += keys.count;
  }

  #store(words: Uint32Array): number {
    let hash = words.length;
    for (const word of words) hash = Math.imul(hash ^ word, 0x01000193) + (hash >>> 15);
    const known = this.#masksByHash.get(hash) ?? [];
    for (const at of known) {
      if (
        at + words.length <= this.#maskWords &&
        words.every((word, index) => this.#masks[at + index] === word)
      ) {
        return at;
      }
    }
    while (this.#maskWords + words.length > this.#masks.length) {
      const larger = new Uint32Array(this.#masks.length * 2);
      larger.set(this.#masks);
      this.#masks = larger;
    }
    const at = this.#maskWords;
    this.#masks.set(words, at);
    this.#maskWords += words.length;
    this.#masksByHash.set(hash, [...known, at]);
    return at;
  }
}
