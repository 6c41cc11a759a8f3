import { type Memory, memoryText } from "./operands.ts";
import { type Gpr, name64 } from "./registers.ts";

/** Assembled code: what is made executable, where it is entered, and its text. */
export interface Assembled {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where each entry begins. */
  readonly entries: ReadonlyMap<string, number>;
  /** What GNU `as` makes the same bytes of; empty unless it was asked for. */
  readonly listing: string;
}

/** Where a distance to a label belongs, and from where it counts. */
interface Fixup {
  readonly place: number;
  readonly from: number;
  readonly label: string;
}

/** Entries begin on a cache line, and so do constants. */
const LINE = 64;

/** Instructions of 1 to 9 bytes that do nothing: Intel's manual, volume 2, NOP. */
const NOTHING: readonly (readonly number[])[] = [
  [0x90],
  [0x66, 0x90],
  [0x0f, 0x1f, 0x00],
  [0x0f, 0x1f, 0x40, 0x00],
  [0x0f, 0x1f, 0x44, 0x00, 0x00],
  [0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00],
  [0x0f, 0x1f, 0x80, 0x00, 0x00, 0x00, 0x00],
  [0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00],
  [0x66, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00],
];

/** Bytes with labels and constants, and what all encodings share: ModRM, SIB and displacement. */
export class Code {
  #bytes = new Uint8Array(65_536);
  #length = 0;
  #names = 0;
  readonly #labels = new Map<string, number>();
  readonly #entries = new Map<string, number>();
  readonly #fixups: Fixup[] = [];
  /** The 32-bit words of each constant, by its label. */
  readonly #constants = new Map<string, readonly number[]>();
  /** Where constants of one float32 are. */
  readonly #floats = new Map<number, Memory>();
  readonly #lines: string[] | null;

  constructor({ listing = false }: { readonly listing?: boolean } = {}) {
    this.#lines = listing ? [] : null;
  }

  /** Bytes so far. */
  get length(): number {
    return this.#length;
  }

  /** A label that no other has; `label` says where it is. */
  fresh(name: string): string {
    return `${name}_${this.#names++}`;
  }

