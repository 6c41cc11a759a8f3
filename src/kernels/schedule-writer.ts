import {
  CLOSES_ROWS,
  EMPTY_STATE,
  FINAL,
  FULL,
  HAS_HOLES,
  OPENS_ROWS,
  type Schedule,
  TASK_WORDS,
} from "./schedule.ts";
import { TileMask } from "./tile-mask.ts";

/** Rows or keys: `count` entries of a list of tokens, from `first` on. */
export interface Entries {
  readonly first: number;
  readonly list: number;
  readonly count: number;
}

/** Where a mask is, in words, and whether bits follow its spans. */
export interface StoredMask {
  readonly at: number;
  readonly hasHoles: boolean;
}

/** Tasks `from … to`, in words. */
export interface TaskRange {
  readonly from: number;
  readonly to: number;
}

/** Collects tasks into flat arrays. */
export class ScheduleWriter {
  /** Filled in by those that write tasks. */
  readonly mask = new TileMask();
  #tasks = new Int32Array(64 * TASK_WORDS);
  #words = 0;
  #tokens = new Int32Array(64);
  #listed = 0;
  #masks = new Uint32Array(1024);
  #maskWords = 0;
  /** Where masks of each hash begin, so that identical ones are stored once. */
  readonly #masksByHash = new Map<number, number[]>();
  readonly #passStarts: number[] = [];
  #openFlags = 0;
  #closeFlags = 0;

  beginPass(pass: number, passes: number): void {
    this.#passStarts.push(this.#words);
    this.#openFlags = OPENS_ROWS | (pass === 0 ? EMPTY_STATE : 0);
    this.#closeFlags = CLOSES_ROWS | (pass === passes - 1 ? FINAL : 0);
  }

  /** Adds a list of tokens. */
  list(tokens: ArrayLike<number>): number {
    const list = this.#listed + 1;
    if (list + tokens.length > this.#tokens.length) {
      const larger = new Int32Array(2 * (list + tokens.length));
      larger.set(this.#tokens);
      this.#tokens = larger;
    }
    this.#tokens[list - 1] = tokens.length;
    this.#tokens.set(tokens, list);
    this.#listed = list + tokens.length;
    return list;
  }

  /** One group of rows: `addTasks` adds what they attend in this pass. */
  rows(
    queries: Entries,
    keyList: number,
    addTasks: (add: (keys: Entries, mask: StoredMask | null) => void) => void,
  ): void {
    const first = this.#words;
    addTasks((keys, mask) => this.#add(queries, keys, mask));
    if (this.#words === first) this.#add(queries, { first: 0, list: keyList, count: 0 }, null);
    this.#tasks[first + 7] |= this.#openFlags;
    this.#tasks[this.#words - TASK_WORDS + 7] |= this.#closeFlags;
  }

  /** Where the next task will be, in words. */
  get end(): number {
    return this.#words;
  }

  /** Writes tasks again, for lists that begin `by` places further. */
  repeat({ from, to }: TaskRange, by: number): void {
    const start = this.#words;
    this.#makeRoom(to - from);
    this.#tasks.copyWithin(start, from, to);
    this.#words += to - from;
    for (let task = start; task < this.#words; task += TASK_WORDS) {
      this.#tasks[task + 1] += by;
      this.#tasks[task + 4] += by;
    }
  }

  finish(passes: number, hasNaturalPass: boolean): Schedule {
    return {
      tasks: this.#tasks.slice(0, this.#words),
      tokens: this.#tokens.slice(0, this.#listed),
      masks: this.#masks.slice(0, this.#maskWords),
      passes,
      passStarts: this.#passStarts,
      hasNaturalPass,
    };
  }

  #add(queries: Entries, keys: Entries, mask: StoredMask | null): void {
    this.#makeRoom(TASK_WORDS);
    const tasks = this.#tasks;
    const at = this.#words;
    tasks[at] = queries.first;
    tasks[at + 1] = queries.list;
    tasks[at + 2] = queries.count;
    tasks[at + 3] = keys.first;
    tasks[at + 4] = keys.list;
    tasks[at + 5] = keys.count;
    tasks[at + 6] = mask?.at ?? FULL;
    tasks[at + 7] = mask?.hasHoles ? HAS_HOLES : 0;
    this.#words += TASK_WORDS;
  }

  #makeRoom(words: number): void {
    if (this.#words + words <= this.#tasks.length) return;
    const larger = new Int32Array(2 * (this.#words + words));
    larger.set(this.#tasks);
    this.#tasks = larger;
  }

  /** Keeps a mask, unless an identical one is kept. */
  store({ words, count, hasHoles }: TileMask): StoredMask {
    return { at: this.#place(words, count), hasHoles };
  }

  /** Where in the masks the first `count` of these words are; they are added if no mask has them. */
  #place(words: Uint32Array, count: number): number {
    let hash = count;
    for (let word = 0; word < count; word++) hash = Math.imul(hash ^ words[word], 0x01000193) + (hash >>> 15);
    const known = this.#masksByHash.get(hash);
    const same = known?.find((at) => this.#holds(at, words, count));
    if (same !== undefined) return same;
    while (this.#maskWords + count > this.#masks.length) {
      const larger = new Uint32Array(this.#masks.length * 2);
      larger.set(this.#masks);
      this.#masks = larger;
    }
    const at = this.#maskWords;
    this.#masks.set(words.subarray(0, count), at);
    this.#maskWords += count;
    if (known === undefined) this.#masksByHash.set(hash, [at]);
    else known.push(at);
    return at;
  }

  #holds(at: number, words: Uint32Array, count: number): boolean {
    if (at + count > this.#maskWords) return false;
    for (let word = 0; word < count; word++) if (this.#masks[at + word] !== words[word]) return false;
    return true;
  }
}
