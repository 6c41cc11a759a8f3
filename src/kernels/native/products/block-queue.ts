import { type Assembler, at, number, r12, r13, r14, rax, rdi } from "../assembler/index.ts";
import type { Ffi } from "../call/ffi.ts";
import { addressOf, MemoryPlan } from "../call/memory.ts";
import type { Program } from "../call/program.ts";
import { forEachItem, functionOf, QUEUE } from "../code/frame.ts";
import { type Crew, openCrew } from "../threads/crew.ts";

/** A place in an array, and how many floats from there on may be read or written. */
export interface Place {
  readonly array: Float32Array;
  readonly from: number;
  readonly count: number;
}

/** A word of a block: a number, or the address of a place, or what is asked anew before each run. */
export type Word = bigint | Place | (() => bigint);

/** Blocks that are done one after another by one thread. */
export type Sequence = readonly (readonly Word[])[];

const WORD = 8;
/** Behind the queue's own words: where items are. */
const ITEMS = 16;
const HEADER_BYTES = 64;
/** An item is a sequence: the address of its first block, and how many there are. */
const ITEM = { block: 0, blocks: 8 } as const;
const ITEM_BYTES = 16;

/** A function that does every block of every sequence in a queue, whose address it is given. `body` does that in r12. */
export function eachBlock(a: Assembler, entry: string, blockBytes: number, body: () => void): void {
  functionOf(a, entry, () => {
    a.mov(r14, rdi);
    forEachItem(
      a,
      () => r14,
      () => {
        a.imulImmediate(rax, rax, ITEM_BYTES);
        a.add(rax, at(r14, ITEMS));
        a.mov(r12, at(rax, ITEM.block));
        a.mov(r13, at(rax, ITEM.blocks));
        const next = a.fresh("next_block");
        a.label(next);
        body();
        a.add(r12, number(blockBytes));
        a.sub(r13, number(1));
        a.jumpIf("ne", next);
      },
    );
  });
}

/** Sequences of blocks for one entry of a program, which threads share. */
export class BlockQueue {
  readonly bytes: number;
  readonly #ffi: Ffi;
  readonly #crew: Crew;
  readonly #queue: BigInt64Array;
  readonly #lanes: readonly bigint[];
  readonly #blocks: BigInt64Array;
  readonly #items: number;
  /** Arrays with the floats of each that are needed, and the words that are addresses in it. */
  readonly #arrays: readonly Needed[];
  readonly #asked: ReadonlyArray<{ readonly word: number; readonly ask: () => bigint }>;

  constructor(
    { program, entry, blockBytes }: QueueOf,
    sequences: readonly Sequence[],
    { ffi, threads }: { readonly ffi: Ffi; readonly threads: number },
  ) {
    const filled = sequences.filter((sequence) => sequence.length > 0);
    const plan = new MemoryPlan();
    const header = plan.reserve(HEADER_BYTES);
    const itemsAt = plan.reserve(filled.length * ITEM_BYTES);
    const blocksAt = plan.reserve(filled.flat().length * blockBytes);
    plan.make(ffi);
    this.bytes = plan.bytes;
    this.#ffi = ffi;
    this.#items = filled.length;
    this.#queue = header().words;
    this.#queue[ITEMS / WORD] = itemsAt().address;
    const { words: items } = itemsAt();
    const { words: blocks, address } = blocksAt();
    this.#blocks = blocks;
    const arrays = new Map<Float32Array, Needed>();
    const asked: { word: number; ask: () => bigint }[] = [];
    let block = 0;
    for (const [item, sequence] of filled.entries()) {
      items[(item * ITEM_BYTES + ITEM.block) / WORD] = address + BigInt(block * blockBytes);
      items[(item * ITEM_BYTES + ITEM.blocks) / WORD] = BigInt(sequence.length);
      for (const words of sequence) {
        const first = (block++ * blockBytes) / WORD;
        for (const [at, word] of words.entries()) {
          if (typeof word === "bigint") blocks[first + at] = word;
          else if (typeof word === "function") asked.push({ word: first + at, ask: word });
          else neededOf(arrays, word).words.push([first + at, word.from]);
        }
      }
    }
    this.#arrays = [...arrays.values()];
    this.#asked = asked;
    this.#crew = openCrew(program, entry, threads);
    this.#lanes = Array.from({ length: threads }, () => header().address);
  }

  /** Does all blocks. Throws if an array no longer has what is needed of it. */
  run(): void {
    for (const needed of this.#arrays) this.#point(needed);
    for (const { word, ask } of this.#asked) this.#blocks[word] = ask();
    this.#queue[QUEUE.next / WORD] = 0n;
    this.#queue[QUEUE.end / WORD] = BigInt(this.#items);
    this.#crew.run(this.#lanes);
  }

  close(): void {
    this.#crew.close();
  }

  /** Writes the addresses in an array, if it is elsewhere than it was. */
  #point(needed: Needed): void {
    const start = addressOf(this.#ffi, needed.array, 0, needed.floats);
    if (start === needed.start) return;
    needed.start = start;
    for (const [word, from] of needed.words) {
      this.#blocks[word] = start + BigInt(from * Float32Array.BYTES_PER_ELEMENT);
    }
  }
}

/** Which code does the blocks of a queue. */
export interface QueueOf {
  readonly program: Program;
  readonly entry: string;
  readonly blockBytes: number;
}

interface Needed {
  readonly array: Float32Array;
  floats: number;
  start: bigint | undefined;
  readonly words: (readonly [word: number, from: number])[];
}

function neededOf(arrays: Map<Float32Array, Needed>, { array, from, count }: Place): Needed {
  if (!(Number.isSafeInteger(from) && Number.isSafeInteger(count) && Math.min(from, count) >= 0)) {
    throw new RangeError(`a place must be a range of floats, got ${count} from ${from}`);
  }
  const needed = arrays.get(array) ?? { array, floats: 0, start: undefined, words: [] };
  needed.floats = Math.max(needed.floats, from + count);
  arrays.set(array, needed);
  return needed;
}