  /** Here is this label. */
  label(name: string): void {
    if (this.#labels.has(name)) throw new TypeError(`label ${name} must be in one place`);
    this.#labels.set(name, this.#length);
    this.line(() => `${name}:`);
  }

  /** What the next instructions are for: a line of the listing, and no code. */
  note(text: string): void {
    this.line(() => `# ${text}`);
  }

  /** Here a function begins, which may be called from outside by this name. */
  entry(name: string): void {
    this.align(LINE);
    this.label(name);
    this.#entries.set(name, this.#length);
  }

  /** Goes on at a multiple of `bytes`, over instructions that do nothing. */
  align(bytes: number): void {
    for (let left = -this.#length & (bytes - 1); left > 0; ) {
      const filler = NOTHING[Math.min(left, NOTHING.length) - 1];
      this.data(...filler);
      left -= filler.length;
    }
  }

  /** The float32 nearest to a number. It lies behind the code, once. */
  constant(value: number): Memory {
    // −0 is another float than 0, and the same key.
    const known = value === 0 ? undefined : this.#floats.get(value);
    const memory = known ?? this.words([floatBits(value)]);
    if (known === undefined) this.#floats.set(value, memory);
    return memory;
  }

  /** 32-bit words behind the code, such as one for each lane. */
  words(words: readonly number[]): Memory {
    const label = `words_${words.map((word) => (word >>> 0).toString(16)).join("_")}`;
    this.#constants.set(label, words);
    return { base: label, index: null, scale: 1, displacement: 0 };
  }

  /** Ends the code. Throws a TypeError if a label that is jumped to is nowhere. */
  finish(): Assembled {
    for (const [label, words] of [...this.#constants].sort((a, b) => b[1].length - a[1].length)) {
      this.align(Math.min(LINE, 4 * 2 ** Math.ceil(Math.log2(words.length))));
      this.label(label);
      for (const word of words) {
        this.line(() => `.long 0x${(word >>> 0).toString(16)}`);
        this.word(word);
      }
    }
    const bytes = this.#bytes.slice(0, this.#length);
    const view = new DataView(bytes.buffer);
    for (const { place, from, label } of this.#fixups) {
      const target = this.#labels.get(label);
      if (target === undefined) throw new TypeError(`label ${label} must be somewhere`);
      view.setInt32(place, target - from, true);
    }
    const listing = [".intel_syntax noprefix", ".text", ...(this.#lines ?? []), ""].join("\n");
    return { bytes, entries: this.#entries, listing: this.#lines === null ? "" : listing };
  }

  /** Adds a line to the listing, which is made only if it was asked for. */
  protected line(text: () => string): void {
    this.#lines?.push(text());
  }

  /** Bytes that are no instruction of ours. */
  protected data(...bytes: readonly number[]): void {
    this.line(() => `.byte ${bytes.join(", ")}`);
    this.bytes(...bytes);
  }

  protected bytes(...bytes: readonly number[]): void {
    for (const byte of bytes) this.byte(byte);
  }

  protected byte(byte: number): void {
    if (this.#length === this.#bytes.length) this.#grow();
    this.#bytes[this.#length++] = byte;
  }

  /** A 32-bit word. */
  protected word(word: number): void {
    this.byte(word & 255);
    this.byte((word >> 8) & 255);
    this.byte((word >> 16) & 255);
    this.byte((word >> 24) & 255);
  }

  /** The distance from the end of an instruction, `after` bytes behind these four, to `beyond` bytes after a label. */
  protected distance(label: string, after = 0, beyond = 0): void {
    this.#fixups.push({ place: this.#length, from: this.#length + 4 + after - beyond, label });
    this.word(0);
  }

  /**
   * ModRM, and SIB and displacement if the operand is in memory. `unit` is what a displacement of one byte
   * counts in, `after` how many bytes of the instruction follow.
   */
  protected operand(register: number, operand: number | Memory, unit = 1, after = 0): void {
    const middle = (register & 7) << 3;
    if (typeof operand === "number") {
      this.byte(0xc0 | middle | (operand & 7));
      return;
    }
    const { base, index, scale, displacement } = operand;
    if (typeof base === "string") {
      this.byte(middle | 5);
      this.distance(base, after, displacement);
      return;
    }
    const short = displacement / unit;
    const isShort = Number.isInteger(short) && short >= -128 && short <= 127;
    // Without a displacement the numbers of rbp and r13 mean something else.
    const mode = displacement === 0 && (base & 7) !== 5 ? 0 : isShort ? 1 : 2;
    // The number of rsp and r12 as a base says that there is a SIB.
    if (index === null && (base & 7) !== 4) this.byte((mode << 6) | middle | (base & 7));
    else {
      this.byte((mode << 6) | middle | 4);
      this.byte((Math.log2(scale) << 6) | (((index ?? 4) & 7) << 3) | (base & 7));
    }
    if (mode === 1) this.byte(short & 255);
    else if (mode === 2) this.word(displacement);
  }

  #grow(): void {
    const larger = new Uint8Array(2 * this.#bytes.length);
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

/** The bits of the float32 nearest to a number. */
export function floatBits(value: number): number {
  return new Uint32Array(Float32Array.of(value).buffer)[0];
}

/** The fourth bit of a register's number, which lies outside of ModRM and SIB; 0 if there is no register. */
export function highBit(register: number | string | null): number {
  return typeof register === "number" ? (register >> 3) & 1 : 0;
}

/** An operand of 64 bits in a listing. */
export function quadText(operand: Gpr | Memory): string {
  return typeof operand === "number" ? name64(operand) : `qword ptr ${memoryText(operand)}`;
}
